import assert from "node:assert/strict";
import { test } from "node:test";
import { hammer } from "./testing/failover/hammer.ts";

test("1,000 additions at once are 1,000 in a stateful mechtron, and nothing in its stateless twin", async (t) => {
  for (const persist of ["None", "ReplicateToFile"] as const) {
    const { perSecond, ...sums } = await hammer(1_000, persist);
    t.diagnostic(`${persist}: ${perSecond} in a second`);
    assert.deepEqual(sums, { least: 1, most: 1_000, distinct: 1_000 }, persist);
  }
  const { perSecond: _, ...sums } = await hammer(1_000, "stateless");
  assert.deepEqual(sums, { least: 1, most: 1, distinct: 1 });
});
