import { type Draw, defineScenario, type World } from "@orrery/sim";
import type { MemberView } from "../gossip-directory.ts";
import { type GossipWorld, joinGossip, nodeName, seedsOf } from "./gossip-world.ts";

/** Something that befalls a node, or all. */
interface Harm {
  readonly kind: (typeof HARMS)[number];
  readonly atMs: number;
  readonly forMs: number;
  /** Draws whom it befalls. */
  readonly lot: number;
}

const HARMS = ["cut", "cut", "deaf", "mute", "split", "pause", "slow", "crash", "leave", "jump", "cutCrash"] as const;

/** What is looked at. */
interface Watched {
  readonly gossip: GossipWorld;
  readonly harms: readonly Harm[];
  /** Since when each node has been well, in ms of the world; one that is not has none. */
  readonly wellSinceMs: Map<string, number>;
  /** What was seen that must not be. */
  readonly wrong: string[];
}

/**
 * How long two nodes have been well, that neither may take the other for dead: the longest wait before a connection is tried again, and as
 * much once more for what was lost on the way.
 */
export const WELL_MS = 10_000;
/** How long the living may take to know one another after all harm: the longest wait before one that is gone is asked again, some times. */
export const KNOWN_AGAIN_MS = 60_000;

/** Networks of 5 to 30 nodes that come to harm: nobody who is well may be buried by another who is, and nobody who left comes back. */
export const burials = defineScenario("nobody who is well is buried by another who is", {
  world: { link: { latency: { kind: "uniform", minMs: 0.2, maxMs: 5 } }, startWithinMs: 2000 },
  setup(world): Watched {
    const draw = world.draw("network");
    const count = 5 + draw.integer(draw.chance(0.3) ? 26 : 10);
    const watched: Watched = {
      gossip: joinGossip(world, { seeds: seedsOf(3) }),
      harms: world.operations("harm", 8, (one) => drawHarm(one, 120_000)),
      wellSinceMs: new Map(),
      wrong: [],
    };
    const loss = draw.chance(0.5) ? 0 : draw.integer(21) / 100;
    if (loss > 0) world.inject(`link *>* loss ${loss}`);
    for (let index = 0; index < count; index++) addWatched(watched, nodeName(index), world);
    return watched;
  },
  async run(world, watched) {
    await world.start();
    for (const name of world.nodes.keys()) watched.wellSinceMs.set(name, world.elapsedMs);
    for (const { atMs, act } of planOf(world, watched)) {
      await world.run({ forMs: Math.max(0, atMs - world.elapsedMs) });
      await act();
    }
    await world.run({ forMs: 20_000 });
  },
  always: { "nobody is wronged": ({ wrong }) => wrong[0] ?? true },
  eventually: { "all who live know exactly one another": ({ gossip }) => gossip.isAgreed() },
  withinMs: KNOWN_AGAIN_MS,
});

function drawHarm(draw: Draw, withinMs: number): Harm {
  const longMs = draw.oneOf([2_000, 10_000, 40_000]);
  return {
    kind: draw.oneOf(HARMS),
    atMs: 5_000 + draw.integer(withinMs),
    forMs: 200 + draw.integer(longMs),
    lot: draw.integer(1_000_000),
  };
}

interface Step {
  readonly atMs: number;
  readonly act: () => Promise<void> | void;
}

function planOf(world: World, watched: Watched): readonly Step[] {
  const names = [...world.nodes.keys()];
  /** How much has hold of each node now: harms overlap. */
  const harmed = new Map<string, number>();
  const steps = watched.harms.flatMap((harm): Step[] => {
    const node = names[harm.lot % names.length] as string;
    const befallen = harm.kind === "split" ? names : [node];
    const [begin, end] = waysOf(world, harm, node, names);
    const ill = () => {
      for (const name of befallen) harmed.set(name, (harmed.get(name) ?? 0) + 1);
      for (const name of befallen) watched.wellSinceMs.delete(name);
    };
    const well = () => {
      for (const name of befallen) harmed.set(name, (harmed.get(name) ?? 0) - 1);
      for (const name of befallen) if (harmed.get(name) === 0) watched.wellSinceMs.set(name, world.elapsedMs);
    };
    const endMs = harm.atMs + harm.forMs;
    return [
      {
        atMs: harm.atMs,
        act() {
          ill();
          return begin();
        },
      },
      {
        atMs: endMs,
        async act() {
          await end();
          well();
        },
      },
    ];
  });
  return steps.sort((a, b) => a.atMs - b.atMs);
}

function waysOf(
  world: World,
  { kind, lot }: Harm,
  node: string,
  names: readonly string[],
): readonly [Step["act"], Step["act"]] {
  const inject =
    (...faults: readonly string[]) =>
    () => {
      for (const fault of faults) world.inject(fault);
    };
  const restart = async () => void (await world.settle(world.nodes.get(node)?.restart() ?? Promise.reject()));
  switch (kind) {
    case "cut":
      return [inject(`cut ${node}>*`, `cut *>${node}`), inject(`heal ${node}>*`, `heal *>${node}`)];
    case "cutCrash":
      return [
        inject(`cut ${node}>*`, `cut *>${node}`),
        async () => {
          inject(`crash ${node}`, `heal ${node}>*`, `heal *>${node}`)();
          await restart();
        },
      ];
    case "deaf":
      return [inject(`cut *>${node}`), inject(`heal *>${node}`)];
    case "mute":
      return [inject(`cut ${node}>*`), inject(`heal ${node}>*`)];
    case "split": {
      const side = names.filter((_, index) => ((lot >> (index % 19)) & 1) === 1);
      const rest = names.filter((name) => !side.includes(name));
      if (side.length === 0 || rest.length === 0) return [() => undefined, () => undefined];
      return [inject(`partition ${side.join()} | ${rest.join()}`), inject("heal")];
    }
    case "pause":
      return [inject(`pause ${node}`), inject(`resume ${node}`)];
    case "slow":
      return [inject(`slow ${node} ${[5, 50, 300][lot % 3]} ms`), inject(`slow ${node} 0 ms`)];
    case "crash":
      return [inject(`crash ${node}`), restart];
    case "leave":
      return [() => void world.nodes.get(node)?.life.stop(), restart];
    case "jump":
      return [inject(`jump ${node} ${(lot % 20_000) - 10_000} ms`), () => undefined];
  }
}

function addWatched(watched: Watched, name: string, world: World): void {
  const seen = new Map<string, Pick<MemberView, "incarnation" | "status">>();
  let ownLife = 0;
  watched.gossip.add(name, {
    onMember({ node, incarnation, status }) {
      const self = world.nodes.get(name);
      const other = world.nodes.get(node);
      if (self?.alive !== true || other === undefined || node === name) return;
      if (self.life.incarnation !== ownLife) seen.clear();
      ownLife = self.life.incarnation;
      const before = seen.get(node);
      seen.set(node, { incarnation, status });
      const say = (what: string) => watched.wrong.push(`at ${world.elapsedMs} ms ${name} ${what} ${node}`);
      if (before !== undefined && incarnation < before.incarnation) say("takes an earlier life for that of");
      if (before?.status === "left" && before.incarnation === incarnation && status !== "left") say("brings back");
      const isWell = (one: string) => world.elapsedMs - (watched.wellSinceMs.get(one) ?? world.elapsedMs) >= WELL_MS;
      if (status === "dead" && other.alive && other.life.incarnation === incarnation && isWell(name) && isWell(node))
        say("buries");
    },
  });
}
