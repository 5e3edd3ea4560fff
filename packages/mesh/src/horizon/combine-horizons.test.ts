import assert from "node:assert/strict";
import { test } from "node:test";
import type { Horizon } from "@orrery/core";
import { reachOf } from "@orrery/core/internal";
import fc from "fast-check";
import { explainHorizon, type HorizonLevels } from "./combine-horizons.ts";

test("explainHorizon says of each part who decided and who else spoke", () => {
  const { horizon, text } = explainHorizon({
    message: { scope: "network" },
    method: { scope: "process" },
    component: { distanceMs: 20, beyond: "drop" },
    network: { scope: "host", distanceMs: 5 },
  });
  assert.deepEqual(horizon, { scope: "host", beyond: "drop", distanceMs: 5, hops: 0 });
  assert.equal(
    text,
    [
      "scope host, set by the network; the message says network, the method says process",
      "distance 5 ms, set by the network; the component says 20 ms",
      "gateways any, for nobody says otherwise",
      "beyond it drop, set by the component",
    ].join("\n"),
  );
});

test("explainHorizon gives no horizon where nothing is limited", () => {
  assert.equal(explainHorizon({}).horizon, undefined);
  assert.equal(explainHorizon({ node: { scope: "any", beyond: "drop" } }).horizon, undefined);
});

const anyHorizon: fc.Arbitrary<Partial<Horizon>> = fc.record(
  {
    scope: fc.constantFrom("any", "process", "host", "network"),
    beyond: fc.constantFrom("bounce", "drop", "local"),
    distanceMs: fc.constantFrom(0, 1, 5, 40),
    hops: fc.constantFrom(0, 1, 2),
  },
  { requiredKeys: [] },
);
const LEVELS = ["message", "method", "flow", "component", "node", "network"] as const;
const anyLevels: fc.Arbitrary<HorizonLevels> = fc.record(
  Object.fromEntries(LEVELS.map((level) => [level, anyHorizon])),
  { requiredKeys: [] },
);

test("explainHorizon lets no level widen what another has narrowed, and the nearest say what happens beyond", () => {
  fc.assert(
    fc.property(anyLevels, (levels) => {
      const { scope, distanceMs, hops, beyond } = explainHorizon(levels);
      // A message takes the place of its method's default, part by part.
      const counting = (part: keyof Horizon) =>
        LEVELS.filter((level) => level !== "method" || levels.message?.[part] === undefined).flatMap(
          (level) => levels[level]?.[part] ?? [],
        );
      const scopes = counting("scope") as Horizon["scope"][];
      assert.equal(reachOf(scope.value), Math.min(3, ...scopes.map(reachOf)));
      for (const [part, { value }] of [
        ["distanceMs", distanceMs],
        ["hops", hops],
      ] as const) {
        const limits = (counting(part) as number[]).filter((limit) => limit !== 0);
        assert.equal(value, limits.length === 0 ? 0 : Math.min(...limits));
      }
      assert.equal(beyond.value, counting("beyond")[0] ?? "bounce");
    }),
    { numRuns: 1000 },
  );
});
