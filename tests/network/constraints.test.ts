import assert from "node:assert/strict";
import { test } from "node:test";
import { createTableDirectory, defineComponent, defineService, json, outcomeOf, type SendOptions } from "@orrery/core";
import { createGossipDirectory, createLimits, type LimitsSettings } from "@orrery/mesh";
import { createWorld, linksByNearness } from "@orrery/sim";

const Desk = defineService("desk", {
  ask: { request: json<{ text: string }>(), reply: json<{ by: string }>() },
  tell: { request: json<{ text: string }>(), mode: "async" },
});
const Idle = defineService("idle", { rest: { request: json<object>(), reply: json<object>() } });

/** Where desks are: on the caller's machine, in its zone, and far away, in two versions. */
const PLACES = [
  { name: "beside", machine: "m1", zone: "a", version: "1.0.0" },
  { name: "near", machine: "m2", zone: "a", version: "1.1.0" },
  { name: "far", machine: "m3", zone: "b", version: "2.0.0" },
] as const;

async function makeOffice(settings: LimitsSettings = {}) {
  const link = linksByNearness({ machine: 0.1, zone: 2, between: 30 });
  const world = createWorld({ seed: 5, trace: "off", link });
  const told: string[] = [];
  const seeds = ["sim://beside"];
  for (const { name, machine, zone, version } of PLACES) {
    const desk = defineComponent(Desk, () => ({ ask: () => ({ by: name }), tell: () => void told.push(name) }), {
      version,
    });
    world.node(name, { machine, zone, components: [desk], directory: () => createGossipDirectory({ seeds }) });
  }
  const limits = createLimits(settings);
  const caller = world.node("caller", {
    machine: "m1",
    zone: "a",
    components: [defineComponent(Idle, () => ({ rest: () => ({}) }))],
    directory: () => createGossipDirectory({ seeds, isSameHost: (address) => address === "sim://beside" }),
    limits: () => limits,
  });
  await world.start();
  await world.run({ forMs: 20_000 });
  for (const { version } of PLACES) await world.settle(caller.life.client(Desk).ask({ text: "?" }, { version }));
  /** Who answers ten calls one after another, or how they end. */
  const ask = async (options: SendOptions): Promise<readonly string[]> => {
    const ends = new Set<string>();
    for (let count = 0; count < 10; count++) {
      const outcome = await world.settle(outcomeOf(caller.life.client(Desk).ask({ text: "?" }, options)));
      ends.add(outcome.kind === "reply" ? outcome.value.by : `${outcome.kind} ${outcome.error.reason}`);
    }
    return [...ends].sort();
  };
  return { world, caller, ask, limits, told };
}

const TABLE: readonly (readonly [what: string, options: SendOptions, who: readonly string[]])[] = [
  ["nothing", {}, ["beside"]],
  ["its host", { horizon: "host" }, ["beside"]],
  ["its process", { horizon: "process" }, ["bounced horizon_exceeded"]],
  ["another version", { version: "1.1.0" }, ["near"]],
  ["a range", { version: "^1.0.0" }, ["near"]],
  ["a version that nobody has", { version: "3.0.0" }, ["bounced no_such_version"]],
  ["a version that is too far", { version: "2.0.0", horizon: { distanceMs: 10 } }, ["bounced horizon_exceeded"]],
  ["a version that is far", { version: "2.0.0", horizon: { distanceMs: 100 } }, ["far"]],
  ["a version that cannot answer in time", { version: "2.0.0", timeoutMs: 20 }, ["bounced horizon_exceeded"]],
  ["a version on its host that is elsewhere", { version: "1.1.0", horizon: "host" }, ["bounced horizon_exceeded"]],
];

for (const [what, options, who] of TABLE)
  test(`constraints decide where a call goes: ${what}`, async () => {
    const { ask } = await makeOffice();
    assert.deepEqual(await ask(options), who);
  });

test("constraints of the message count, whatever wider ones its node has, and a change counts from the next message on", async () => {
  const { ask, limits } = await makeOffice({ horizons: { network: { scope: "network", distanceMs: 100 } } });
  assert.deepEqual(await ask({ version: "2.0.0" }), ["far"]);
  assert.deepEqual(await ask({ version: "2.0.0", horizon: { distanceMs: 10 } }), ["bounced horizon_exceeded"]);
  limits.change({ horizons: { network: { distanceMs: 10 } } });
  assert.deepEqual(await ask({ version: "2.0.0" }), ["bounced horizon_exceeded"]);
  assert.deepEqual(await ask({ version: "2.0.0", horizon: { distanceMs: 100 } }), ["bounced horizon_exceeded"]);
  limits.change({ horizons: {} });
  assert.deepEqual(await ask({ version: "2.0.0" }), ["far"]);
});

test("constraints that drop let a message go unsent, say so to their own side, and count it", async () => {
  const { world, caller, limits, told } = await makeOffice();
  const horizon = { scope: "process", beyond: "drop" } as const;
  const ticket = caller.life.send(Desk).tell({ text: "!" }, { horizon, timeoutMs: 200 });
  const outcome = await world.settle(outcomeOf(ticket.accepted));
  assert.deepEqual([outcome.kind, outcome.definite], ["bounced", true]);
  assert.deepEqual(told, []);
  assert.deepEqual(
    limits.refusals().map(({ check, beyond, messages }) => [check, beyond, messages]),
    [["scope", "drop", 1]],
  );
});

for (const [version, end] of [
  ["1.0.0", "beside"],
  ["1.1.0", "near"],
  ["3.0.0", "bounced no_such_version"],
] as const)
  test(`a version is said the same way whether components are found by a table or by gossip: ${version}`, async () => {
    const { world, ask } = await makeOffice();
    assert.deepEqual(await ask({ version }), [end]);
    // The table names one place, as a file of addresses does that somebody wrote for this version.
    const place = PLACES.find((one) => one.version === version) ?? PLACES[0];
    const directory = () => createTableDirectory({ desk: [`sim://${place.name}`] });
    const told = world.node("told", { machine: "m1", zone: "a", directory });
    await world.start();
    const outcome = await world.settle(outcomeOf(told.life.client(Desk).ask({ text: "?" }, { version })));
    assert.equal(outcome.kind === "reply" ? outcome.value.by : `${outcome.kind} ${outcome.error.reason}`, end);
  });
