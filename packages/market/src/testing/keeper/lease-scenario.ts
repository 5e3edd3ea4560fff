import { createSeededRandom } from "@orrery/core/conformance";
import { defineScenario, type ModelNode, type World } from "@orrery/sim";
import { EPOCH_MS, type LeaseScene, setScene, WHO } from "./lease-scene.ts";
import { leaseComponent } from "./lease-service.ts";
import { type Loot, lyingAnswers } from "./liars.ts";
import { drawCast, isProviderHonest, isPublisherHonest } from "./world-cast.ts";
import { BLOCK_MS } from "./world-chain.ts";
import { CHAOS_MS, runProvider, runPublisher } from "./world-parties.ts";
import { brokenPromises } from "./world-promises.ts";
import { countTime, showActing, type WorldRecord } from "./world-record.ts";

/** Terms whose windows are long beside the looks of both sides. */
const TERMS = {
  ...{
    beatPeriod: 60,
    grace: 120,
    challengeWindow: 240,
    responseWindow: 180,
    publisherNotice: 480,
    providerNotice: 600,
  },
  ...{ tier1: 200, tier2: 300, bond: 4_000n, expires: EPOCH_MS / 1_000 + 100_000 },
};

/** The longest that one party alone takes to end a lease: a notice, a challenge beside it, and what is done late. */
const END_MS = (600 + 180 + 240 + 480) * 1_000;

/**
 * One lease between two parties, of whom one or both may break the rules, on a chain whose nodes fail and which is reorganised, over a network that loses
 * messages, on machines that crash.
 */
export const leaseWorld = defineScenario<WorldRecord>("a lease pays what it promises", {
  world: { epochMs: EPOCH_MS, link: { latency: { kind: "uniform", minMs: 5, maxMs: 80 } } },
  setup,
  async run(world, record) {
    await world.start();
    await world.run({ forMs: CHAOS_MS });
    for (const name of ["provider", "publisher"]) {
      const node = world.nodes.get(name);
      if (node?.alive === false) world.inject(`restart ${name}`);
    }
    await world.recover();
    const { cast } = record;
    record.nodes.provider.lossShare = record.nodes.publisher.lossShare = 0;
    record.nodes.provider.reach = record.nodes.publisher.reach = "ok";
    await world.run({ forMs: 120_000 });
    if (isPublisherHonest(cast) && record.follower !== undefined) await world.settle(record.follower.close());
    const mayClose = isProviderHonest(cast) || (cast.provider !== "dark" && !isPublisherHonest(cast));
    if (mayClose && record.keeper !== undefined) await world.settle(record.keeper.close());
    else if (!isPublisherHonest(cast)) await closeAs(record);
    await world.run({ forMs: END_MS });
    await settleForAll(record);
    await world.settle(Promise.all([record.keeper?.stop(), record.follower?.stop()]));
  },
  always: { "time is counted": countTime },
  check: async (record) => {
    if (record.began.size < 3) return true; // A failure is made small by leaving out nodes: without these nothing is promised.
    const broken = await brokenPromises(record);
    return (
      broken.length === 0 ||
      `${JSON.stringify(record.cast, (_key, value) => (typeof value === "bigint" ? `${value}` : value))}: ${broken.join("; ")}`
    );
  },
  faults: ["crash", "partition", "clog", "pause", "slow", "loss", "duplicate", "reorder", "jump", "disk"],
  faultyNodes: ["provider", "publisher"],
  leaks: "ignore",
  deadlocks: "ignore",
});

function setup(world: World): WorldRecord {
  const cast = drawCast(world.draw("cast"));
  const isShady = cast.loss;
  const record: WorldRecord = {
    ...{ world, cast, scene: undefined, isDark: false, keeper: undefined, follower: undefined },
    nodes: { provider: { reach: "ok", lossShare: isShady }, publisher: { reach: "ok", lossShare: isShady } },
    ...{
      pod: { serves: true, isDeleted: false },
      servedMs: 0,
      servedToMs: 0,
      unableMs: 0,
      unableNowMs: 0,
      ableNowMs: 0,
    },
    ...{
      publisherUnableNowMs: 0,
      lookedMs: 0,
      actedMs: { provider: 0, publisher: 0 },
      began: new Set<string>(),
      beats: [],
      wrongs: [],
    },
  };
  const loot: Loot = { beats: [], vouchers: [], cooked: [] };
  const random = createSeededRandom(world.draw("chain").integer(2 ** 31));
  const ready = setScene({
    ...{ now: () => EPOCH_MS + world.elapsedMs, random, deposit: cast.deposit, change: TERMS },
  }).then((scene) => {
    record.scene = scene;
  });
  const begin = async ({ name }: ModelNode) => {
    if (world.elapsedMs < 60_000) record.began.add(name); // Not one that was left out, and restarted at the end.
    await ready;
  };
  const answers = () => {
    if (record.isDark || record.keeper === undefined || cast.provider !== "liar")
      return record.isDark ? undefined : record.keeper;
    const { terms, chain, startedAt } = record.scene as LeaseScene;
    const cooks = cast.cooks ? { from: startedAt, to: chain.memory.newest().at } : undefined;
    return lyingAnswers(record.keeper, { terms, loot, draw: world.draw("tongue"), cooks });
  };
  world.node("provider", {
    components: () => [leaseComponent(answers)],
    run: async (node) => {
      await begin(node);
      await Promise.all([showActing(record, "provider", node.clock), runProvider(record, node, loot)]);
    },
  });
  world.node("publisher", {
    run: async (node) => {
      await begin(node);
      await Promise.all([showActing(record, "publisher", node.clock), runPublisher(record, node)]);
    },
  });
  world.node("chain", {
    run: async (node) => {
      await begin(node);
      await runChain(record, node);
    },
  });
  return record;
}

/** Makes blocks, has nodes of the chain fail, and reorganises it. */
async function runChain(record: WorldRecord, { clock }: ModelNode): Promise<void> {
  const { world, cast, nodes } = record;
  const { chain } = record.scene as LeaseScene;
  const draw = world.draw("trouble");
  for (;;) {
    await clock.sleep(BLOCK_MS);
    chain.memory.mine();
    if (world.elapsedMs > CHAOS_MS) continue;
    if (draw.chance(cast.reorganisation)) await chain.reorganise();
    for (const node of [nodes.provider, nodes.publisher]) {
      if (draw.chance(cast.trouble)) node.reach = draw.oneOf(["cut", "cut", "behind"] as const);
      else if (node.reach !== "ok" && draw.chance(0.12)) node.reach = "ok";
    }
  }
}

/** Gives notice as a publisher that keeps to no rules, so that the world ends. */
async function closeAs(record: WorldRecord): Promise<void> {
  const { chain, terms } = record.scene as LeaseScene;
  await chain.make({ kind: "close", terms }, WHO.publisher);
}

/** Where nobody is left who cares, a stranger settles, as anybody may. */
async function settleForAll(record: WorldRecord): Promise<void> {
  const { cast, world } = record;
  const { chain, terms } = record.scene as LeaseScene;
  if (isPublisherHonest(cast) || isProviderHonest(cast)) return;
  for (const kind of ["fail", "settle"] as const) {
    await chain.make({ kind, terms }, WHO.stranger);
    await world.run({ forMs: 2 * TERMS.challengeWindow * 1_000 });
  }
}
