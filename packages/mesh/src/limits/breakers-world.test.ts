import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import { assertHolds, createWorld, defineScenario, type World } from "@orrery/sim";
import type { CircuitView } from "./breakers.ts";
import { createLimits, type Limits, type LimitsSettings } from "./node-limits.ts";

const Task = defineService("task", {
  do: { request: json<Record<string, never>>(), reply: json<{ by: string }>(), timeoutMs: 500 },
});

interface Fleet {
  /** Servers whose handlers fail now. */
  readonly broken: Set<string>;
  /** What each call came to, in the order of their ends. */
  readonly ends: { readonly atMs: number; readonly caller: string; readonly outcome: string }[];
  /** Handlers of each server that began, and how many of it ran at once at most. */
  readonly begun: {
    readonly atMs: number;
    readonly server: string;
    readonly caller: string;
    readonly isBroken: boolean;
  }[];
  readonly limits: Map<string, Limits>;
  readonly changes: { readonly atMs: number; readonly caller: string; readonly circuit: CircuitView }[];
}

/** Servers, and callers that each send a call every 20 ms on average. */
function addFleet(world: World, { servers, callers, calls, settings }: FleetOptions): Fleet {
  const fleet: Fleet = { broken: new Set(), ends: [], begun: [], limits: new Map(), changes: [] };
  for (let index = 0; index < servers; index++) {
    const server = `s${index}`;
    const task = defineComponent(
      Task,
      () => ({
        do: async (_, context) => {
          const isBroken = fleet.broken.has(server);
          fleet.begun.push({ atMs: world.elapsedMs, server, caller: context.source.node, isBroken });
          if (isBroken) throw new TypeError("broken");
          return { by: server };
        },
      }),
      { instances: 4 },
    );
    world.node(server, { components: [task] });
  }
  for (let index = 0; index < callers; index++) {
    const caller = `c${index}`;
    world.node(caller, {
      limits: () => {
        const onCircuit = (circuit: CircuitView) => fleet.changes.push({ atMs: world.elapsedMs, caller, circuit });
        const limits = createLimits({ ...settings, onCircuit });
        fleet.limits.set(caller, limits);
        return limits;
      },
      async run(node) {
        const draw = world.draw(caller);
        for (let call = 0; call < calls; call++) {
          await node.clock.sleep(10 + draw.integer(20));
          void outcomeOf(node.life.client(Task).do({})).then((outcome) => {
            const text = outcome.kind === "reply" ? outcome.value.by : (outcome.error.reason ?? outcome.kind);
            fleet.ends.push({ atMs: world.elapsedMs, caller, outcome: text });
          });
        }
        await node.clock.sleep(600);
      },
    });
  }
  return fleet;
}

interface FleetOptions {
  readonly servers: number;
  readonly callers: number;
  readonly calls: number;
  readonly settings: LimitsSettings;
}

const CALLERS = 3;
const link = { latency: { kind: "uniform", minMs: 1, maxMs: 6 } } as const;
const breaker = { coolDownMs: 500, coolDownMaxMs: 2000, jitter: 0.5, failuresInRow: 3 };
/** From one probe to the next at most, and a call's way. */
const PROBE_MAX_MS = 2000 * 1.5 + 600;

const ejected = defineScenario(
  "a failing instance is left alone within three calls, probed one by one, and back when it is well",
  {
    world: { link },
    setup: (world) => {
      const settings = { breakers: [breaker] };
      return addFleet(world, { servers: 4, callers: CALLERS, calls: 700, settings });
    },
    async run(world, fleet) {
      await world.start();
      await world.run({ forMs: 1000 });
      fleet.broken.add("s0");
      await world.run({ forMs: 6000 });
      fleet.broken.delete("s0");
      await world.run({ forMs: PROBE_MAX_MS + 2000 });
    },
    check(fleet) {
      for (let index = 0; index < CALLERS; index++) {
        const verdict = treatsWell(fleet, `c${index}`);
        if (verdict !== true) return verdict;
      }
      const refused = fleet.ends.filter(({ outcome }) => outcome === "circuit_open").length;
      return refused * 20 < fleet.ends.length || `${refused} of ${fleet.ends.length} calls were refused`;
    },
  },
);

