import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { splitScript } from "../resources/split-line.ts";
import { type Typed, type } from "../testing/memory-terminal.ts";
import { type RunEvent, type Running, startEvents } from "../testing/orrery.ts";

const cwd = mkdtempSync(join(tmpdir(), "orrery-app-services-"));
const PAGE = readFileSync(new URL("../../../../docs/guide/apps.md", import.meta.url), "utf8");

/** The block of the guide that begins with the name of a file. */
function shown(file: string): string {
  const block = new RegExp(`^\`\`\`\\w+\\n(?:#|//) ${file}\\n(.*?)^\`\`\`$`, "ms");
  const blocks = PAGE.slice(PAGE.indexOf("## Config, store and events"));
  return block.exec(blocks)?.[1] ?? assert.fail(`the guide shows no ${file}`);
}

let up: Running;
let ready: RunEvent;
before(async () => {
  mkdirSync(join(cwd, "counter"));
  for (const file of ["orrery.yaml", "counter.ts"]) writeFileSync(join(cwd, "counter", file), shown(file));
  up = startEvents(["up", "--port=0", "--http=0", "--web-port=0", "--database=pglite"], { cwd });
  ready = await up.next("ready");
});
after(async () => {
  up?.child.kill("SIGTERM");
  await up?.ended;
  rmSync(cwd, { recursive: true, force: true });
});

async function typed(line: string): Promise<Typed> {
  const words = splitScript(line)[0]?.words ?? [];
  return await type(words, { cwd, env: { ORRERY_SERVER: String(ready["address"]), HOME: cwd } });
}

async function done(line: string): Promise<string> {
  const { exit, out, err } = await typed(line);
  assert.equal(exit, 0, `${line}: ${err}`);
  return out;
}

describe("a component of an app under orrery up", () => {
  it("reads config and writes to the store of its Space as the guide shows it, with the rights of its app alone", async () => {
    await done("create demo.test<Space>");
    await done("create other.test<Space>");
    await done("run counter --space=demo.test --wait");
    const greet = `send demo.test:counter demo.counter/greet '{"name":"ann"}'`;
    const refused = await typed(greet);
    assert.equal(refused.exit, 3);
    assert.match(refused.err, /no rule lets demo\.test:counter read demo\.test:\[config\]:counter/);
    const block = /```sh\n(orrery config set greeting.*?)```/s.exec(PAGE)?.[1] ?? "";
    for (const line of block.trim().split("\n")) await done(line.replace(/^orrery /, ""));
    assert.deepEqual(JSON.parse(await done(greet)), { text: "Hello, ann, the visit 1" });
    assert.equal(await done("store get ann --table=visitors --space=demo.test"), "here");
    assert.equal((await typed("store get ann --table=visitors --space=other.test --agent=demo.test:counter")).exit, 3);
  });
});
