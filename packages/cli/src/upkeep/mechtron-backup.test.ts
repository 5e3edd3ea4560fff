import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { buildScript } from "../testing/build-mechtron.ts";
import { curl } from "../testing/curl.ts";
import { type } from "../testing/memory-terminal.ts";
import { openTestUp, type TestUp } from "../testing/up.ts";

/** Counts in a file first, and then in what it remembers; and what it is told of the files that it watches. */
const COUNTER = `
import { defineMechtron } from "@orrery/guest";
export default defineMechtron({
  async http({ path }, { state, resources }) {
    const sum = (await state.get("sum")) ?? 0;
    if (path === "/look") return { body: { sum, told: (await state.get("told")) ?? 0 } };
    if (path === "/watch") return { body: { watched: await resources.watch("demo.test:seen:**") } };
    await resources.write("demo.test:files:/sum.txt", String(sum + 1));
    await state.set("sum", sum + 1);
    return { body: { sum: sum + 1, told: 0 } };
  },
  async changed(_change, { state }) {
    await state.set("told", ((await state.get("told")) ?? 0) + 1);
  },
});
`;
const APP = `mechtrons:
  count: { path: count.js, stateful: true }
routes:
  - { path: "/{rest*}", mechtron: count }
`;

const cwd = mkdtempSync(join(tmpdir(), "orrery-mechtron-backup-"));
let up: TestUp;
before(async () => {
  up = await openTestUp({ cwd });
  mkdirSync(join(cwd, "src"));
  writeFileSync(join(cwd, "src", "orrery.yaml"), APP);
  await buildScript(join(cwd, "src", "count.js"), COUNTER);
  await up.done("create demo.test<Space>");
  await up.done("create demo.test:files<FileSystem>");
  await up.done("create demo.test:seen<Base>");
  await up.done("publish src demo.test:app-src:1.0.0");
  await up.done("create 'demo.test:app<App>{ +config=demo.test:app-src:1.0.0:/orrery.yaml }'");
  for (const [name, on] of [
    ["makes", "files"],
    ["writes", "files:**"],
    ["sees", "seen:**"],
  ])
    await up.done(`create 'demo.test:${name}<Grant>{ +to=demo.test:app:count, +verbs=crw, +on=demo.test:${on} }'`);
  await up.done("auth grant execute on 'demo.test:app:**' to anyone");
  await isReady();
});
after(async () => {
  await up?.[Symbol.asyncDispose]();
  rmSync(cwd, { recursive: true, force: true });
});

async function isReady(): Promise<void> {
  for (const lastMs = performance.now() + 60_000; ; ) {
    const text = await up.done("get demo.test:app --output=json");
    if ((JSON.parse(text) as { status: { state: string } }).status.state === "Ready") return;
    assert.ok(performance.now() < lastMs, text);
  }
}

/** Asks the mechtron; again where it does not run yet. */
async function ask(path: string) {
  for (const lastMs = performance.now() + 60_000; ; ) {
    const { status, body } = await curl(`${up.web}${path}`, "demo.test");
    if (status === 200) return JSON.parse(body) as { readonly sum: number; readonly told: number };
    assert.ok(performance.now() < lastMs, `${status}: ${body}`);
  }
}

/** Ends the platform, throws away all that it kept, and begins another on what a backup has. */
async function comeBackFrom(file: string): Promise<void> {
  renameSync(join(cwd, "data", "secrets.key"), join(cwd, "secrets.key"));
  rmSync(join(cwd, "data"), { recursive: true });
  const words = ["restore", file, "--data=data", "--database=pglite", "--secrets-key=secrets.key"];
  const { exit, err } = await type(words, { cwd });
  assert.equal(exit, 0, err);
  up = await openTestUp({ cwd });
  await isReady();
}

it("a backup brings back what mechtrons remember, as it was when the registry was", async () => {
  await ask("/add");
  let isOver = false;
  const said: number[] = [];
  const adding = (async () => {
    while (!isOver) said.push((await ask("/add")).sum);
  })();
  const atLeast = async (count: number) => {
    while (said.length < count) await new Promise(setImmediate);
  };
  await atLeast(5);
  const before = said.at(-1) ?? 0;
  const text = await up.done("backup under-load.orrery");
  const behind = said.at(-1) ?? 0;
  await atLeast(said.length + 5);
  isOver = true;
  await adding;
  assert.match(text, /, 1 files of mechtrons\n$/);
  await up[Symbol.asyncDispose]();
  await comeBackFrom("under-load.orrery");
  const { sum } = await ask("/look");
  await up.done("cp demo.test:files:/sum.txt sum.txt");
  const inFile = Number(readFileSync(join(cwd, "sum.txt"), "utf8"));
  assert.ok(sum >= before && sum <= behind + 1, `${sum} is from ${before} to ${behind + 1}`);
  assert.ok(inFile === sum || inFile === sum + 1, `the file has ${inFile}, the mechtron remembers ${sum}`);
  assert.equal((await ask("/add")).sum, sum + 1);
});

it("a backup of a folder at rest brings back what mechtrons remember, and what they watch", async () => {
  const { sum } = await ask("/look");
  const isTold = async (least: number) => {
    for (const lastMs = performance.now() + 60_000; (await ask("/look")).told < least; )
      assert.ok(performance.now() < lastMs, `it was not told ${least} times`);
  };
  await ask("/watch");
  await up.done("create demo.test:seen:one<Base>");
  await isTold(1);
  await up[Symbol.asyncDispose]();
  const backup = () => type(["backup", "at-rest.orrery", "--data=data", "--database=pglite"], { cwd });
  const { exit, out, err } = await backup();
  assert.equal(exit, 0, err);
  assert.match(out, /, 2 files of mechtrons\n$/);
  await comeBackFrom("at-rest.orrery");
  const { told, ...kept } = await ask("/look");
  assert.deepEqual(kept, { sum });
  await up.done("create demo.test:seen:two<Base>");
  await isTold(told + 1);
});