/** How a caller treats the server s0, which fails from 1 to 7 s. An order of events may make other servers late, which is their failure. */
function treatsWell({ begun, changes, limits }: Fleet, caller: string): true | string {
  const own = changes.filter((change) => change.caller === caller && change.circuit.place === "sim://s0");
  const toServer = begun.filter((one) => one.server === "s0" && one.caller === caller);
  const failed = toServer.filter(({ isBroken }) => isBroken);
  const opened = own.find(({ circuit }) => circuit.state === "open");
  // Three in a row, and those that were under way; an order may let a caller be done before anything fails.
  if (opened === undefined) return failed.length < 8 || `${caller} met ${failed.length} failures and opened nothing`;
  const before = failed.filter(({ atMs }) => atMs <= opened.atMs).length;
  if (before > 8) return `${caller} opened only after ${before} failures`;
  // At 0.5, 1, 2, 2 s after one another.
  const probes = failed.filter(({ atMs }) => atMs > opened.atMs + 20).length;
  if (probes > 6) return `${caller} tried s0 ${probes} times while it was open`;
  const late = begun.filter((one) => one.caller === caller && one.atMs > 7000 + PROBE_MAX_MS);
  if (late.length > 40 && !late.some(({ server }) => server === "s0")) return `${caller} did not come back to s0`;
  if (late.length === 0) return true;
  const circuits = limits.get(caller)?.circuits() ?? [];
  const state = circuits.find(({ place }) => place === "sim://s0")?.state;
  return state === "closed" || `the circuit of s0 is ${state} at ${caller} in the end`;
}

test("Breakers leave a failing instance alone, probe it one by one and come back, in every order", async () => {
  // Events may come 5 ms early or late; with more of it, calls to servers that are well would time out.
  await assertHolds(ejected, { runs: process.env["ORRERY_LONG"] === "1" ? 500 : 40, slackMs: 5 });
});

test("Breakers of one caller send one probe at a time to a place that fails, however many calls there are", async () => {
  await using world = createWorld({ seed: 5, trace: "off", link });
  const fleet = addFleet(world, { servers: 1, callers: 1, calls: 1500, settings: { breakers: [breaker] } });
  await world.start();
  await world.run({ forMs: 500 });
  fleet.broken.add("s0");
  await world.run({ forMs: 20_000 });
  const opened = fleet.changes.find(({ circuit }) => circuit.state === "open") ?? assert.fail("never opened");
  const probes = fleet.begun.filter(({ atMs, isBroken }) => isBroken && atMs > opened.atMs + 20);
  const gaps = probes.slice(1).map(({ atMs }, index) => atMs - (probes[index]?.atMs ?? 0));
  assert.ok(probes.length >= 6 && probes.length <= 14, `${probes.length} probes`);
  assert.ok(Math.min(...gaps) >= 500, `${Math.min(...gaps)} ms between two`);
  const refused = fleet.ends.filter(({ outcome }) => outcome === "circuit_open").length;
  assert.ok(refused > 500, `${refused} failed fast`);
  assert.equal(fleet.ends.filter(({ outcome }) => outcome === "timeout").length, 0);
});

test("Breakers open no more than half of the places, whatever fails", async () => {
  await using world = createWorld({ seed: 6, trace: "off", link });
  const fleet = addFleet(world, { servers: 10, callers: 2, calls: 800, settings: { breakers: [breaker] } });
  await world.start();
  await world.run({ forMs: 2000 });
  for (let index = 0; index < 10; index++) fleet.broken.add(`s${index}`);
  for (let look = 0; look < 100; look++) {
    await world.run({ forMs: 100 });
    for (const limits of fleet.limits.values()) {
      const open = limits.circuits().filter(({ state }) => state !== "closed").length;
      assert.ok(open <= 5, `${open} of 10 are open`);
    }
  }
  const views = fleet.limits.get("c0")?.circuits() ?? [];
  assert.equal(views.filter(({ state }) => state !== "closed").length, 5);
  assert.equal(views.filter(({ held }) => held).length, 5, "the rest would be, were it not for the share");
  assert.equal(fleet.ends.filter(({ outcome }) => outcome === "circuit_open").length, 0);
});

test("Breakers leave a host that is cut off alone before its calls time out one by one, and come back when it does", async () => {
  await using world = createWorld({ seed: 7, trace: "off", link, breakAfterMs: 60_000 });
  const fleet = addFleet(world, { servers: 2, callers: 1, calls: 1500, settings: { breakers: [breaker] } });
  await world.start();
  await world.run({ forMs: 1000 });
  world.inject("partition c0 | s0");
  await world.run({ forMs: 10_000 });
  const lost = fleet.ends.filter(({ outcome }) => outcome === "timeout").length;
  // Half of the calls of one timeout, and the probes.
  assert.ok(lost > 3 && lost < 40, `${lost} calls timed out`);
  world.inject("heal");
  await world.run({ forMs: PROBE_MAX_MS });
  assert.deepEqual(
    fleet.limits
      .get("c0")
      ?.circuits()
      .map(({ state }) => state),
    ["closed", "closed"],
  );
});
