import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launchClock } from "@orrery/mesh/clock";
import { installPackages } from "../testing/host-folder.ts";
import { APPS, type } from "../testing/memory-terminal.ts";
import { orrery, startRun } from "../testing/orrery.ts";
import { readMoment, readTimestamp } from "./read-moment.ts";

const root = mkdtempSync(join(tmpdir(), "orrery-clock-"));
after(() => rmSync(root, { recursive: true }));

const SCENARIO = fileURLToPath(new URL("../../../mesh/src/testing/shop-scenario.ts", import.meta.url));

function project(): string {
  const cwd = mkdtempSync(join(root, "project-"));
  writeFileSync(join(cwd, "package.json"), '{"type":"module"}');
  return cwd;
}

interface Stand {
  readonly state: string;
  readonly elapsedMs: number;
  readonly nextMs?: number;
  readonly events: number;
  readonly windows: number;
  readonly matched: string;
  readonly hash: string;
}

test("orrery clock moves a run by hand as the API does, to the same end", async () => {
  const cwd = project();
  const app = startRun([SCENARIO, "--clock", "--paused", "--seed=7"], { cwd });
  await app.next("ready");
  const clock = async (...words: string[]) => {
    const { exit, out, err } = await type(["clock", ...words, "--output=json"], { cwd });
    assert.deepEqual([exit, err], [0, ""], words.join(" "));
    const { state, elapsedMs, nextMs, events, windows, matched } = JSON.parse(out) as Stand;
    return { state, elapsedMs, nextMs, events, windows, matched };
  };
  const typed = [
    await clock("step"),
    await clock("tick", "5"),
    await clock("until", "100ms"),
    await clock("inject", "slow", "shop", "3", "ms"),
    await clock("until", "fault", "crash stock"),
    await clock("at", "2030-01-01T00:00:00Z"),
  ];
  const { out } = await type(["clock", "stop", "--output=json"], { cwd });
  const { exit } = await app.ended;

  const { coordinator, ...own } = await launchApi();
  const called = [
    await coordinator.step(),
    await coordinator.tick(5),
    await coordinator.run({ untilMs: 100 }),
    await coordinator.inject("slow shop 3 ms"),
    await coordinator.run({ match: ["fault", "crash stock"] }),
    await coordinator.attach(Date.UTC(2030, 0, 1)),
  ].map(({ state, elapsedMs, nextMs, events, windows, matched }) => ({
    state,
    elapsedMs,
    nextMs,
    events,
    windows,
    matched,
  }));
  assert.deepEqual(typed, called);
  assert.equal((JSON.parse(out) as Stand).hash, (await own.stop()).hash);
  assert.equal(exit, 0);
});

async function launchApi() {
  const app = await launchClock({ source: { kind: "scenario", file: SCENARIO, cwd: root }, seed: 7 });
  return { coordinator: app.coordinator, stop: () => app.stop() };
}

test("orrery run --clock gives one hash in 1, 2 and 4 processes, and tells it", async () => {
  const hashes = await Promise.all(
    [1, 2, 4].map(async (processes) => {
      const words = ["run", SCENARIO, "--clock", "--seed=3", `--processes=${processes}`];
      const { exit, out } = await orrery(words, { cwd: project() });
      assert.equal(exit, 0, out);
      return /^Hash ([0-9a-f]{16})$/m.exec(out)?.[1] ?? out;
    }),
  );
  assert.equal(new Set(hashes).size, 1, hashes.join());
});

test("orrery run --clock runs components, which are called and whose clock is held", async () => {
  const cwd = project();
  const app = startRun([join(APPS, "shop.ts"), "--clock"], { cwd });
  await app.next("ready");
  const { exit, out } = await type(["clock", "pause"], { cwd });
  assert.equal(exit, 0);
  assert.match(out, /^(paused|idle) +\d/m);
  assert.match((await type(["services"], { cwd })).out, /^orrery\.clock\.v1\.Clock /m);
  app.child.kill("SIGINT");
  assert.equal((await app.ended).exit, 0);
});

