import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createSeededRandom } from "./conformance/seeded-random.ts";
import type { PingResult } from "./control-plane.ts";
import { PEER_SAMPLES_MAX } from "./limits.ts";
import { createMemoryHub } from "./memory-transport.ts";
import { createNode } from "./node.ts";
import { createPeerEstimator, formatPeerMap, measurePeers, type PeerEstimate } from "./peer-estimate.ts";
import { createTestClock } from "./testing/test-clock.ts";

/** A peer as it truly is. */
interface Truth {
  readonly offsetMs: number;
  readonly drift: number;
  readonly thereMs: () => number;
  readonly backMs: () => number;
}

/** A ping of that peer: its clock reads `own * (1 + drift) + offset`, and so does its wall clock with as much again. */
function ping({ offsetMs, drift, thereMs, backMs }: Truth, sentMs: number): PingResult {
  const there = thereMs();
  const arrivedMs = sentMs + there;
  const peerMs = arrivedMs * (1 + drift) + offsetMs;
  const peerWallMs = peerMs + offsetMs + 1000;
  return {
    sentMs,
    roundTripMs: there + backMs(),
    peerMs: round(peerMs),
    sentWallMs: sentMs + 1000,
    peerWallMs: round(peerWallMs),
  };
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

function estimated(truth: Truth, pings: number, everyMs: number): { estimate: PeerEstimate; nowMs: number } {
  const estimator = createPeerEstimator();
  for (let at = 0; at < pings; at++) estimator.add(ping(truth, at * everyMs));
  const nowMs = (pings - 1) * everyMs + 500;
  return { estimate: estimator.estimate(nowMs) ?? assert.fail("no estimate"), nowMs };
}

test("createPeerEstimator knows nothing before the first ping", () => {
  assert.equal(createPeerEstimator().estimate(), undefined);
});

test("createPeerEstimator finds latency, offset and drift where nothing varies", () => {
  const truth: Truth = { offsetMs: 250, drift: 1e-4, thereMs: () => 10, backMs: () => 10 };
  const { estimate, nowMs } = estimated(truth, 32, 2000);
  assert.deepEqual(
    [estimate.samples, estimate.roundTripMs, estimate.latencyMs, estimate.leastMs, estimate.jitterMs],
    [32, 20, 10, 10, 0],
  );
  assert.ok(Math.abs(estimate.monotonic.drift - 1e-4) < 1e-6, `${estimate.monotonic.drift}`);
  assert.ok(Math.abs(estimate.monotonic.offsetMs - (250 + nowMs * 1e-4)) < 0.1);
  assert.ok(Math.abs((estimate.wall?.offsetMs ?? 0) - (500 + nowMs * 1e-4)) < 0.1);
});

test("createPeerEstimator never claims more than it knows: the offset lies within its error", () => {
  const ms = (max: number) => fc.double({ min: 0.01, max, noNaN: true });
  const facts = {
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    offsetMs: fc.double({ min: -100_000, max: 100_000, noNaN: true }),
    drift: fc.double({ min: -4e-4, max: 4e-4, noNaN: true }),
    there: ms(100),
    back: ms(100),
    jitter: ms(50),
    pings: fc.integer({ min: 1, max: 100 }),
    everyMs: fc.constantFrom(10, 100, 1000, 10_000),
  };
  fc.assert(
    fc.property(fc.record(facts), ({ seed, offsetMs, drift, there, back, jitter, pings, everyMs }) => {
      const random = createSeededRandom(seed);
      const thereMs = () => there + random.next() * jitter;
      const backMs = () => back + random.next() * jitter;
      const { estimate, nowMs } = estimated({ offsetMs, drift, thereMs, backMs }, pings, everyMs);
      const trueMs = offsetMs + nowMs * drift;
      const { monotonic, wall } = estimate;
      const slackMs = 0.01; // What a clock that drifts gains during one round trip.
      assert.ok(Math.abs(monotonic.offsetMs - trueMs) <= monotonic.errorMs + slackMs);
      assert.ok(Math.abs((wall?.offsetMs ?? 0) - (trueMs + offsetMs)) <= (wall?.errorMs ?? 0) + slackMs);
      assert.ok(estimate.asymmetryMs >= Math.abs(there - back));
    }),
    { numRuns: 500 },
  );
});

test("createPeerEstimator trusts the quickest pings: jitter that comes one way hardly moves the clock", () => {
  const random = createSeededRandom(3);
  const thereMs = () => 10 + (random.next() < 0.7 ? random.next() * 200 : 0);
  const { estimate } = estimated({ offsetMs: 40, drift: 0, thereMs, backMs: () => 10 }, 60, 1000);
  assert.ok(Math.abs(estimate.monotonic.offsetMs - 40) < 1, `${estimate.monotonic.offsetMs}`);
  assert.ok(estimate.monotonic.errorMs < 25);
  assert.equal(estimate.leastMs, 10);
  assert.ok(estimate.jitterMs > 50);
});

test("createPeerEstimator notices that a wall clock was set, and forgets what was before", () => {
  const estimator = createPeerEstimator();
  const truth = { drift: 0, thereMs: () => 5, backMs: () => 5 };
  for (let at = 0; at < 20; at++) estimator.add(ping({ ...truth, offsetMs: 0 }, at * 1000));
  assert.ok(Math.abs(estimator.estimate()?.wall?.offsetMs ?? 99) < 0.01);
  estimator.add(ping({ ...truth, offsetMs: 60_000 }, 20_000));
  assert.ok(Math.abs((estimator.estimate()?.wall?.offsetMs ?? 0) - 120_000) < 0.01);
});

test("createPeerEstimator says nothing of a wall clock that the peer does not tell", () => {
  const estimator = createPeerEstimator();
  estimator.add({ sentMs: 0, roundTripMs: 2, peerMs: 1, sentWallMs: 0, peerWallMs: undefined });
  assert.equal(estimator.estimate()?.wall, undefined);
});

test("createPeerEstimator forgets what lies before its window, and keeps a bounded number", () => {
  const estimator = createPeerEstimator({ windowMs: 10_000 });
  const near: Truth = { offsetMs: 0, drift: 0, thereMs: () => 1, backMs: () => 1 };
  const far: Truth = { ...near, thereMs: () => 50, backMs: () => 50 };
  for (let at = 0; at < 200; at++) estimator.add(ping(near, at));
  assert.equal(estimator.estimate()?.samples, PEER_SAMPLES_MAX);
  estimator.add(ping(far, 20_000));
  assert.deepEqual([estimator.estimate()?.samples, estimator.estimate()?.leastMs], [1, 50]);
  assert.throws(() => createPeerEstimator({ windowMs: 0 }), {
    code: "invalid_argument",
    message: "Cannot estimate over a window of 0 ms: write a number above 0",
  });
});

test("measurePeers pings each address and leaves out who does not answer", async () => {
  const clock = createTestClock();
  const hub = createMemoryHub();
  const transport = () => hub.transport({ clock });
  const there = createNode({
    name: "there",
    clock,
    components: [],
    transports: [transport()],
    listen: ["memory://there"],
  });
  await there.start();
  const here = createNode({ name: "here", clock, components: [], transports: [transport()] });
  const measured = measurePeers(here, ["memory://there", "memory://nobody"], { rounds: 3, everyMs: 10, timeoutMs: 50 });
  await clock.advance(1000);
  const map = await measured;
  assert.deepEqual([...map.keys()], ["memory://there"]);
  const { samples, latencyMs, wall } = map.get("memory://there") ?? assert.fail();
  assert.deepEqual([samples, latencyMs, wall?.offsetMs], [3, 0, 0]);
  await Promise.all([here.stop(), there.stop()]);
});

test("formatPeerMap writes a row for each who looked and a column for each who was looked at", () => {
  const { estimate } = estimated({ offsetMs: -3, drift: 0, thereMs: () => 12, backMs: () => 12 }, 8, 1000);
  const map = new Map([
    ["oslo", new Map([["rome", estimate]])],
    [
      "rome",
      new Map([
        ["oslo", estimate],
        ["lima", { ...estimate, latencyMs: 120.26, wall: undefined }],
      ]),
    ],
  ]);
  assert.equal(
    formatPeerMap(map),
    ["ms    oslo  rome   lima", "oslo     -  12.0      ?", "rome  12.0     -  120.3"].join("\n"),
  );
  assert.equal(
    formatPeerMap(map, "clock"),
    ["ms         oslo       rome  lima", "oslo          -  -6.0±12.2     ?", "rome  -6.0±12.2          -     ?"].join(
      "\n",
    ),
  );
});
