import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Errors, ServiceBroker } from "moleculer";
import {
  bufferTime,
  debounceTime,
  delay,
  firstValueFrom,
  interval,
  map,
  retry,
  take,
  throwError,
  timer,
  toArray,
} from "rxjs";
import { type Capture, installCapture } from "./system-capture.ts";
import { BEGIN_MS, createSmallWorld } from "./testing/small-world.ts";

let capture: Capture;
let fc: typeof import("fast-check");
before(async () => {
  capture = installCapture();
  fc = await import("fast-check"); // It keeps `Date.now` and more of its own when it is loaded.
});
after(() => capture.uninstall());

/** Runs a program of an owner, in strict mode. */
async function once<T>(seed: number, run: () => Promise<T>): Promise<{ result: T; nowMs: number }> {
  const world = createSmallWorld({ seed });
  return { result: await world.run(world.owner("back"), run), nowMs: world.nowMs };
}

/** Runs a program three times, and gives what it gave; another seed must give something else where lots are drawn. */
async function repeated<T>(run: () => Promise<T>, drawsLots: boolean): Promise<{ result: T; nowMs: number }> {
  const first = await once(1, run);
  assert.deepEqual(await once(1, run), first);
  assert.deepEqual(await once(1, run), first);
  if (drawsLots) assert.notDeepEqual(await once(2, run), first);
  return first;
}

const elapsed = () => Date.now() - BEGIN_MS;

test("installCapture holds RxJS as it is: its schedulers, and what hangs on them", async () => {
  const program = async () => {
    const ticks = interval(700).pipe(
      map((value) => `${value} at ${elapsed()}`),
      take(3),
      toArray(),
    );
    const debounced = timer(0, 300).pipe(take(5), debounceTime(1000), delay(50));
    const buffered = interval(400).pipe(bufferTime(1000), take(2), toArray());
    let tries = 0;
    const failing = throwError(() => new Error(`try ${++tries}`)).pipe(
      retry({ count: 4, delay: () => timer(100 + Math.random() * 1000) }),
    );
    return [
      await Promise.all([firstValueFrom(ticks), firstValueFrom(debounced), firstValueFrom(buffered)]),
      await firstValueFrom(failing).catch((error: Error) => [error.message, elapsed()]),
    ];
  };
  const { result } = await repeated(program, true);
  assert.deepEqual(result[0], [
    ["0 at 700", "1 at 1400", "2 at 2100"],
    4,
    [
      [0, 1],
      [2, 3],
    ],
  ]);
  assert.equal((result[1] as unknown[])[0], "try 5");
});

test("installCapture holds Moleculer as it is: retries, time limits, circuit breaker, cache, ids", async () => {
  const program = async () => {
    const notes: unknown[] = [];
    const broker = new ServiceBroker({
      nodeID: "back",
      logger: false,
      metrics: true,
      cacher: { type: "Memory", options: { ttl: 5 } },
      requestTimeout: 1000,
      retryPolicy: { enabled: true, retries: 2, delay: 100, maxDelay: 2000, factor: 2 },
      circuitBreaker: { enabled: true, threshold: 0.5, minRequestCount: 20, windowTime: 60, halfOpenTime: 5000 },
    });
    let tries = 0;
    broker.createService({
      name: "shop",
      actions: {
        slow: { handler: () => new Promise((resolve) => setTimeout(resolve, 5000)) },
        flaky: {
          handler({ id }: { id: string }) {
            notes.push(`${id} at ${elapsed()}`);
            if (++tries < 3) throw new Errors.MoleculerRetryableError("not yet");
            return Math.random();
          },
        },
        cached: { cache: true, handler: elapsed },
      },
    });
    await broker.start();
    notes.push(await broker.call("shop.flaky"));
    const failure = await broker.call("shop.slow").catch((error: Error) => error.name);
    notes.push(failure, elapsed());
    for (const waitMs of [1, 3000, 3000]) {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      notes.push(await broker.call("shop.cached"));
    }
    await broker.stop();
    return notes;
  };
  const { result } = await repeated(program, true);
  assert.deepEqual(
    result.slice(0, 3).map((note) => String(note).replace(/^.* at /, "")),
    ["0", "100", "300"],
  );
  // Three tries of a second, with 100 and 200 ms between; then what was cached lives for 5 s.
  assert.deepEqual(result.slice(4), ["RequestTimeoutError", 3600, 3601, 3601, 9601]);
});

test("installCapture holds fast-check as it is: seeds, and its limits of time", async () => {
  const program = async () => {
    const slow = fc.asyncProperty(fc.integer(), () => new Promise<void>((resolve) => setTimeout(resolve, 60_000)));
    const { seed, interrupted, numRuns } = await fc.check(slow, { interruptAfterTimeLimit: 600_000, numRuns: 1000 });
    return [fc.sample(fc.string(), 20), seed, interrupted, numRuns];
  };
  const { result } = await repeated(program, true);
  assert.deepEqual(result.slice(2), [true, 9]);
});
