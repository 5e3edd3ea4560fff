import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { assertHolds, createWorld, defineScenario, type ModelNode, type World } from "@orrery/sim";
import { createGossipDirectory } from "../discovery/gossip-directory.ts";
import { addWorldHost, modelRelease } from "../testing/host-world.ts";
import { createHostTarget } from "./host-target.ts";
import { HeardHosts } from "./known-hosts.ts";
import { type RollHostsResult, rollHosts } from "./roll-hosts.ts";
import { type SurveyedHost, surveyHosts } from "./survey-hosts.ts";

const RUNS = process.env["ORRERY_LONG"] === undefined ? 30 : 1_000;
const OLD = modelRelease({ startMs: 20 });
const NEW = modelRelease({ startMs: 30 });
const HOSTS = ["h0", "h1", "h2", "h3", "h4"];
const SEEDS = ["sim://h0", "sim://h1"];
const VICTIM = "h3";
/** Longer than any network takes to be sure that a host is dead. */
const BURIED_MS = 60_000;

interface Network {
  readonly victim: ModelNode;
  surveyed: readonly SurveyedHost[];
  result: RollHostsResult | undefined;
}

/** Hosts of which one goes, and somebody who comes afterwards, knows one of them, and brings all a new version. */
function network(world: World, befall: (net: Network, ops: ModelNode) => Promise<void>): Network {
  const nodes = HOSTS.map((name) => addWorldHost(world, name, { seeds: SEEDS, first: OLD.content }).node);
  const net: Network = {
    victim: nodes[HOSTS.indexOf(VICTIM)] as ModelNode,
    surveyed: [],
    result: undefined,
  };
  world.node("ops", {
    agent: "ops",
    directory: () => createGossipDirectory({ seeds: SEEDS }),
    async run(ops) {
      const { life, clock } = ops;
      await clock.sleep(5_000); // All have found one another.
      await befall(net, ops);
      const others = (name: string) => createHostTarget(life, name, { timeoutMs: 1_000 });
      net.surveyed = await surveyHosts([others("h0")], others);
      net.result = await rollHosts({
        hosts: [others("h0")],
        others,
        plan: { id: NEW.version, components: [{ name: "shop", release: NEW.release }] },
        contents: new Map(NEW.release.files.map(({ sha256 }) => [sha256, NEW.content])),
        fresh: new Set([NEW.version]),
        clock,
        waitMs: 5_000,
      });
    },
  });
  return net;
}

/** Whether all were found and done, and whoever is missed was named, by both. */
function told({ surveyed, result }: Network, missed: readonly string[]): true | string {
  const found = [
    ["reached", surveyed.filter(({ state }) => state === "reached").map(({ target }) => target.name)],
    ["unreachable", surveyed.filter(({ state }) => state === "unreachable").map(({ target }) => target.name)],
    ["done", result?.hosts.filter(({ state }) => state === "done").map(({ host }) => host)],
    ["open", result?.hosts.filter(({ state }) => state === "unreachable").map(({ host }) => host)],
  ] as const;
  const text = found.map(([what, names]) => `${what}: ${[...(names ?? [])].sort().join()}`).join("; ");
  const there = HOSTS.filter((name) => name !== VICTIM).join();
  const wanted = `reached: ${there}; unreachable: ${missed.join()}; done: ${there}; open: ${missed.join()}`;
  if (text !== wanted) return `${text}; it ended as ${result?.kind}: ${result?.text}`;
  if (missed.length === 0) return result?.kind === "done" || `it ended as ${result?.kind}`;
  const isNamed = missed.every((name) => result?.text.includes(name));
  return (result?.kind === "incomplete" && isNamed) || `it ended as ${result?.kind}: ${result?.text}`;
}

const link = { latency: { kind: "uniform", minMs: 0.2, maxMs: 5 } } as const;

const dead = defineScenario("a host died at some moment before somebody came who never heard of it", {
  world: { link },
  setup(world): Network {
    return network(world, async ({ victim }, { clock }) => {
      const draw = world.draw("death");
      if (draw.chance(0.5)) victim.crash();
      else world.partition([VICTIM], ["ops", ...HOSTS.filter((name) => name !== VICTIM)]);
      if (draw.chance(0.5)) await clock.sleep(draw.integer(BURIED_MS));
      if (!draw.chance(0.3)) return;
      world.inject("restart h0"); // It never heard of the dead one in this life; others did.
      await clock.sleep(5_000);
    });
  },
  check: (net) => told(net, [VICTIM]),
});

const left = defineScenario("a host left in order before somebody came", {
  world: { link },
  setup(world): Network {
    return network(world, async ({ victim }, { clock }) => {
      await victim.life.stop();
      await clock.sleep(1_000 + world.draw("leaving").integer(BURIED_MS));
    });
  },
  check: (net) => told(net, []),
});

/** After so long, some round trips, others have heard of a new life; before, nobody knows that a host which left came back. */
const HEARD_MS = 50;

const again = defineScenario("a host was started anew and died again before its new life was known everywhere", {
  world: { link },
  setup(world): Network {
    return network(world, async ({ victim }, { clock }) => {
      const draw = world.draw("again");
      const hasLeft = draw.chance(0.5);
      if (hasLeft) await victim.life.stop();
      else victim.crash();
      await clock.sleep(draw.integer(BURIED_MS));
      world.inject(`restart ${VICTIM}`);
      await clock.sleep((hasLeft ? HEARD_MS : 0) + draw.integer(draw.oneOf([10, 100, 3_000])));
      victim.crash();
      if (draw.chance(0.5)) await clock.sleep(draw.integer(BURIED_MS));
    });
  },
  check: (net) => told(net, [VICTIM]),
});

describe("surveyHosts and rollHosts, with others", () => {
  it("name a host that died, whether those who are asked know it already or somebody came too late to hear of it", async () =>
    assertHolds(dead, { runs: RUNS, strategies: ["seeds"] }));

  it("name a host that came back and died at once, though hardly anybody heard of its new life", async () =>
    assertHolds(again, { runs: RUNS, strategies: ["seeds"] }));

  it("do not miss a host that left in order", async () => assertHolds(left, { runs: RUNS, strategies: ["seeds"] }));

  it("name a host for the hour in which it is remembered, and not after it", async () => {
    for (const [afterMs, missed] of [
      [3_500_000, [VICTIM]],
      [3_700_000, []],
    ] as const) {
      await using world = createWorld({ seed: 1, link });
      const net = network(world, async ({ victim }, { clock }) => {
        victim.crash();
        await clock.sleep(afterMs);
      });
      await world.start();
      await world.finish({ withinMs: 2 * 3_600_000 });
      assert.equal(told(net, missed), true);
    }
  });
});

describe("HeardHosts", () => {
  const host = (status: "alive" | "dead" | "left", incarnation: number) => ({ name: "h", incarnation, status });
  for (const [what, first, second, expected] of [
    ["one that came back after it left", host("left", 1), host("alive", 2), ["h"]],
    ["one that died in a later life than it left", host("left", 1), host("dead", 2), ["h"]],
    ["none that left in a later life than it died", host("dead", 1), host("left", 2), []],
    ["none that left, and was taken for dead by somebody", host("dead", 1), host("left", 1), []],
  ] as const)
    it(`expect ${what}, in whichever order it is heard`, () => {
      for (const told of [
        [first, second],
        [second, first],
      ]) {
        const heard = new HeardHosts();
        for (const one of told) heard.hear([one]);
        assert.deepEqual(heard.expected(), expected);
        assert.equal(heard.hasLeft("h"), expected.length === 0);
      }
    });
});
