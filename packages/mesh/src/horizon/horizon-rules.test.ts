import assert from "node:assert/strict";
import { test } from "node:test";
import { createHorizonRules } from "./horizon-rules.ts";

test("createHorizonRules finds what components and flows say by their names", () => {
  const rules = createHorizonRules({
    node: { scope: "network" },
    components: { "bank.*": { scope: "host" } },
    flows: { "night*": { distanceMs: 5, beyond: "drop" } },
  });
  const of = (component: string, flow: string) => rules.resolve(undefined, { component, method: "m", flow });
  assert.equal(of("bank.Till", "")?.scope, "host");
  assert.deepEqual(of("shop", "nightly"), { scope: "network", beyond: "drop", distanceMs: 5, hops: 0 });
  assert.deepEqual(of("shop", ""), { scope: "network", beyond: "bounce", distanceMs: 0, hops: 0 });
  assert.deepEqual(rules.byFlow, true);
});

test("createHorizonRules takes other settings live, and none that cannot be", () => {
  const rules = createHorizonRules();
  const subject = { component: "shop", method: "m", flow: "" };
  const before = rules.version;
  assert.equal(rules.resolve(undefined, subject), undefined);
  rules.change({ network: { scope: "host" } });
  assert.notEqual(rules.version, before);
  assert.equal(rules.resolve(undefined, subject)?.scope, "host");
  assert.throws(() => rules.change({ flows: { night: { distanceMs: Number.NaN } } }), {
    code: "invalid_argument",
    message: 'Cannot set the horizon of flow "night": its distance is NaN ms, write a number from 0, which is no limit',
  });
  assert.equal(rules.resolve(undefined, subject)?.scope, "host");
});
