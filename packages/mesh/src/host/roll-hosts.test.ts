import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { assertHolds, defineScenario, type World } from "@orrery/sim";
import { createGossipDirectory } from "../discovery/gossip-directory.ts";
import { addWorldHost, modelRelease, type WorldHost } from "../testing/host-world.ts";
import { createHostTarget } from "./host-target.ts";
import { type RollHostsOptions, type RollHostsResult, rollHosts } from "./roll-hosts.ts";

const RUNS = process.env["ORRERY_LONG"] === undefined ? 2 : 200;
const OLD = modelRelease({ startMs: 20 });
const NEW = modelRelease({ startMs: 30 });
const BAD = modelRelease({ startMs: 30, exitCode: 1 });
const AT_ONCE = 3;

interface Network {
  readonly hosts: readonly WorldHost[];
  /** Most hosts that were changing at one moment. */
  changingMax: number;
  /** Versions that processes took work with. */
  readonly versions: Set<string>;
  readonly results: RollHostsResult[];
  isOver: boolean;
}

type Roll = (more?: Partial<RollHostsOptions>) => Promise<RollHostsResult>;

/** Hosts that find one another from two seeds, and somebody who rolls a plan over them. */
function network(
  world: World,
  {
    count,
    release = NEW,
    act,
  }: { count: number; release?: typeof NEW; act: (roll: Roll, net: Network) => Promise<void> },
): Network {
  const names = Array.from({ length: count }, (_, index) => `h${index}`);
  const net: Network = { hosts: [], changingMax: 0, versions: new Set(), results: [], isOver: false };
  const note = () => {
    const changing = net.hosts.filter(({ core }) => core?.status().plan.state === "rolling");
    net.changingMax = Math.max(net.changingMax, changing.length);
    for (const { machine } of net.hosts)
      for (const process of machine?.processes ?? [])
        if (process.isReady) net.versions.add((process.record.program as { version: string }).version);
  };
  const seeds = ["sim://h0", "sim://h1"];
  const config = {
    roll: { steadyMs: 50, stepMs: 5_000, stages: [], stageMs: 1_000, failedShareMax: 0.01, callsMin: 10 },
  };
  for (const name of names)
    (net.hosts as WorldHost[]).push(addWorldHost(world, name, { seeds, first: OLD.content, config, onEvent: note }));
  const directory = () => createGossipDirectory({ seeds });
  world.node("ops", {
    agent: "ops",
    directory,
    async run({ life, clock }) {
      await clock.sleep(5_000); // All have found one another, and run what they had.
      const roll: Roll = async (more) => {
        const result = await rollHosts({
          hosts: names.map((name) => createHostTarget(life, name, { timeoutMs: 1_000 })),
          plan: { id: release.version, components: [{ name: "shop", release: release.release }] },
          contents: new Map(release.release.files.map(({ sha256 }) => [sha256, release.content])),
          fresh: new Set([release.version]),
          clock,
          unavailableMax: AT_ONCE,
          waitMs: 20_000,
          ...more,
        });
        net.results.push(result);
        return result;
      };
      await act(roll, net);
      net.isOver = true;
    },
  });
  return net;
}

function runningOf({ hosts }: Network): readonly string[] {
  return [...new Set(hosts.map(({ core }) => core?.status().running.get("shop") ?? "none"))];
}

/** What holds at every end: nobody changed out of turn, no third version was ever up, nothing is left half. */
function policyOf(net: Network): true | string {
  if (!net.isOver) return "it did not come to its end";
  if (net.changingMax > AT_ONCE) return `${net.changingMax} hosts were changing at once`;
  const half = net.hosts.filter(({ machine }) => machine?.running("shop-0").length !== 1);
  if (half.length > 0) return `${half.map(({ name }) => name).join()} do not run one process`;
  const others = [...net.versions].filter((version) => version !== OLD.version && version !== NEW.version);
  return others.length === 0 || `versions ${others.join()} took work`;
}

