import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPeerMap, measurePeers, type PeerEstimate } from "@orrery/core";
import type { Latency } from "../network/latency.ts";
import { createWorld } from "../world/create-world.ts";
import { addressOf } from "../world/model-node.ts";
import type { ClockSkew } from "./node-clock.ts";

/** What one node knows of another, and how far ahead the clocks there truly are. */
interface Finding {
  readonly from: string;
  readonly to: string;
  readonly estimate: PeerEstimate;
  readonly wall: number;
  readonly monotonic: number;
}

interface Truth {
  /** Typical ms from one node to another. */
  readonly wayMs: (from: string, to: string) => number;
  readonly latency: (ms: number) => Latency;
  readonly skews: Readonly<Record<string, ClockSkew>>;
}

/** Lets every node of a world measure every other. */
async function measure({ wayMs, latency, skews }: Truth): Promise<readonly Finding[]> {
  const world = createWorld({ seed: 5, link: (from, to) => ({ latency: latency(wayMs(from.name, to.name)) }) });
  const nodes = Object.entries(skews).map(([name, skew]) => world.node(name, { skew }));
  await world.start();
  const measured = nodes.map(async (node) => {
    const others = nodes.filter((other) => other !== node);
    const addresses = others.map(({ name }) => addressOf(name));
    const seen = await measurePeers(node.life, addresses, { rounds: 60, everyMs: 1000 });
    return others.map(({ name, clock }) => ({
      from: node.name,
      to: name,
      estimate: seen.get(addressOf(name)) ?? assert.fail(`nothing of ${name}`),
      wall: clock.now() - node.clock.now(),
      monotonic: clock.monotonic() - node.clock.monotonic(),
    }));
  });
  return (await world.settle(Promise.all(measured))).flat();
}

function mapOf(findings: readonly Finding[]): Map<string, Map<string, PeerEstimate>> {
  const map = new Map(findings.map(({ from }) => [from, new Map<string, PeerEstimate>()]));
  for (const { from, to, estimate } of findings) map.get(from)?.set(to, estimate);
  return map;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const skews: Truth["skews"] = {
  oslo: {},
  rome: { offsetMs: 250, drift: 5e-5 },
  lima: { offsetMs: -4000, drift: -1e-4 },
  kyiv: { offsetMs: 3, drift: 2e-5 },
  suva: { offsetMs: 90_000 },
  lome: { offsetMs: -0.5, drift: 1e-5 },
};

/** Distances of cities on a ring, from 5 to 105 ms, the same both ways. */
function ringMs(from: string, to: string): number {
  const names = Object.keys(skews);
  const [low = 0, high = 0] = [names.indexOf(from), names.indexOf(to)].sort((a, b) => a - b);
  return 5 + 20 * (high - low) + low;
}

/** The way there and the way back differ by up to a third. */
function lopsidedMs(from: string, to: string): number {
  return ringMs(from, to) * (from < to ? 1 : 1.5);
}

const worlds: Readonly<Record<string, Pick<Truth, "wayMs" | "latency">>> = {
  "that never vary": { wayMs: ringMs, latency: (ms) => ms },
  "that waver": { wayMs: ringMs, latency: (medianMs) => ({ kind: "lognormal", medianMs, sigma: 0.3 }) },
  "that differ by direction": { wayMs: lopsidedMs, latency: (ms) => ms },
  "that differ by direction and waver": {
    wayMs: lopsidedMs,
    latency: (ms) => ({ kind: "uniform", minMs: ms * 0.9, maxMs: ms * 1.3 }),
  },
};

for (const [what, { wayMs, latency }] of Object.entries(worlds)) {
  test(`createPeerEstimator finds latency and clocks of a world with links ${what}`, async () => {
    const all = await measure({ wayMs, latency, skews });
    assert.equal(all.length, 30);
    const typical = what.endsWith("waver") && wayMs === lopsidedMs ? 1.1 : 1; // The middle of 0.9 to 1.3.
    const errors = all.map(({ from, to, estimate }) => {
      const trueMs = (typical * (wayMs(from, to) + wayMs(to, from))) / 2;
      return Math.abs(estimate.latencyMs - trueMs) / trueMs;
    });
    assert.ok(median(errors) <= 0.1, `median error ${median(errors)}`);
    for (const { from, to, estimate, ...truth } of all) {
      for (const kind of ["wall", "monotonic"] as const) {
        const { offsetMs, errorMs } = estimate[kind] ?? assert.fail("no wall clock");
        const awayMs = Math.abs(offsetMs - truth[kind]);
        assert.ok(awayMs <= errorMs, `${kind} of ${to} at ${from}: ${awayMs} ms away, ${errorMs} claimed`);
        assert.ok(awayMs <= estimate.asymmetryMs, `${kind} of ${to} at ${from}: ${awayMs} ms away`);
      }
    }
  });
}

test("createPeerEstimator finds clocks to a fraction of a ms, and drift to a few parts in a million, where both ways are alike", async () => {
  for (const { from, to, estimate, wall } of await measure({ wayMs: ringMs, latency: (ms) => ms, skews })) {
    assert.ok(Math.abs((estimate.wall?.offsetMs ?? Number.NaN) - wall) < 0.1);
    const rate = (name: string) => 1 + (skews[name]?.drift ?? 0);
    assert.ok(Math.abs(estimate.monotonic.drift - (rate(to) / rate(from) - 1)) < 5e-6);
  }
});

test("formatPeerMap draws the world as it is", async () => {
  const three = { oslo: {}, rome: { offsetMs: 250 }, lima: { offsetMs: -4000 } };
  const known = mapOf(await measure({ wayMs: ringMs, latency: (ms) => ms, skews: three }));
  assert.equal(
    formatPeerMap(known),
    ["ms    oslo  rome  lima", "oslo     -  25.0  45.0", "rome  25.0     -  26.0", "lima  45.0  26.0     -"].join("\n"),
  );
  assert.match(formatPeerMap(known, "clock"), /^oslo +- +\+250\.0±\d+\.\d +-4000\.0±\d+\.\d$/m);
});
