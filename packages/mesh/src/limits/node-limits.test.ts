import assert from "node:assert/strict";
import { test } from "node:test";
import { createNode, defineComponent, defineService, json, type OrreryError, outcomeOf } from "@orrery/core";
import type { LimitsSettings } from "./node-limits.ts";
import { createLimits } from "./node-limits.ts";

const Job = defineService("job", {
  run: { request: json<{ fail?: boolean }>(), reply: json<Record<string, never>>() },
  hold: { request: json<Record<string, never>>(), reply: json<Record<string, never>>() },
});

async function setUp(settings: LimitsSettings) {
  const gate = Promise.withResolvers<void>();
  const job = defineComponent(
    Job,
    () => ({
      run: async ({ fail }) => {
        if (fail === true) throw new TypeError("broken");
        return {};
      },
      hold: async () => {
        await gate.promise;
        return {};
      },
    }),
    { instances: 8 },
  );
  const limits = createLimits(settings);
  const node = createNode({ components: [job], name: "n", limits });
  await node.start();
  const client = node.client(Job);
  const reasonOf = async (call: Promise<unknown>) => {
    const outcome = await outcomeOf(call);
    return outcome.kind === "reply" ? "reply" : (outcome.error as OrreryError).reason;
  };
  return { limits, node, client, reasonOf, open: () => gate.resolve() };
}

test("createLimits opens a breaker after failures, tells why, and shows it", async () => {
  const { limits, node, client, reasonOf } = await setUp({});
  await using _ = node;
  for (let turn = 0; turn < 5; turn++) assert.equal(await reasonOf(client.run({ fail: true })), "handler_threw");
  const outcome = await outcomeOf(client.run({}));
  if (outcome.kind === "reply") return assert.fail("replied");
  assert.deepEqual(
    [outcome.error.reason, outcome.definite, outcome.error.details],
    ["circuit_open", true, { check: "breaker" }],
  );
  assert.match(
    outcome.error.message,
    /^Cannot call "job.run": this process failed 5 times in a row and is tried again in \d+ ms$/,
  );
  const [circuit] = limits.circuits();
  assert.deepEqual(
    [circuit?.group, circuit?.state, circuit?.failed, circuit?.opened, circuit?.cause],
    ["job", "open", 5, 1, "failed 5 times in a row"],
  );
  assert.deepEqual(limits.refusals(), [{ check: "breaker", beyond: "bounce", messages: 1 }]);
});

test("createLimits judges methods apart where its rule says so, and not where it is off", async () => {
  const { limits, node, client, reasonOf, open } = await setUp({ breakers: [{ component: "job", byMethod: true }] });
  await using _ = node;
  for (let turn = 0; turn < 5; turn++) await reasonOf(client.run({ fail: true }));
  assert.equal(await reasonOf(client.run({})), "circuit_open");
  const held = client.hold({}, { timeoutMs: 5 });
  assert.equal(await reasonOf(held), "timeout");
  limits.change({ breakers: [{ off: true }] });
  assert.equal(await reasonOf(client.run({})), "reply");
  assert.deepEqual(limits.circuits(), []);
  open();
});

test("createLimits lets so many messages be under way, and changes that live without losing count", async () => {
  const { limits, node, client, reasonOf, open } = await setUp({
    throttles: [{ name: "few", method: "hold", concurrency: 2 }],
  });
  await using _ = node;
  const held = [client.hold({}), client.hold({})].map(reasonOf);
  const outcome = await outcomeOf(client.hold({}));
  if (outcome.kind === "reply") return assert.fail("replied");
  assert.equal(
    outcome.error.message,
    'Cannot call "job.hold": this process is closed by throttle "few", 2 messages are under way of 2',
  );
  assert.deepEqual([outcome.error.reason, outcome.definite], ["throttled", true]);
  assert.equal(await reasonOf(client.run({})), "reply");
  limits.change({ throttles: [{ name: "few", method: "hold", concurrency: 3 }] });
  held.push(reasonOf(client.hold({})));
  assert.equal(await reasonOf(client.hold({})), "throttled");
  limits.change({ throttles: [{ name: "few", method: "hold", concurrency: 1 }] });
  open();
  assert.deepEqual(await Promise.all(held), ["reply", "reply", "reply"]);
  assert.equal(limits.throttles()[0]?.underWay, 0);
  assert.equal(await reasonOf(client.hold({})), "reply");
});

