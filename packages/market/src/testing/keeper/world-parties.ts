import { createSeededRandom } from "@orrery/core/conformance";
import type { ModelNode } from "@orrery/sim";
import type { ChainCall } from "../../chain/calls.ts";
import type { LeaseChain } from "../../chain/lease-chain.ts";
import { type FollowerRecord, openLeaseFollower } from "../../keeper/lease-follower.ts";
import { type KeeperRecord, openLeaseKeeper } from "../../keeper/lease-keeper.ts";
import type { Beat } from "../../lease/lease-state.ts";
import { signVoucher } from "../../meter/vouchers.ts";
import { diskLedger, diskRecord } from "./disk-stores.ts";
import { type LeaseScene, PRICES, WHO } from "./lease-scene.ts";
import { LeaseService, leaseSource } from "./lease-service.ts";
import { type Loot, lyingCall } from "./liars.ts";
import { isPublisherHonest } from "./world-cast.ts";
import type { WorldRecord } from "./world-record.ts";
import { recoverInWorld, signatureOf, worldSigner } from "./world-signatures.ts";

/** Ms between two looks of both sides. */
export const LOOK_MS = 30_000;

/** How long everything goes wrong, in ms of the world; then each who keeps to the rules ends the lease. */
export const CHAOS_MS = 1_500_000;

/** How long volumes are kept in worlds, in seconds. */
export const KEEP_S = 900;

/** A provider of a world in one of its lives. */
export async function runProvider(record: WorldRecord, node: ModelNode, loot: Loot): Promise<void> {
  const { cast, world, pod } = record;
  const scene = record.scene as LeaseScene;
  const { clock, disk } = node;
  record.keeper = undefined;
  if (record.isDark) return;
  const draw = world.draw("provider");
  const random = createSeededRandom(draw.integer(2 ** 31));
  const chain = scene.chain.connect(WHO.provider, { clock, node: record.nodes.provider });
  const isServed = () => node.alive && !record.isDark;
  if (cast.provider === "forgetful" && draw.chance(0.5)) await disk.remove("ledger").catch(() => undefined);
  const open = () =>
    openLeaseKeeper({
      ...{ terms: scene.terms, publisher: WHO.publisher, prices: PRICES, chain, clock, random, dust: cast.dust },
      ledger: diskLedger(disk, "ledger"),
      store: diskRecord<KeeperRecord>(disk, "record"),
      session: async (beat: Beat) => {
        const isTrue = isServed() && beat.covered * 1_000 <= record.servedMs + SLACK_MS;
        if (isTrue) record.beats.push(beat);
        return isTrue ? signatureOf(WHO.session, "Beat", beat) : undefined;
      },
      usage: async () => (pod.serves && isServed() ? { reserved: { cpu: 1n }, used: {} } : undefined),
      prove: async () => isServed(),
      act: async ({ step }) => await actOn(record, step),
      periods: { lookMs: LOOK_MS, warnS: 120, keepS: KEEP_S },
      recover: recoverInWorld,
    });
  record.keeper = await opened(open, clock);
  if (cast.provider === "dark") await goDark(record, node);
  if (cast.provider === "liar" && cast.cooks) pod.serves = false;
  if (cast.provider === "liar") await lie(record, { node, chain, loot });
}

/** Opens something from a disk that may fail now: whoever runs it starts it again until it does. */
async function opened<T>(open: () => Promise<T>, clock: ModelNode["clock"]): Promise<T> {
  for (;;) {
    try {
      return await open();
    } catch {
      await clock.sleep(10_000);
    }
  }
}

/** Chain time may be ahead of the world's by what set the stage, and a look counts what passed since the last one. */
export const SLACK_MS = LOOK_MS + 20_000;

/** What the keeper has done to the pod; and whether it may be. */
async function actOn(record: WorldRecord, step: string): Promise<void> {
  const { pod, nodes, wrongs } = record;
  const scene = record.scene as LeaseScene;
  const isWorse = step === "suspend" || step === "keep" || step === "delete";
  if (isWorse && nodes.provider.reach === "cut") wrongs.push(`${step} while the chain was unknown`);
  const state = await scene.finalState();
  const isPaid = state.stage === "Active" && state.paid < state.deposit && 2n * BigInt(state.covered) < state.deposit;
  const isRunning = state.stage === "Closing" && (await scene.state()).endsAt > scene.chain.memory.newest().at;
  if (isWorse && isPaid) wrongs.push(`${step} of a lease that is paid for`);
  if (step === "delete" && (isRunning || !["Settled", "None"].includes(state.stage)))
    wrongs.push(`${step} of a lease that is ${state.stage}`);
  pod.serves = (step === "run" || step === "warn") && !(record.cast.provider === "liar" && record.cast.cooks);
  if (step === "delete") pod.isDeleted = true;
}

