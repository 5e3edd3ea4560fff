import assert from "node:assert/strict";
import crypto, { randomBytes, randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import timers, { setTimeout as namedSetTimeout } from "node:timers";
import timersPromises, { scheduler, setTimeout as waitFor } from "node:timers/promises";
import { promisify } from "node:util";
import type { Capture } from "./system-capture.ts";
import { installCapture } from "./system-capture.ts";
import { BEGIN_MS, createSmallWorld } from "./testing/small-world.ts";

let capture: Capture;
before(() => {
  capture = installCapture();
});
after(() => capture.uninstall());

const bytesOf = (view: ArrayBufferView) => Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString("hex");
const called = <T>(call: (done: (error: Error | null, value?: T) => void) => void) =>
  new Promise<T | undefined>((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value))));

/** Each tells the time in ms since the world began, at the time of its call. */
const TIMES: readonly [name: string, read: () => number][] = [
  ["Date.now()", () => Date.now() - BEGIN_MS],
  ["new Date()", () => Date.parse(new Date().toISOString()) - BEGIN_MS],
  ["Date() without new", () => Date.parse(Date()) - BEGIN_MS],
  ["new instance.constructor()", () => new (new Date(0).constructor as DateConstructor)().getTime() - BEGIN_MS],
  ["instance.constructor.now()", () => (new Date(0).constructor as DateConstructor).now() - BEGIN_MS],
  ["a subclass of Date", () => new (class extends Date {})().getTime() - BEGIN_MS],
  ["Reflect.construct(Date, [])", () => (Reflect.construct(Date, []) as Date).getTime() - BEGIN_MS],
  ["structuredClone(new Date())", () => structuredClone(new Date()).getTime() - BEGIN_MS],
  ["performance.now()", () => performance.now() - 1000],
  ["performance.timeOrigin", () => performance.timeOrigin + performance.now() - BEGIN_MS],
  [
    "performance.toJSON()",
    () => (performance.toJSON() as { timeOrigin: number }).timeOrigin + performance.now() - BEGIN_MS,
  ],
  ["performance.mark().startTime", () => performance.mark("m").startTime - 1000],
  ["performance.measure() to now", () => performance.measure("m").duration - 1000],
  ["performance.measure() with options", () => performance.measure("m", { start: 0 }).duration - 1000],
  ["process.hrtime()", () => process.hrtime()[0] * 1000 + process.hrtime()[1] / 1e6 - 1000],
  ["process.hrtime(since)", () => process.hrtime([0, 0])[0] * 1000 + process.hrtime([0, 0])[1] / 1e6 - 1000],
  ["process.hrtime.bigint()", () => Number(process.hrtime.bigint()) / 1e6 - 1000],
  ["process.uptime()", () => process.uptime() * 1000 - 1000],
  ["new Event().timeStamp", () => new Event("e").timeStamp - 1000],
  ["Intl.DateTimeFormat().format()", () => Date.parse(`${text().format()} UTC`) - BEGIN_MS],
  ["Intl.DateTimeFormat().format handed on", () => Date.parse(`${[undefined].map(text().format)[0]} UTC`) - BEGIN_MS],
  ["Intl.DateTimeFormat().formatToParts()", () => Number(secondsOf(text().formatToParts())) * 1000],
  ["Temporal.Now.instant()", () => Temporal.Now.instant().epochMilliseconds - BEGIN_MS],
  ["Temporal.Now.zonedDateTimeISO()", () => Temporal.Now.zonedDateTimeISO().epochMilliseconds - BEGIN_MS],
  ["Temporal.Now.plainDateTimeISO()", () => Date.parse(`${Temporal.Now.plainDateTimeISO()}Z`) - BEGIN_MS],
  ["Temporal.Now.plainTimeISO()", () => Date.parse(`2026-01-01T${Temporal.Now.plainTimeISO()}Z`) - BEGIN_MS],
];

const text = () => new Intl.DateTimeFormat("en-US", { dateStyle: "medium", timeStyle: "medium" });
const secondsOf = (parts: Intl.DateTimeFormatPart[]) => parts.find(({ type }) => type === "second")?.value;

for (const [name, read] of TIMES) {
  test(`installCapture lets ${name} tell the owner's time, and moves it with the world`, async () => {
    for (const _ of ["first run", "second run"]) {
      const world = createSmallWorld();
      const read3 = async () => {
        const first = read();
        await timersPromises.setTimeout(7000);
        return [first, read(), read()];
      };
      assert.deepEqual(await world.run(world.owner("back"), read3), [0, 7000, 7000]);
    }
    assert.notEqual(read(), 0); // Ambient code sees the machine's time.
  });
}

test("installCapture lets Temporal.Now.plainDateISO() tell the owner's day", async () => {
  const world = createSmallWorld();
  assert.equal(await world.run(world.owner("back"), () => String(Temporal.Now.plainDateISO())), "2026-01-01");
});

