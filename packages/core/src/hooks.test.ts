import assert from "node:assert/strict";
import { test } from "node:test";
import { createHooks } from "./hooks.ts";
import { OrreryError } from "./orrery-error.ts";
import { createTestClock } from "./testing/test-clock.ts";

function make() {
  const clock = createTestClock();
  return { clock, hooks: createHooks({ clock, timeoutMs: 10_000, name: "shop.0-x", waitsFor: () => [] }) };
}

test("createHooks runs each hook once, and what was not named not at all", async () => {
  const { hooks, clock } = make();
  const ran: string[] = [];
  hooks.set("start", () => void ran.push("start"));
  hooks.set("stop", async () => void ran.push("stop"));
  await hooks.run("start");
  await hooks.run("start");
  await hooks.run("ready");
  await hooks.run("stop");
  assert.deepEqual(ran, ["start", "stop"]);
  assert.equal(clock.timers, 0);
});

test("createHooks hands the crash to its hook", async () => {
  const { hooks } = make();
  const cause = new Error("boom");
  const told: unknown[] = [];
  hooks.set("crash", (info) => void told.push(info));
  await hooks.run("crash", { cause, crashes: 2 });
  assert.deepEqual(told, [{ cause, crashes: 2 }]);
});

test("createHooks rejects with what a hook throws, at once or later", async () => {
  const { hooks } = make();
  hooks.set("start", () => {
    throw new Error("at once");
  });
  hooks.set("ready", async () => {
    throw new Error("later");
  });
  await assert.rejects(hooks.run("start"), new Error("at once"));
  await assert.rejects(hooks.run("ready"), new Error("later"));
});

test("createHooks gives a hook up that takes too long, and swallows what it throws afterwards", async () => {
  const { hooks, clock } = make();
  let reject: ((error: Error) => void) | undefined;
  hooks.set(
    "drain",
    () =>
      new Promise((_, no) => {
        reject = no;
      }),
  );
  const text = 'Cannot go on with "shop.0-x": its drain hook took longer than 10000 ms';
  const refused = assert.rejects(hooks.run("drain"), new OrreryError("deadline_exceeded", text));
  await clock.advance(10_000);
  await refused;
  reject?.(new Error("too late"));
  await clock.advance(1);
});

test("createHooks refuses a second hook for one moment", () => {
  const { hooks } = make();
  hooks.set("start", () => undefined);
  const text = 'Cannot set the start hook of "shop.0-x": it has one, call the two from one function';
  assert.throws(() => hooks.set("start", () => undefined), new OrreryError("invalid_argument", text));
});

test("createHooks refuses a hook for a moment that has passed", async () => {
  const { hooks } = make();
  await hooks.run("start");
  const text = 'Cannot set the start hook of "shop.0-x": it is too late, set it in the factory';
  assert.throws(() => hooks.set("start", () => undefined), new OrreryError("invalid_argument", text));
});
