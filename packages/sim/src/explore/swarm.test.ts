import assert from "node:assert/strict";
import { test } from "node:test";
import { createDraws } from "../chance/draws.ts";
import type { Fault } from "../faults/fault.ts";
import type { FaultKind } from "./scenario.ts";
import { drawFaults } from "./swarm.ts";

function verbsOf(kinds: readonly FaultKind[]): ReadonlySet<Fault["verb"]> {
  const random = createDraws(1).stream("swarm", kinds.join());
  const runs = Array.from({ length: 200 }, () => drawFaults({ random, kinds, nodes: ["a", "b"], withinMs: 1000 }));
  return new Set(runs.flat().map(({ fault }) => fault.verb));
}

test("drawFaults keeps the disk of a node that crashes, unless disks may be wiped", () => {
  assert.deepEqual([...verbsOf(["crash"])].sort(), ["crash", "restart"]);
  assert.deepEqual([...verbsOf(["wipe"])].sort(), ["crash", "restart-empty"]);
});

test("drawFaults begins faults at the moments that it is given", () => {
  const random = createDraws(1).stream("swarm", "moments");
  const options = { random, kinds: ["crash"], nodes: ["a"], withinMs: 1000, momentsMs: [1.001, 7.5] } as const;
  const begins = Array.from({ length: 100 }, () => drawFaults(options)).flatMap((faults) =>
    faults.filter(({ fault }) => fault.verb === "crash").map(({ atMs }) => atMs),
  );
  assert.deepEqual([...new Set(begins)].sort(), [1.001, 7.5]);
});
