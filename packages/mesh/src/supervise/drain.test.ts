import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defineComponent, defineService, json, outcomeOf } from "@orrery/core";
import { assertHolds, defineScenario, type World } from "@orrery/sim";
import { createLiveDirectory } from "../live-directory.ts";
import { createMemoryStore } from "../testing/supervise/model-processes.ts";
import { createNodeProcesses, type NodeProcesses } from "../testing/supervise/node-processes.ts";
import { randomOf } from "../testing/supervise/world-machine.ts";
import { type CanaryBudget, judgeCanary } from "./judge-canary.ts";
import { type RollOutOptions, type RollOutResult, rollOut } from "./roll-out.ts";
import type { SuperviseSpec } from "./spec.ts";
import type { SuperviseEvent, Supervisor } from "./supervise.ts";
import { createSupervisor } from "./supervisor.ts";

const Desk = defineService("desk", {
  ask: { request: json<{ n: number }>(), reply: json<{ n: number; version: number }>() },
  note: { mode: "async", request: json<{ n: number }>() },
});

const RUNS = process.env["ORRERY_LONG"] === undefined ? 60 : 2_000;

interface Load {
  readonly outcomes: Map<number, string[]>;
  readonly versions: number[];
  readonly accepted: Set<number>;
  readonly handled: number[];
  readonly calls: { old: { calls: number; failures: number }; fresh: { calls: number; failures: number } };
  readonly events: SuperviseEvent[];
  supervisor: Supervisor | undefined;
  result: RollOutResult | undefined;
}

function specOf(
  names: readonly string[],
  version: number,
  strategy: "one-for-one" | "rest-for-one" = "one-for-one",
): SuperviseSpec {
  return { groups: [{ name: "desks", strategy, children: names.map((name) => ({ name, program: { version } })) }] };
}

/** Desks under a supervisor, and somebody who asks them again and again while `act` does something with them. */
function office(
  world: World,
  names: readonly string[],
  act: (load: Load, world: World, processes: NodeProcesses) => Promise<void>,
): Load {
  const load: Load = {
    outcomes: new Map(),
    versions: [],
    accepted: new Set(),
    handled: [],
    calls: { old: { calls: 0, failures: 0 }, fresh: { calls: 0, failures: 0 } },
    events: [],
    supervisor: undefined,
    result: undefined,
  };
  const directory = createLiveDirectory();
  let processes: NodeProcesses | undefined;
  const pool = Array.from({ length: 24 }, (_, index) => {
    const name = `p${index}`;
    return world.node(name, { components: () => [deskOf(load, () => versionOf(processes?.programs.get(name)))] });
  });
  let isOver = false;
  world.node("host", {
    async run(host) {
      processes = createNodeProcesses(host, pool);
      const supervisor = await createSupervisor({
        control: processes.control,
        store: createMemoryStore(),
        clock: host.clock,
        random: randomOf(world),
        onEvent: (event) => load.events.push(event),
        onRoutes: (routes) => directory.replace({ desk: [...routes.values()] }),
      });
      load.supervisor = supervisor;
      supervisor.apply(specOf(names, 1));
      while (!supervisor.status().every(({ state }) => state === "ready")) await host.clock.sleep(10);
      await host.clock.sleep(200);
      await act(load, world, processes);
      await host.clock.sleep(300);
      isOver = true;
      await host.clock.sleep(3_000);
      supervisor.release();
    },
  });
  world.node("caller", {
    directory: () => directory,
    async run({ life, clock }) {
      while (directory.resolve("desk").length < names.length) await clock.sleep(5);
      for (let n = 0; !isOver; n++) {
        load.outcomes.set(n, []);
        void outcomeOf(life.client(Desk).ask({ n }, { timeoutMs: 2_000 })).then((outcome) => {
          load.outcomes.get(n)?.push(outcome.kind);
          if (outcome.kind === "reply") load.versions.push(outcome.value.version);
        });
        void life
          .send(Desk)
          .note({ n }, { timeoutMs: 2_000 })
          .accepted.then(
            () => load.accepted.add(n),
            () => undefined,
          );
        await clock.sleep(3 + world.draw("pace").integer(4));
      }
      await clock.sleep(2_500);
    },
  });
  return load;
}

function deskOf(load: Load, version: () => number) {
  return defineComponent(Desk, () => ({
    async ask({ n }, context) {
      const count = version() === 1 ? load.calls.old : load.calls.fresh;
      count.calls++;
      await context.clock.sleep(2);
      if (version() === 666) {
        count.failures++;
        throw new Error("A defect of this version");
      }
      return { n, version: version() };
    },
    async note({ n }, context) {
      await context.clock.sleep(1);
      load.handled.push(n);
    },
  }));
}

function versionOf(program: unknown): number {
  return (program as { version?: number } | undefined)?.version ?? 0;
}