test("orrery clock and run --clock refuse what does not fit", async () => {
  const cwd = project();
  const cases: readonly (readonly [words: readonly string[], exit: number, text: RegExp])[] = [
    [["clock", "status"], 4, /nothing runs in this project/],
    [["clock", "until"], 2, /needs TIME-or-WORDS/],
    [["run", SCENARIO, "--processes=2"], 2, /--processes alone\s+it is about one clock, add --clock/],
    [["run", SCENARIO, "--clock", "--processes=many"], 2, /"many" is no whole number/],
    [["run", SCENARIO, "--clock", "--place=stock"], 2, /names no node and process, write NODE=1/],
    [["run", SCENARIO, "--clock", "--http"], 2, /--clock and --http/],
    [["run", SCENARIO, "--clock", "--processes=0"], 1, /among 0 processes/],
    [["run", "nothing.ts", "--clock"], 4, /no such file or folder/],
  ];
  for (const [words, exit, text] of cases) {
    const ended = await type(words, { cwd });
    assert.equal(ended.exit, exit, words.join(" "));
    assert.match(ended.err, text);
  }
});

test("readMoment and readTimestamp read times, and words for what they are", () => {
  assert.deepEqual(readMoment(["1.5s"], 10), { timeMs: 1500, words: [] });
  assert.deepEqual(readMoment(["+20ms"], 10), { timeMs: 30, words: [] });
  assert.deepEqual(readMoment(["20ms", "crash"], 10), { words: ["20ms", "crash"] });
  assert.equal(readTimestamp("1970-01-01T00:00:01Z"), 1000);
  assert.equal(readTimestamp("1234.5"), 1234.5);
  assert.throws(() => readTimestamp("noon"), /Cannot read time "noon": write one such as 2026-03-01T12:00:00Z/);
});

test("orrery run --clock checks what component.yaml asks for, starts nothing while it is missing, and runs its commands", async () => {
  const cwd = project();
  installPackages(cwd);
  const folder = join(cwd, "sums");
  mkdirSync(folder);
  writeFileSync(join(folder, "sums.ts"), SUMS);
  const manifest =
    "variables: { ORRERY_TEST_RATE: { type: integer } }\ncommands: { beforeStart: [before.sh], afterShutdown: [after.sh] }\n";
  writeFileSync(join(folder, "component.yaml"), `packages: false\n${manifest}`);
  for (const word of ["before", "after"])
    writeFileSync(join(folder, `${word}.sh`), `#!/bin/sh\necho ${word} >> trace\n`, { mode: 0o700 });
  const words = ["run", "sums", "--clock"];
  const missing = await orrery(words, { cwd });
  assert.equal(missing.exit, 1, missing.err);
  assert.match(missing.err, /1 thing is missing[\s\S]*ORRERY_TEST_RATE/);
  assert.equal(existsSync(join(folder, "trace")), false);
  const bad = await orrery(words, { cwd, env: { ORRERY_TEST_RATE: "fast" } });
  assert.match(bad.err, /ORRERY_TEST_RATE/);
  assert.equal(bad.exit, 1);

  const app = startRun(["sums", "--clock"], { cwd, env: { ORRERY_TEST_RATE: "3" } });
  await app.next("ready");
  assert.equal(readFileSync(join(folder, "trace"), "utf8"), "before\n");
  const { out, err } = await type(["sums", "rate", "--output=json"], { cwd });
  assert.match(out, /"rate":3/, err);
  app.child.kill("SIGINT");
  assert.equal((await app.ended).exit, 0);
  assert.equal(readFileSync(join(folder, "trace"), "utf8"), "before\nafter\n");
});

const SUMS = `import { defineComponent, defineService, json } from "@orrery/core";
const Sums = defineService("sums", { rate: { request: json<object>(), reply: json<{ rate: number }>() } });
export default defineComponent(Sums, ({ settings }) => ({ rate: () => ({ rate: Number(settings["ORRERY_TEST_RATE"]) }) }));
`;
