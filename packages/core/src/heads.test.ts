import assert from "node:assert/strict";
import { test } from "node:test";
import { contractOf, type MethodContract } from "./contract.ts";
import { defineService } from "./contract-schema.ts";
import type { Horizon } from "./envelope.ts";
import { createHeads } from "./heads.ts";
import type { HorizonSubject } from "./horizon.ts";
import { json } from "./json-body.ts";
import { HEAD_TEXT_MAX, HEADS_PER_METHOD_MAX } from "./limits.ts";
import type { SendOptions } from "./options.ts";

const Weather = contractOf(defineService("weather", { today: { request: json<string>(), reply: json<string>() } }));
const today = Weather.methods.get("today") as MethodContract;
const source = { node: "desk", instance: "", incarnation: 1 };

test("createHeads gives one object for the same method, agent and options", () => {
  const heads = createHeads(source);
  const head = (agent: string, options: SendOptions = {}) => heads.head(Weather, today, agent, options);
  assert.equal(head("anna"), head("anna"));
  assert.equal(head("anna", { version: "1.0.0" }), head("anna", { version: "1.0.0" }));
  assert.notEqual(head("anna"), head("ben"));
  assert.notEqual(head("anna"), head("anna", { version: "1.0.0" }));
  assert.notEqual(head("anna", { horizon: "host" }), head("anna", { horizon: { scope: "host", beyond: "drop" } }));
});

test("createHeads names the version that a range means, whatever the range", () => {
  const heads = createHeads(source);
  const head = (range: string, exact?: string) => heads.head(Weather, today, "anna", { version: range }, "", exact);
  assert.equal(head("^1.0.0", "1.2.0").version, "1.2.0");
  assert.equal(head("^1.0.0", "1.3.0").version, "1.3.0");
  assert.equal(head("1.x", "1.2.0"), head("^1.0.0", "1.2.0"));
  assert.equal(head("1.2.0"), head("^1.0.0", "1.2.0"));
});

test("createHeads asks the rules for each horizon once, and again when they have changed", () => {
  const asked: string[] = [];
  const rules = {
    version: 1,
    byFlow: true,
    resolve(wanted: Partial<Horizon> | undefined, { component, method, flow }: HorizonSubject): Horizon {
      asked.push(`${component}.${method} ${flow} ${wanted?.scope}`);
      return { scope: "network", beyond: "bounce", distanceMs: rules.version, hops: 0 };
    },
  };
  const heads = createHeads(source, rules);
  const head = (options: SendOptions, flow?: string) => heads.head(Weather, today, "anna", options, flow);
  assert.equal(head({}).horizon?.distanceMs, 1);
  assert.equal(head({}), head({}));
  assert.equal(head({}, "night"), head({}, "night"));
  head({ horizon: "host" });
  rules.version = 2;
  assert.equal(head({}).horizon?.distanceMs, 2);
  assert.deepEqual(asked, [
    "weather.today  undefined",
    "weather.today night undefined",
    "weather.today  host",
    "weather.today  undefined",
  ]);
});

for (const [horizon, scope] of [
  [undefined, "network"],
  ["any", "network"],
  ["host", "host"],
] as const)
  test(`createHeads keeps what names its own network in it, with a horizon of ${horizon ?? "none"}`, () => {
    const heads = createHeads(source, undefined, "eu");
    const headOf = (network: string) =>
      heads.head(Weather, today, "anna", { network, ...(horizon !== undefined && { horizon }) });
    assert.deepEqual([headOf("eu").component, headOf("eu").horizon?.scope], ["weather", scope]);
    assert.deepEqual([headOf("us").component, headOf("us").horizon?.scope], ["weather@us", horizon]);
    assert.equal(heads.head(Weather, today, "anna", {}).horizon, undefined);
  });

test(`createHeads keeps ${HEADS_PER_METHOD_MAX} heads of a method, and makes the next anew`, () => {
  const heads = createHeads(source);
  const agents = Array.from({ length: HEADS_PER_METHOD_MAX + 1 }, (_, index) => `agent ${index}`);
  const made = agents.map((agent) => heads.head(Weather, today, agent, {}));
  const again = agents.map((agent) => heads.head(Weather, today, agent, {}));
  assert.equal(again[HEADS_PER_METHOD_MAX - 1], made[HEADS_PER_METHOD_MAX - 1]);
  assert.notEqual(again[HEADS_PER_METHOD_MAX], made[HEADS_PER_METHOD_MAX]);
});

for (const [what, options, agent] of [
  ["agent", {}, "a".repeat(HEAD_TEXT_MAX + 1)],
  ["version", { version: "1".repeat(HEAD_TEXT_MAX + 1) }, "a"],
  ["instance", { instance: "i".repeat(HEAD_TEXT_MAX + 1) }, "a"],
] as const) {
  test(`createHeads refuses ${what} of more than ${HEAD_TEXT_MAX} characters`, () => {
    assert.throws(() => createHeads(source).head(Weather, today, agent, options), {
      reason: "too_large",
      definite: true,
      message: `Cannot call "weather": its ${what} has ${HEAD_TEXT_MAX + 1} characters, the limit is ${HEAD_TEXT_MAX}`,
    });
  });
}

test(`createHeads takes texts of ${HEAD_TEXT_MAX} characters`, () => {
  const agent = "a".repeat(HEAD_TEXT_MAX);
  assert.equal(createHeads(source).head(Weather, today, agent, {}).agent, agent);
});

for (const [horizon, why] of [
  ["galaxy", 'its scope is "galaxy", write process, host, network or any'],
  [{ distanceMs: -1 }, "its distance is -1 ms, write a number from 0, which is no limit"],
  [{ hops: 0.5 }, "its hops are 0.5, write a whole number from 0, which is no limit, to 4294967295"],
  [{ beyond: "explode" }, 'beyond it is "explode", write bounce, drop or local'],
] as const)
  test(`createHeads refuses a horizon of ${JSON.stringify(horizon)}`, () => {
    const options = { horizon } as unknown as SendOptions;
    assert.throws(() => createHeads(source).head(Weather, today, "anna", options), {
      code: "invalid_argument",
      message: `Cannot call "weather.today" with that horizon: ${why}`,
    });
  });