async function goDark(record: WorldRecord, { clock }: ModelNode): Promise<void> {
  await clock.sleep(Math.max(1, record.cast.turnMs - record.world.elapsedMs));
  record.isDark = true;
  const { keeper } = record;
  record.keeper = undefined;
  await keeper?.stop();
}

async function lie(record: WorldRecord, options: { node: ModelNode; chain: LeaseChain; loot: Loot }): Promise<void> {
  const { node, chain, loot } = options;
  const { terms } = record.scene as LeaseScene;
  for (const at of record.world.operations("lies", 40, (draw) => draw)) {
    await node.clock.sleep(5_000 + at.integer(60_000));
    const beat = record.keeper?.beat();
    if (beat !== undefined && loot.beats.length < 200) loot.beats.push(beat);
    const call = lyingCall(terms, loot, at);
    if (call !== undefined) await chain.send(call);
  }
}

/** A publisher of a world in one of its lives. */
export async function runPublisher(record: WorldRecord, node: ModelNode): Promise<void> {
  const { cast, world } = record;
  const scene = record.scene as LeaseScene;
  const { clock, disk } = node;
  record.follower = undefined; // That of a life before does nothing any more.
  const random = createSeededRandom(world.draw("publisher").integer(2 ** 31));
  const chain = scene.chain.connect(WHO.publisher, { clock, node: record.nodes.publisher });
  const isAway = () => cast.publisher !== "honest" && world.elapsedMs > cast.turnMs;
  if (cast.publisher === "gone" && isAway()) return;
  const isFollowed = isPublisherHonest(cast) || !["silent", "griever"].includes(cast.publisher);
  const open = () =>
    openLeaseFollower({
      ...{ terms: scene.terms, prices: PRICES, chain, clock, random, key: worldSigner(WHO.publisher) },
      source: leaseSource(node.life.client(LeaseService)),
      probe: cast.hasProbe ? async () => record.pod.serves && !record.isDark && isUp(record) : undefined,
      store: diskRecord<FollowerRecord>(disk, "follower"),
      topUp: cast.publisher === "honest" ? { belowS: 200, amount: 1_000n, most: 3_000n } : undefined,
      periodMs: LOOK_MS,
      recover: recoverInWorld,
    });
  if (isFollowed) record.follower = await opened(open, clock);
  const harm = harmOf(record, chain);
  if (harm === undefined) return;
  await clock.sleep(Math.max(1, cast.turnMs - world.elapsedMs));
  if (cast.publisher === "away" || cast.publisher === "gone") {
    await record.follower?.stop();
    record.follower = undefined;
    if (cast.publisher === "gone") return;
    await clock.sleep(Math.max(1, Math.min(600_000, CHAOS_MS - world.elapsedMs)));
    record.follower = await opened(open, clock);
    return;
  }
  for (const at of world.operations("harm", 30, (draw) => draw)) {
    await clock.sleep(10_000 + at.integer(50_000));
    const call = await harm();
    if (call !== undefined) await chain.send(call);
  }
}

function isUp({ world }: WorldRecord): boolean {
  return world.nodes.get("provider")?.alive === true;
}

/** What a publisher does against its provider, again and again; undefined for one that only stays away, or does nothing. */
function harmOf(record: WorldRecord, chain: LeaseChain): (() => Promise<ChainCall | undefined>) | undefined {
  const { terms, lease } = record.scene as LeaseScene;
  const scene = record.scene as LeaseScene;
  switch (record.cast.publisher) {
    case "accuser":
      return async () => ({ kind: "challenge", terms });
    case "late":
      return async () =>
        (await scene.state()).stage === "Overdrawn" ? { kind: "fund", terms, amount: 700n } : undefined;
    case "griever":
      return async () => {
        const { paid, answerBy } = await scene.state();
        if (answerBy === 0) return { kind: "challenge", terms };
        const voucher = { lease, total: paid + 1n, upTo: terms.expires };
        const signed = await signVoucher(voucher, { key: worldSigner(WHO.publisher), domain: chain.domain });
        return { kind: "redeem", terms, ...signed };
      };
    case "away":
    case "gone":
      return async () => undefined;
    default:
      return undefined;
  }
}
