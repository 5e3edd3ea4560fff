import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, test } from "node:test";
import timers, * as namedTimers from "node:timers";
import { createOwner, currentOwner, runAmbient, runAs } from "./owner.ts";
import { type Capture, installCapture } from "./system-capture.ts";
import { BEGIN_MS, createSmallWorld } from "./testing/small-world.ts";

/** What every program can come by, and must get back. */
const PLACES: readonly (readonly [object, PropertyKey])[] = [
  [globalThis, "Date"],
  [globalThis, "setTimeout"],
  [globalThis, "fetch"],
  [globalThis, "WeakRef"],
  [Math, "random"],
  [Date, "now"],
  [Date.prototype, "constructor"],
  [Date.prototype, "getHours"],
  [Intl, "DateTimeFormat"],
  [Temporal.Now, "instant"],
  [AbortSignal, "timeout"],
  [process, "hrtime"],
  [process, "stdin"],
  [timers, "setInterval"],
  [fs, "readFileSync"],
  [fs.promises, "readFile"],
  [Object.getPrototypeOf(performance) as object, "now"],
  [Object.getPrototypeOf(performance) as object, "timeOrigin"],
  [Object.getPrototypeOf(globalThis.crypto) as object, "randomUUID"],
  [Object.getPrototypeOf(globalThis.crypto.subtle) as object, "digest"],
];

let capture: Capture;
before(() => {
  capture = installCapture();
});
after(() => capture.uninstall());

test("runAs makes all that a function leads to its owner's", async () => {
  const world = createSmallWorld();
  const [a, b] = [world.owner("a"), world.owner("b")];
  const seen: (string | undefined)[] = [];
  const note = () => seen.push(currentOwner()?.name);
  assert.equal(runAs(a, note), 1);
  await world.run(a, async () => {
    await null;
    note();
    runAs(b, note);
    runAmbient(note);
    queueMicrotask(note);
    process.nextTick(note);
    await new Promise<void>((resolve) => void setTimeout(() => resolve(void note()), 5));
    note();
  });
  note();
  assert.deepEqual(seen, ["a", "a", "b", undefined, "a", "a", "a", "a", undefined]);
});

test("createOwner keeps the chance and the time of nodes apart", async () => {
  const world = createSmallWorld();
  const [a, b] = [world.owner("a"), world.owner("b")];
  const alone = await createSmallWorld().run(createSmallWorld().owner("a"), () => [Math.random(), Math.random()]);
  const mixed = [runAs(a, Math.random), runAs(b, Math.random), runAs(a, Math.random)];
  assert.deepEqual([mixed[0], mixed[2]], alone);
  assert.notEqual(mixed[1], mixed[0]);
  const slow = createOwner({
    name: "late",
    clock: { ...b.clock, now: () => BEGIN_MS - 3_600_000 },
    random: b.random,
  });
  assert.equal(runAs(slow, Date.now) - runAs(a, Date.now), -3_600_000);
});

test("installCapture stays while somebody holds it, and leaves no trace", () => {
  const look = () => PLACES.map(([target, key]) => Object.getOwnPropertyDescriptor(target, key));
  const captured = look();
  const second = installCapture();
  assert.deepEqual(look(), captured);
  capture.uninstall();
  capture.uninstall();
  assert.deepEqual(look(), captured);
  const namedCaptured = namedTimers.setTimeout;
  second[Symbol.dispose]();
  const native = look();
  for (const [index, [, key]] of PLACES.entries()) {
    const { value, get } = native[index] ?? {};
    assert.notEqual(get ?? value, captured[index]?.get ?? captured[index]?.value, `${index} ${String(key)}`);
    assert.match(String(get ?? value), /native code|internal|function|class|\{/);
  }
  assert.notEqual(namedTimers.setTimeout, namedCaptured);
  assert.equal(namedTimers.setTimeout, globalThis.setTimeout);
  const between = runAs(createSmallWorld().owner("a"), () => Date.now());
  assert.ok(between > BEGIN_MS + 1000, "the machine's time, with nothing installed");
  capture = installCapture();
  assert.equal(namedTimers.setTimeout, globalThis.setTimeout);
  capture.uninstall();
  assert.deepEqual(look(), native);
  capture = installCapture();
});