/** Every call has exactly one outcome, of these kinds. */
function outcomesOf({ outcomes }: Load, kinds: readonly string[]): true | string {
  const wrong = [...outcomes].filter(([, ended]) => ended.length !== 1 || !kinds.includes(ended[0] ?? ""));
  if (wrong.length === 0) return outcomes.size > 20 || `only ${outcomes.size} calls were made`;
  return `calls ended so: ${JSON.stringify(wrong.slice(0, 5))} (${wrong.length} of ${outcomes.size})`;
}

/** The same, and what was accepted was handled once. */
function accountOf(load: Load, kinds: readonly string[]): true | string {
  const times = new Map<number, number>();
  for (const n of load.handled) times.set(n, (times.get(n) ?? 0) + 1);
  const lost = [...load.accepted].filter((n) => times.get(n) !== 1);
  if (lost.length > 0) return `${lost.length} of ${load.accepted.size} accepted notes were not handled once`;
  return outcomesOf(load, kinds);
}

const link = { latency: { kind: "uniform", minMs: 1, maxMs: 6 } } as const;

async function roll(load: Load, world: World, more: Omit<RollOutOptions, "target" | "clock">): Promise<void> {
  const { supervisor } = load;
  const clock = world.nodes.get("host")?.clock;
  if (supervisor === undefined || clock === undefined) return;
  load.result = await rollOut({ target: supervisor, clock, steadyMs: 50, ...more });
}

for (const names of [["a"], ["a", "b", "c"]]) {
  const rolling = defineScenario(`${names.length} desks are replaced while they work`, {
    world: { link },
    setup: (world) => office(world, names, (load) => roll(load, world, { to: specOf(names, 2) })),
    check(load) {
      if (load.result?.kind !== "done") return `the rollout ended as ${JSON.stringify(load.result)}`;
      if (load.versions.at(-1) !== 2) return `the last reply came from version ${load.versions.at(-1)}`;
      return accountOf(load, ["reply"]);
    },
  });
  describe("rollOut", () => {
    it(`replaces ${names.length} under load, and no call fails`, async () =>
      assertHolds(rolling, { runs: RUNS, strategies: ["seeds"] }));
  });
}

const budget: CanaryBudget = { callsMin: 20, failedShareMax: 0.1 };

const canary = defineScenario("a bad version is met by a few, and goes", {
  world: { link },
  setup: (world) =>
    office(world, ["a", "b", "c", "d"], (load) => {
      const judge = () => judgeCanary(load.calls.fresh, load.calls.old, budget);
      return roll(load, world, { to: specOf(["a", "b", "c", "d"], 666), stages: [0.25, 1], judge });
    }),
  check(load) {
    if (load.result?.kind !== "reverted") return `the rollout ended as ${JSON.stringify(load.result)}`;
    if (load.versions.at(-1) !== 1) return "the old version is not back";
    const failed = [...load.outcomes.values()].filter(([kind]) => kind === "defect").length;
    if (failed === 0 || failed > load.outcomes.size / 2)
      return `${failed} of ${load.outcomes.size} calls met the bad version`;
    const [first] = load.supervisor?.spec.groups ?? [];
    assert.deepEqual(
      first?.children.map(({ program }) => program),
      Array(4).fill({ version: 1 }),
    );
    return accountOf(load, ["reply", "defect"]);
  },
});

const ending = defineScenario("all desks end while they work", {
  world: { link },
  setup: (world) => office(world, ["a", "b", "c"], async ({ supervisor }) => await supervisor?.stop()),
  // What is asked after the last has gone waits for somebody who serves, as long as it may.
  check: (load) => load.versions.length > 10 && accountOf(load, ["reply", "bounced", "timeout"]),
});

describe("rollOut", () => {
  it("halts at the first stage when the new version fails, and puts the old one back", async () =>
    assertHolds(canary, { runs: RUNS, strategies: ["seeds"] }));
});

const killing = defineScenario("all desks are killed while they work", {
  world: { link },
  setup: (world) => office(world, ["a", "b", "c"], async ({ supervisor }) => await supervisor?.kill()),
  check: (load) => {
    const isOver = load.supervisor
      ?.status()
      .every(({ state, exits }) => state === "down" && exits.at(-1)?.reason === "asked");
    return isOver ? outcomesOf(load, ["reply", "bounced", "unreachable", "timeout"]) : "one still runs";
  },
});

describe("Supervisor.kill", () => {
  it("gives every call that was open its outcome", async () =>
    assertHolds(killing, { runs: RUNS, strategies: ["seeds"] }));
});

describe("Supervisor.stop", () => {
  it("loses nothing that was accepted, and leaves no call without an outcome", async () =>
    assertHolds(ending, { runs: RUNS, strategies: ["seeds"] }));
});