/** Each draws lots. */
const DRAWS: readonly [name: string, draw: () => unknown][] = [
  ["Math.random()", () => Math.random()],
  ["crypto.randomUUID()", () => crypto.randomUUID()],
  ["randomUUID() by a named import", () => randomUUID()],
  ["globalThis.crypto.randomUUID()", () => globalThis.crypto.randomUUID()],
  ["crypto.randomUUIDv7()", () => (crypto as unknown as { randomUUIDv7: () => string }).randomUUIDv7()],
  ["crypto.randomBytes(size)", () => crypto.randomBytes(8).toString("hex")],
  ["randomBytes(size) by a named import", () => randomBytes(8).toString("hex")],
  ["crypto.randomBytes(size, callback)", async () => String(await called((done) => crypto.randomBytes(8, done)))],
  ["promisify(crypto.randomBytes)", async () => (await promisify(crypto.randomBytes)(8)).toString("hex")],
  ["crypto.randomInt(max)", () => crypto.randomInt(1_000_000_000)],
  ["crypto.randomInt(min, max)", () => crypto.randomInt(5, 1_000_000_000)],
  ["crypto.randomInt(max, callback)", () => called<number>((done) => crypto.randomInt(1_000_000_000, done))],
  ["crypto.randomFillSync()", () => bytesOf(crypto.randomFillSync(new Uint32Array(4), 1, 2))],
  [
    "crypto.randomFill()",
    async () => bytesOf((await called((done) => crypto.randomFill(new Uint8Array(9), done))) as Uint8Array),
  ],
  ["crypto.getRandomValues()", () => bytesOf(crypto.getRandomValues(new Uint8Array(8)))],
  ["crypto.webcrypto.getRandomValues()", () => bytesOf(crypto.webcrypto.getRandomValues(new Uint16Array(8)))],
  ["globalThis.crypto.getRandomValues()", () => bytesOf(globalThis.crypto.getRandomValues(new BigUint64Array(2)))],
];

for (const [name, draw] of DRAWS) {
  test(`installCapture lets ${name} draw from the owner's seed`, async () => {
    const drawThree = (seed: number, owner: string) => {
      const world = createSmallWorld({ seed });
      return world.run(world.owner(owner), async () => [await draw(), await draw(), await draw()]);
    };
    const first = await drawThree(1, "back");
    assert.equal(new Set(first).size, 3);
    assert.deepEqual(await drawThree(1, "back"), first);
    assert.notDeepEqual(await drawThree(2, "back"), first);
    assert.notDeepEqual(await drawThree(1, "front"), first);
    assert.notDeepEqual(await draw(), await draw());
  });
}

test("installCapture keeps the form of what is drawn", async () => {
  const world = createSmallWorld();
  await world.run(world.owner("back"), () => {
    assert.match(crypto.randomUUID(), /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    assert.deepEqual(
      [...crypto.randomFillSync(new Uint8Array(6), 2, 2)].map((byte, at) => byte > 0 && (at < 2 || at > 3)),
      Array(6).fill(false),
    );
    for (let count = 0; count < 100; count++) assert.ok([5, 6].includes(crypto.randomInt(5, 7)));
    assert.throws(() => crypto.randomInt(5, 5), { code: "ERR_OUT_OF_RANGE" });
    assert.throws(() => crypto.randomBytes(-1), { code: "ERR_OUT_OF_RANGE" });
    assert.throws(() => crypto.getRandomValues(new Float32Array(1) as never), { name: "TypeMismatchError" });
    assert.ok(Buffer.isBuffer(crypto.randomBytes(3)));
  });
});

/** Each waits 5,000 ms, or as many as it says. */
const WAITS: readonly [name: string, wait: () => Promise<unknown>, ms?: number][] = [
  ["setTimeout", () => new Promise((resolve) => setTimeout(resolve, 5000))],
  ["timers.setTimeout", () => new Promise((resolve) => timers.setTimeout(resolve, 5000))],
  ["setTimeout by a named import", () => new Promise((resolve) => namedSetTimeout(resolve, 5000))],
  ["promisify(setTimeout)", () => promisify(setTimeout)(5000)],
  ["promisify(setImmediate)", () => promisify(setImmediate)("value"), 0],
  ["setImmediate", () => new Promise((resolve) => setImmediate(resolve)), 0],
  ["setTimeout of 0", () => new Promise((resolve) => setTimeout(resolve, 0)), 1],
  ["timers/promises.setTimeout", () => timersPromises.setTimeout(5000)],
  ["timers/promises.setTimeout by a named import", () => waitFor(5000)],
  ["timers/promises.setImmediate", () => timersPromises.setImmediate(), 0],
  ["scheduler.wait", () => scheduler.wait(5000)],
  ["scheduler.yield", () => scheduler.yield(), 0],
  ["AbortSignal.timeout", () => new Promise((resolve) => AbortSignal.timeout(5000).addEventListener("abort", resolve))],
];

for (const [name, wait, ms = 5000] of WAITS) {
  test(`installCapture lets ${name} wait in the owner's time`, async () => {
    const world = createSmallWorld();
    const startMs = performance.now();
    await world.run(world.owner("back"), wait);
    assert.equal(world.nowMs, ms);
    assert.ok(performance.now() - startMs < 2000);
  });
}
