import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { splitScript } from "../resources/split-line.ts";
import { buildModule, buildScript } from "../testing/build-mechtron.ts";
import { type } from "../testing/memory-terminal.ts";
import { type RunEvent, type Running, startEvents } from "../testing/orrery.ts";
import { waitUntil } from "../testing/wait-until.ts";

/** In TypeScript: spins at /wrong, and answers everywhere else. */
const SCRIPT = `
import { defineMechtron } from "@orrery/guest";
export default defineMechtron({
  http({ path }) {
    while (path.endsWith("/wrong"));
    return { body: "well" };
  },
});
`;

/** In AssemblyScript: goes wrong at /wrong, and answers everywhere else. */
const MODULE = (wrong: string) => `
import { Reply, Request, serve } from "@orrery/guest/assembly";
export { orrery_abi, orrery_alloc, orrery_free } from "@orrery/guest/assembly";
const kept: Uint8Array[] = [];
function hoard(): i32 {
  while (kept.length >= 0) kept.push(new Uint8Array(1000000));
  return kept.length;
}
function dive(depth: i32): i32 { return dive(depth + 1) + depth; }
export function orrery_handle(pointer: usize, length: i32): u64 {
  return serve(pointer, length, (request: Request): Reply => {
    if (request.path.endsWith("/wrong") && ${wrong} == 7) unreachable();
    return Reply.of(Uint8Array.wrap(String.UTF8.encode("well")));
  });
}
`;
const HARMS = {
  spinner: { code: SCRIPT, status: 504, reason: /it was stopped after/ },
  hoarder: { code: MODULE("hoard()"), status: 502, reason: /unreachable|memory/ },
  diver: { code: MODULE("dive(1)"), status: 502, reason: /it used up its stack/ },
} as const;
const pathOf = (name: string) => `${name}.${name === "quiet" || name === "spinner" ? "js" : "wasm"}`;

const APP = `timeout: 5s
mechtrons:
  quiet: quiet.js
${Object.keys(HARMS)
  .map((name) => `  ${name}: { path: ${pathOf(name)}, memory: 32MiB, cpu: 500ms }`)
  .join("\n")}
routes:
  - { path: "/quiet/{rest*}", mechtron: quiet, timeout: 1m }
${Object.keys(HARMS)
  .map((name) => `  - { path: "/${name}/{rest*}", mechtron: ${name} }`)
  .join("\n")}
`;

const cwd = mkdtempSync(join(tmpdir(), "orrery-isolation-"));
chmodSync(cwd, 0o755);
const agent = new Agent({ keepAlive: true });
let up: Running;
let ready: RunEvent & { readonly web: string };
before(async () => {
  up = startEvents(["up", "--port=0", "--http=0", "--web-port=0", "--database=pglite"], { cwd });
  ready = (await up.next("ready")) as typeof ready;
  const src = join(cwd, "src");
  mkdirSync(src);
  await buildScript(join(src, pathOf("quiet")), SCRIPT);
  for (const [name, { code }] of Object.entries(HARMS))
    await (name === "spinner" ? buildScript : buildModule)(join(src, pathOf(name)), code);
  writeFileSync(join(src, "orrery.yaml"), APP);
  await done("create demo.test<Space>");
  await done("auth grant execute on 'demo.test:app:**' to anyone");
  await done("publish src demo.test:app-src:1.0.0");
  await done("create 'demo.test:app<App>{ +config=demo.test:app-src:1.0.0:/orrery.yaml }'");
  await waitUntil(async () => (await shown("demo.test:app")).status.state === "Ready");
});
after(async () => {
  agent.destroy();
  up?.child.kill("SIGTERM");
  await up?.ended;
  rmSync(cwd, { recursive: true, force: true });
});

async function done(line: string): Promise<string> {
  const words = splitScript(line)[0]?.words ?? [];
  const { exit, out, err } = await type(words, { cwd, env: { ORRERY_SERVER: ready.address, HOME: cwd } });
  assert.equal(exit, 0, `${line}: ${err}`);
  return out;
}

interface Shown {
  readonly revision: number;
  readonly status: { readonly state: string; readonly reason?: string };
}

const shown = async (address: string) => JSON.parse(await done(`get ${address} --output=json`)) as Shown;

/** The status of an answer, and its text. */
function ask(path: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const asking = request(`${ready.web}${path}`, { headers: { host: "demo.test" }, agent }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asking.on("error", reject).end();
  });
}

describe("what one mechtron does to others, under orrery up", () => {
  for (const [name, { status, reason }] of Object.entries(HARMS))
    it(`is nothing: 20 requests to a ${name} and 200 to another end as they should, and its next is served`, async () => {
      const before = await shown(`demo.test:app:${name}`);
      const harmed = Array.from({ length: 20 }, () => ask(`/${name}/wrong`));
      const served = await Promise.all(Array.from({ length: 200 }, () => ask("/quiet/")));
      assert.deepEqual([...new Set(served.map(({ status: one, text }) => `${one} ${text}`))], ["200 well"]);
      const ends = (await Promise.all(harmed)).map((one) => one.status);
      assert.ok(ends.includes(status), String(ends));
      assert.deepEqual(
        [...new Set(ends)].filter((one) => one !== status && one !== 504),
        [],
      ); // Late is what waited for others.
      assert.deepEqual(await ask(`/${name}/`), { status: 200, text: "well" });
      const lines = await done(`watch demo.test:app:${name} --after=${before.revision} --count=2 --output=json`);
      const told = lines
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { resource: Shown }).resource.status);
      assert.deepEqual(
        told.map(({ state }) => state),
        ["Panic", "Ready"],
      );
      assert.match(told[0]?.reason ?? "", reason);
      assert.equal(up.child.exitCode, null);
    });
});
