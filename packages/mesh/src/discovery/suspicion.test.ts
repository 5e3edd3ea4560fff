import assert from "node:assert/strict";
import { test } from "node:test";
import { suspicionMs } from "./suspicion.ts";

test("suspicionMs waits long for one suspecter, and less with each other one", () => {
  const times = [0, 1, 2, 3, 4].map((confirmations) => suspicionMs({ members: 10, probeMs: 1000, confirmations }));
  assert.deepEqual(times.map(Math.round), [24_000, 14_000, 8150, 4000, 4000]);
});

test("suspicionMs grows with the logarithm of the network, and waits for nobody where nobody could confirm", () => {
  assert.equal(suspicionMs({ members: 1000, probeMs: 1000, confirmations: 3 }), 12_000);
  assert.equal(suspicionMs({ members: 2, probeMs: 500, confirmations: 0 }), 2000);
  assert.equal(suspicionMs({ members: 3, probeMs: 1000, confirmations: 1 }), 4000);
});