test("createLimits throttles a flow by its name, and no other", async () => {
  const { limits, node, client, reasonOf } = await setUp({
    throttles: [{ name: "night", flow: "night*", perSecond: 1, burst: 2, overflow: "drop" }],
  });
  await using _ = node;
  const nightly = node.beginFlow("nightly");
  const reasons: unknown[] = [];
  for (let turn = 0; turn < 4; turn++) reasons.push(await reasonOf(nightly.client(Job).run({})));
  assert.deepEqual(reasons, ["reply", "reply", "dropped", "dropped"]);
  assert.equal(await reasonOf(client.run({})), "reply");
  const { passed, refused } = limits.throttles()[0] ?? assert.fail("none");
  assert.deepEqual({ passed, refused }, { passed: 2, refused: 2 });
  assert.deepEqual(limits.refusals(), [{ check: "throttle", beyond: "drop", messages: 2 }]);
  nightly.end();
});

for (const [what, settings, message] of [
  [
    "two throttles of one name",
    {
      throttles: [
        { name: "a", perSecond: 1 },
        { name: "a", perSecond: 2 },
      ],
    },
    'Cannot set throttle "a": another has its name, write one that is its own',
  ],
  [
    "a throttle of nothing",
    { throttles: [{ name: "a" }] },
    'Cannot set throttle "a": it limits nothing, write perSecond or concurrency',
  ],
  [
    "no rate",
    { throttles: [{ name: "a", perSecond: 0 }] },
    'Cannot set throttle "a": perSecond is 0, write a number above 0, to 1000000000',
  ],
  [
    "half a message",
    { throttles: [{ name: "a", concurrency: 1.5 }] },
    'Cannot set throttle "a": concurrency is 1.5, write a whole number from 1 to 1000000000',
  ],
  [
    "an overflow to nowhere",
    { throttles: [{ name: "a", perSecond: 1, overflow: "local" }] },
    'Cannot set throttle "a": its overflow is "local" and every message counts, write beyond: "process", "host" or "network"',
  ],
  [
    "a share of the wrong kind",
    { throttles: [{ name: "a", concurrency: 1, shared: true }] },
    'Cannot set throttle "a": only a rate can be shared, write perSecond',
  ],
  [
    "more than all",
    { breakers: [{ component: "x", openShare: 2 }] },
    'Cannot set breaker of "x.*": openShare is 2, write a number from 0 to 1',
  ],
  [
    "an empty window",
    { breakers: [{ windowMs: 0 }] },
    'Cannot set breaker of "*.*": windowMs is 0, write a number from 1 to 3600000',
  ],
] as const)
  test(`createLimits refuses ${what}, and a change to it changes nothing`, () => {
    assert.throws(() => createLimits(settings), { code: "invalid_argument", message });
    const limits = createLimits({ horizons: { node: { scope: "host" } } });
    assert.throws(() => limits.change({ ...settings, horizons: {} }), { code: "invalid_argument", message });
    const { horizon } = limits.explainHorizon({}, { component: "x", method: "y", flow: "" });
    assert.equal(horizon?.scope, "host");
  });

test("createLimits gives its limits to one node", async () => {
  const limits = createLimits();
  createNode({ components: [], name: "a", limits });
  assert.throws(() => createNode({ components: [], name: "b", limits }), {
    code: "failed_precondition",
    message: 'Cannot give node "b" limits that node "a" has: make others',
  });
});
