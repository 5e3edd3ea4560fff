import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { splitScript } from "../resources/split-line.ts";
import { buildScript } from "../testing/build-mechtron.ts";
import { curl } from "../testing/curl.ts";
import { type } from "../testing/memory-terminal.ts";
import { type RunEvent, type Running, startEvents } from "../testing/orrery.ts";

const MIB = 1024 * 1024;
/** Much more than the platform may hold of it. */
const ANSWER_BYTES = 400 * MIB;
/** What the memory of the platform may grow by meanwhile: garbage included. */
const GROWN_BYTES_MAX = 200 * MIB;

const STORE = `
import { bytes, defineComponent, defineService, json } from "@orrery/core";
const Store = defineService("test.store", {
  load: { mode: "stream", request: json<{ pieces: number }>(), reply: bytes },
  size: { request: json<{ text: string }>(), reply: json<{ letters: number }>() },
});
const PIECE = new Uint8Array(${64 * 1024}).fill(7);
export default defineComponent(Store, () => ({
  async *load({ pieces }) {
    for (let piece = 0; piece < pieces; piece++) yield PIECE;
  },
  size: ({ text }) => ({ letters: text.length }),
}));
`;
const MECHTRON = `
import { defineMechtron } from "@orrery/guest";
export default defineMechtron({
  async http({ method, body }) {
    return { body: method === "GET" ? "here" : String(body.length) };
  },
});
`;
const APP = `components: { store: { path: store.ts, instances: 2 } }
mechtrons:
  keeper: { path: keeper.js }
routes:
  - { path: /load, service: test.store/load }
  - { path: /size, service: test.store/size, body: 32MiB }
  - { path: /keep, mechtron: keeper }
`;

const cwd = mkdtempSync(join(tmpdir(), "orrery-large-"));
chmodSync(cwd, 0o755);
let up: Running;
let ready: RunEvent & { readonly web: string };
before(async () => {
  up = startEvents(["up", "--port=0", "--http=0", "--web-port=0", "--database=pglite"], { cwd });
  ready = (await up.next("ready")) as typeof ready;
  mkdirSync(join(cwd, "src"));
  writeFileSync(join(cwd, "src/store.ts"), STORE);
  writeFileSync(join(cwd, "src/orrery.yaml"), APP);
  await buildScript(join(cwd, "src/keeper.js"), MECHTRON);
  await done("create demo.test<Space>");
  await done("publish src demo.test:app-src:1.0.0");
  await done("create 'demo.test:app<App>{ +config=demo.test:app-src:1.0.0:/orrery.yaml }'");
  await done("auth grant x on 'demo.test:app' to anyone");
  await done("auth grant x on 'demo.test:app:**' to anyone");
  for (const lastMs = performance.now() + 60_000; ; ) {
    const { status } = JSON.parse(await done("get demo.test:app --output=json"));
    if (status.state === "Ready") break;
    assert.ok(performance.now() < lastMs, JSON.stringify(status));
  }
});
after(async () => {
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

/** The most memory that the platform has had. */
function peakBytes(): number {
  const status = readFileSync(`/proc/${ready.pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]) * 1024;
}

function post(path: string, type: string) {
  const headers = { host: "demo.test", "content-type": type };
  return request(`${ready.web}${path}`, { method: "POST", headers });
}

async function assertNeighbourAnswers(): Promise<void> {
  const { status, body } = await curl(`${ready.web}/keep`, "demo.test");
  assert.deepEqual([status, body], [200, "here"]);
}

/** Sends so many MiB in chunks until it is answered. */
async function upload(path: string, type: string, mib: number): Promise<{ status: number; text: string }> {
  const asking = post(path, type).on("error", () => undefined);
  const answered = once(asking, "response");
  const piece = Buffer.alloc(MIB, "x");
  for (let sent = 0; sent < mib && !asking.destroyed; sent++) {
    if (sent === 20) await assertNeighbourAnswers();
    await Promise.race([new Promise((resolve) => asking.write(piece, resolve)), answered]);
  }
  asking.end();
  const [response] = await answered;
  return { status: response.statusCode, text: Buffer.concat(await response.toArray()).toString() };
}

describe("large bodies under orrery up", { skip: process.platform !== "linux" && "only Linux tells memory" }, () => {
  it("come from a TypeScript app in pieces; the platform holds little of them, and neighbours answer", async () => {
    assert.equal(
      (await curl(`${ready.web}/load`, "demo.test", ["-d", '{"pieces":1}', "-H", "Content-Type: application/json"]))
        .status,
      200,
    );
    const before = peakBytes();
    const asking = post("/load", "application/json");
    const [response] = await once(asking.end(`{"pieces":${ANSWER_BYTES / (64 * 1024)}}`), "response");
    let bytes = 0;
    for await (const piece of response) {
      if (bytes === 0) await assertNeighbourAnswers();
      bytes += piece.length;
    }
    assert.equal(bytes, ANSWER_BYTES);
    assert.ok(peakBytes() - before < GROWN_BYTES_MAX, `from ${before} to ${peakBytes()}`);
  });

  it("are refused with 413 for a TypeScript app beyond the bound of the route, while neighbours answer", async () => {
    const { status, text } = await upload("/size", "application/json", 100);
    assert.equal(status, 413);
    assert.match(text, /The body has more than 33554432 bytes/);
  });

  it("are refused with 413 for a mechtron beyond 1 MiB, while neighbours answer", async () => {
    const before = peakBytes();
    const { status, text } = await upload("/keep", "application/octet-stream", 100);
    assert.equal(status, 413);
    assert.match(text, /The body has more than 1048576 bytes/);
    assert.ok(peakBytes() - before < GROWN_BYTES_MAX, `from ${before} to ${peakBytes()}`);
    await assertNeighbourAnswers();
  });
});