/** Cuts some hosts off in the middle of the roll, for a while. */
function cutOff(world: World, net: Network, { forMs }: { forMs: number }): (host: { state: string }) => void {
  const draw = world.draw("cut");
  const after = 1 + draw.integer(20);
  const away = net.hosts.filter(({ name }) => name !== "h0" && draw.chance(0.4)).map(({ name }) => name);
  let done = 0;
  return ({ state }) => {
    if (state !== "done" || ++done !== after) return;
    world.partition(away, ["ops", ...net.hosts.map(({ name }) => name).filter((name) => !away.includes(name))]);
    world.nodes.get("ops")?.clock.timer(forMs, () => world.heal());
  };
}

const link = { latency: { kind: "uniform", minMs: 0.2, maxMs: 5 } } as const;

const healed = defineScenario("50 hosts are rolled, with a partition in the middle that heals", {
  world: { link },
  setup(world): Network {
    const net: Network = network(world, {
      count: 50,
      act: async (roll) => void (await roll({ waitMs: 120_000, onHost: cutOff(world, net, { forMs: 15_000 }) })),
    });
    return net;
  },
  check(net) {
    const [result] = net.results;
    if (result?.kind !== "done") return `it ended as ${result?.kind}: ${result?.text}`;
    if (runningOf(net).join() !== NEW.version) return `hosts run ${runningOf(net).join()}`;
    return policyOf(net);
  },
});

const cut = defineScenario("50 hosts are rolled, and those that stay out of reach are named and done later", {
  world: { link },
  setup(world): Network {
    const net: Network = network(world, {
      count: 50,
      async act(roll) {
        const first = await roll({ onHost: cutOff(world, net, { forMs: 100_000 }) });
        assert.equal(first.kind, "incomplete");
        const open = first.hosts.filter(({ state }) => state === "unreachable").map(({ host }) => host);
        for (const host of open) assert.ok(first.text.includes(host), first.text);
        world.heal();
        await world.nodes.get("ops")?.clock.sleep(40_000);
        await roll();
      },
    });
    return net;
  },
  check(net) {
    if (net.results.map(({ kind }) => kind).join() !== "incomplete,done") return JSON.stringify(net.results.at(-1));
    if (runningOf(net).join() !== NEW.version) return `hosts run ${runningOf(net).join()}`;
    return policyOf(net);
  },
});

const bad = defineScenario("a version that does not start is met by the first hosts alone", {
  world: { link },
  setup: (world) => network(world, { count: 12, release: BAD, act: async (roll) => void (await roll()) }),
  check(net) {
    const [result] = net.results;
    if (result?.kind !== "reverted") return `it ended as ${result?.kind}`;
    const untouched = result.hosts.filter(({ state }) => state === "waiting").length;
    if (untouched < 12 - AT_ONCE) return `only ${untouched} of 12 hosts were left alone`;
    if (runningOf(net).join() !== OLD.version) return `hosts run ${runningOf(net).join()}`;
    return policyOf(net);
  },
});

interface ToldNetwork extends Network {
  readonly told: string[];
}

const away = defineScenario("a host that is out of reach before a roll begins is told of at once", {
  world: { link },
  setup(world): ToldNetwork {
    const told: string[] = [];
    const net = network(world, {
      count: 3,
      async act(roll) {
        world.partition(["h2"], ["ops", "h0", "h1"]);
        await roll({ waitMs: 5_000, onHost: ({ host, state }) => void told.push(`${host} ${state}`) });
      },
    });
    return Object.assign(net, { told });
  },
  check({ results, told }) {
    if (results[0]?.kind !== "incomplete") return JSON.stringify(results[0]);
    const [first, ...more] = told.filter((one) => one.startsWith("h2"));
    if (first !== "h2 unreachable" || more.length > 0) return told.join();
    return told.indexOf(first) < told.indexOf("h1 done") || `it was told of late: ${told.join()}`;
  },
});

describe("rollHosts", () => {
  it("tells of a host that is out of reach from the start before others are done", async () =>
    assertHolds(away, { runs: 4, strategies: ["seeds"] }));

  it("rolls 50 hosts through a partition in the middle: no more versions than two, no more hosts at once than said", async () =>
    assertHolds(healed, { runs: RUNS, strategies: ["seeds"] }));

  it("names the hosts that stay out of reach, and goes on with them later", async () =>
    assertHolds(cut, { runs: RUNS, strategies: ["seeds"] }));

  it("halts at a version that does not start, and no process of it ever takes work", async () =>
    assertHolds(bad, { runs: RUNS, strategies: ["seeds"] }));
});
