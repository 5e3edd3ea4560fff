import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { SPIN_EXIT_CODE } from "./system-watchdog.ts";

/** Runs a program beside a watchdog of 200 ms, and gives what it printed and how it ended. */
async function ended(program: string): Promise<{ readonly code: number; readonly printed: string }> {
  const file = new URL("system-watchdog.ts", import.meta.url).href;
  const source = `
    import { startWatchdog } from ${JSON.stringify(file)};
    const dog = startWatchdog({ afterMs: 200, describe: () => 'node "back", event 7' });
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    await turn();
    dog.beat();
    ${program}`;
  const child = spawn(process.execPath, ["--conditions=source", "--input-type=module", "--eval", source]);
  const code = new Promise<number>((resolve) => child.on("close", resolve));
  const [printed, exit] = await Promise.all([text(child.stderr), code]);
  return { code: exit, printed };
}

const SPINS: Readonly<Record<string, string>> = {
  "a loop": "function spinner() { for (;;); } spinner();",
  "a chain of awaits": "async function spinner() { for (;;) await undefined; } await spinner();",
  "a chain of nextTicks": "function spinner() { process.nextTick(spinner); } spinner();",
  "a chain of promises inside an event":
    "function spinner() { Promise.resolve().then(spinner); } setImmediate(() => { spinner(); process._tickCallback(); });",
};

for (const [what, program] of Object.entries(SPINS)) {
  test(`startWatchdog ends the process in ${what} without end, and says where`, async () => {
    const { code, printed } = await ended(program);
    assert.equal(code, SPIN_EXIT_CODE, printed);
    assert.match(
      printed,
      /^Cannot run on: node "back", event 7 has not ended for 200 ms, look for a loop without an end at$/m,
    );
    assert.match(printed, /^ {4}at .*(?:spinner|nextTick)/m);
  });
}

test("startWatchdog leaves alone what goes on, what rests, and what is over", async () => {
  const { code, printed } = await ended(`
    const until = (ms) => performance.now() + ms;
    for (const end = until(500); performance.now() < end; dog.beat()) await turn();
    dog.rest();
    for (const end = until(500); performance.now() < end;);
    dog.beat();
    dog[Symbol.dispose]();
    for (const end = until(500); performance.now() < end;);
    process.exitCode = 3;`);
  assert.deepEqual({ code, printed }, { code: 3, printed: "" });
});

test("startWatchdog keeps no process alive", async () => {
  const { code, printed } = await ended("dog.rest();");
  assert.deepEqual({ code, printed }, { code: 0, printed: "" });
});
