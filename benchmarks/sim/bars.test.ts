import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "./bars.ts";
import type { Counts } from "./program.ts";
import type { Measurement, Results } from "./results.ts";

function measured(cell: string, contestant: string, all: readonly Counts[], elapsedMs = 1000): Measurement {
  return { cell, contestant, samples: all.map((counts) => ({ counts, elapsedMs, cpuMicros: 1, foreign: 0 })) };
}

function judged(measurements: readonly Measurement[]) {
  const results: Results = { machine: "", python: "", rounds: 3, windowMs: 1000, seed: 1, measurements };
  const found = judge(results).filter(({ met }) => met !== undefined);
  return found.map(({ bar, measured: text, met }) => [bar, text, met]);
}

test("judge compares medians of rates with controls and peers, and leaves out who failed", () => {
  const found = judged([
    measured("deliveries/50", "world", [{ deliveries: 1 }, { deliveries: 250_000 }, { deliveries: 260_000 }]),
    measured("deliveries/50", "toy", [{ deliveries: 600_000 }]),
    { ...measured("deliveries/50", "toy-step", [{ deliveries: 1 }]), failure: "the process has ended" },
    measured("deliveries/1000", "world", [{ deliveries: 200_000 }], 2000),
    measured("deliveries/1000", "simpy3", [{ deliveries: 50_000 }]),
  ]);
  assert.deepEqual(found, [
    ["50 nodes, with trace: at least 200 k deliveries/s", "250 k/s", true],
    ["50 nodes, with trace: at least 0.4 of the toy loop, drained by turns", "0.42 ×", true],
    ["1,000 nodes, with trace: at least 3 × SimPy 3", "2.00 ×", false],
  ]);
});

test("judge holds times, costs and flat rates to their limits", () => {
  const found = judged([
    measured("cancel/1000", "world", [{ timers: 2_000_000 }]),
    measured("cancel/100000", "world", [{ timers: 1_500_000 }]),
    measured("cancel/100000", "sinon", [{ timers: 500_000 }]),
    measured("cancel/1000000", "world", [{ timers: 900_000 }]),
    measured("moments/hour", "world", [{ events: 100_000 }], 999),
    measured("moments/timeouts", "world", [{ timeouts: 10_000 }], 250),
    measured("costs/point", "world", [{ points: 1_000_000, pointMs: 30, loopMs: 12 }]),
    measured("costs/capture", "with", [{ tests: 100 }]),
    measured("costs/capture", "without", [{ tests: 140 }]),
    measured("histories/5000", "lossy", [{ histories: 1 }], 600),
    measured("exploration/idle", "world", [{ simulatedMs: 2_500_000 }]),
  ]);
  assert.deepEqual(found, [
    ["Timers, add and cancel, 100,000 pending: at least @sinonjs/fake-timers", "3.00 ×", true],
    ["Timers, add and cancel: a million pending at least 0.5 of a thousand", "0.45 ×", false],
    ["3,600 s with 100,000 events: below 1,000 ms", "999 ms", true],
    ["10,000 timeouts of 30 s: below 250 ms", "250 ms", false],
    ["A named point in production: below 20 ns", "18.0 ns", true],
    ["An ordinary test with captured globals: below 1.5 × as long", "1.40 ×", true],
    ["History of 50 clients, 5,000 operations, 1 answer in 20 lost: below 500 ms", "600 ms", false],
    ["12 nodes with little to do: at least 1,000 s in a second", "2,500 ×", true],
  ]);
});
