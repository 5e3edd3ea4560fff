import assert from "node:assert/strict";
import { test } from "node:test";
import { barsTable, judge } from "./bars.ts";
import type { Measurement, Results, Sample } from "./results.ts";

function measured(contestant: string, cell: string, rates: readonly number[]): Measurement {
  const sample = (rate: number): Sample => ({ rate, cpuMicros: 1, p50Micros: 1e6 / rate, p99Micros: 1e6, foreign: 0 });
  return { contestant, cell, samples: rates.map(sample) };
}

const results: Results = {
  machine: "a machine",
  rounds: 3,
  windowMs: 500,
  seed: 1,
  network: [
    measured("tcp", "64B/64", [900, 1000, 5000]),
    measured("orrery-transport", "64B/64", [600, 610, 100]),
    measured("moleculer", "64B/64", [200, 250, 210]),
    { ...measured("grpc", "64B/64", [9000]), failure: "Cannot run: the process has ended" },
  ],
  process: [],
  start: [
    { name: "node", title: "", base: "node", ms: [15, 15, 15] },
    { name: "listener", title: "", base: "node", ms: [20, 21, 22] },
    { name: "component", title: "", base: "listener", ms: [60, 61, 62] },
  ],
};

test("judge compares medians, and leaves a peer out that failed", () => {
  const found = judge(results).filter(({ met }) => met !== undefined);
  assert.deepEqual(
    found.map(({ bar, measured: text, met }) => [bar, text, met]),
    [
      ["64 B, 64, transport: at least 0.6 of the control", "0.60 ×", true],
      ["64 B, 64, transport: at least 3 × the best peer", "2.86 × Moleculer TCP, JSON", false],
      ["Component process ready: at most 1.6 × a bare Node process", "4.07 ×", false],
      ["Component process ready: at most 1.6 × a bare Node process that listens on a port", "2.90 ×", false],
    ],
  );
});

test("barsTable counts what is met and what was not measured", () => {
  const table = barsTable(judge(results));
  assert.ok(table.startsWith("1 of 4 bars are met."));
  assert.match(table, /Not measured: \d+\.$/);
});
