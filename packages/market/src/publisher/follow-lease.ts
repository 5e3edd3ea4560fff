import type { Clock, Random } from "@orrery/core";
import type { LocalAccount } from "viem";
import type { ChainCall } from "../chain/calls.ts";
import type { LeaseChain, Reading } from "../chain/lease-chain.ts";
import {
  type FollowerNews,
  type FollowerRecord,
  type LeaseFollower,
  openLeaseFollower,
  type TopUp,
} from "../keeper/lease-follower.ts";
import type { RecordStore } from "../keeper/record-store.ts";
import type { LeaseState } from "../lease/lease-state.ts";
import type { Digest } from "../lease/terms.ts";
import type { SignedVoucher } from "../meter/vouchers.ts";
import { readQuote } from "../quote/quote-json.ts";
import type { LeaseRecord, LeaseRecords } from "./lease-record.ts";
import { POD_ASK_EVERY_MS, POD_ASK_MS } from "./limits.ts";
import { coverBalance } from "./money.ts";
import { createProviderSource } from "./provider-source.ts";
import type { AskHost } from "./system-ask-host.ts";
import type { ProviderDoor } from "./system-provider-door.ts";
import { createPodWatch, type PodNews } from "./watch-pod.ts";

/** What whoever follows a lease is told, each thing once. */
export type LeaseNews =
  | FollowerNews
  /** The lease as the newest block has it, where it is another than before; undefined before the first look. */
  | { readonly kind: "lease"; readonly state: LeaseState; readonly before: LeaseState | undefined }
  /** The provider has a voucher. */
  | { readonly kind: "vouched"; readonly voucher: SignedVoucher }
  /** The chain is not known, and why; undefined once it is again. */
  | { readonly kind: "chain"; readonly why: string | undefined }
  /** What was refused at looks before is not any more. */
  | { readonly kind: "again" }
  | PodNews;

/** How a lease is followed. */
export interface FollowWish {
  /** What must not be lost; of one lease. One process follows it at a time. */
  readonly store: RecordStore<FollowerRecord>;
  /** When money is put in. What the contract has not comes from the wallet. Default: never. */
  readonly topUp?: TopUp | undefined;
  /** Challenges that are answered, after which notice is given. Default: 2; 0 for none. */
  readonly challengesMax?: number | undefined;
  /** Between two looks, in ms. Default: half the period of beats. */
  readonly periodMs?: number | undefined;
  /** How often the pod is asked from outside at most, where it has a host, in ms: what it answers is told, and decides nothing. Default: a minute; 0 for never. */
  readonly askMs?: number | undefined;
  /** Paces it. Default: the clock of the publisher. */
  readonly clock?: Pick<Clock, "monotonic" | "sleep"> | undefined;
  /** Told of what happens. */
  readonly onNews: (news: LeaseNews) => void;
}

/** What following works with. */
export interface FollowWorld {
  readonly key: LocalAccount;
  readonly chain: LeaseChain;
  readonly records: LeaseRecords;
  readonly clock: Clock;
  readonly random: Random;
  readonly openFor: (record: LeaseRecord) => Promise<ProviderDoor>;
  readonly ask: AskHost;
}

/** Follows a lease over the provider's service, by `openLeaseFollower`. */
export async function followLease(record: LeaseRecord, wish: FollowWish, world: FollowWorld): Promise<LeaseFollower> {
  const { terms, prices } = readQuote(record.quote);
  const { key, random, chain, records, openFor } = world;
  const { store, topUp, challengesMax, periodMs, clock = world.clock } = wish;
  const telling = createTelling(wish.onNews);
  const source = createProviderSource(record.lease, () => openFor(record));
  const onNews = (news: FollowerNews) => {
    telling.tell(news);
    if (news.kind !== "sent" || news.call.kind !== "fund" || news.sent.kind !== "mined") return;
    addDeposit(records, { lease: record.lease, amount: news.call.amount }).catch((error: unknown) =>
      telling.tell({ kind: "failed", error }),
    );
  };
  const watch = watchOf(record, wish, world);
  const follower = await openLeaseFollower({
    ...{ terms, prices, clock, random, key, store, topUp, challengesMax, periodMs, onNews },
    chain: coveredChain(chain),
    onLook: (latest) => {
      telling.look(latest);
      watch?.look(latest);
    },
    source: {
      ...source,
      beat: async () => {
        const shown = await source.beat();
        telling.answered();
        return shown;
      },
      vouch: async (voucher) => {
        const held = await source.vouch(voucher);
        telling.tell({ kind: "vouched", voucher });
        return held;
      },
    },
  });
  return {
    agreed: () => follower.agreed(),
    voucher: () => follower.voucher(),
    state: () => follower.state(),
    close: () => follower.close(),
    ended: follower.ended,
    stop: async () => {
      await Promise.all([follower.stop(), watch?.stop()]);
      source[Symbol.dispose]();
    },
  };
}

/** Watches the pod from outside, where that is wanted. */
function watchOf(record: LeaseRecord, wish: FollowWish, { ask, clock, records, openFor }: FollowWorld) {
  const { askMs = POD_ASK_EVERY_MS, onNews } = wish;
  if (askMs === 0) return undefined;
  return createPodWatch({
    ...{ ask, clock, everyMs: askMs, onNews },
    record: async () => (await records.list()).find(({ lease }) => lease === record.lease) ?? record,
    word: async () => {
      using door = await openFor(record);
      const { pod } = await door.calls.getPod({ lease: record.lease }, { timeoutMs: POD_ASK_MS });
      return { state: pod?.state ?? "", isHealthy: pod?.healthy ?? false };
    },
  });
}

/** A chain for a follower: what a call needs of the account in the contract comes from the wallet before it is made, of one call after the other. */
function coveredChain(chain: LeaseChain): LeaseChain {
  let turn: Promise<unknown> = Promise.resolve();
  const cover = (call: ChainCall): Promise<unknown> => {
    const needed = call.kind === "fund" ? call.amount : call.kind === "challenge" ? call.terms.challengeBond : 0n;
    if (needed === 0n) return Promise.resolve();
    const done = turn.then(() => coverBalance(chain, needed));
    turn = done.catch(() => undefined);
    return done;
  };
  return {
    ...chain,
    send: async (call) => {
      try {
        await cover(call);
      } catch (error) {
        return { kind: "unsent", message: (error as Error).message };
      }
      return await chain.send(call);
    },
  };
}

/**
 * Tells each thing once. What a provider refuses, or what of it is refused, is told where it is so at two looks running: one alone is how a provider
 * that starts anew looks, or a block that is younger than the last one that was read.
 */
function createTelling(onNews: (news: LeaseNews) => void) {
  let [state, unknown, darkSince]: [LeaseState | undefined, string | undefined, number] = [undefined, undefined, 0];
  let [before, now, told] = [new Set<string>(), new Set<string>(), new Map<string, string>()];
  let isAnswered = false;
  return {
    answered: () => {
      isAnswered = true;
    },
    look: (reading: Reading) => {
      if (told.size > 0 && now.size === 0 && isAnswered) {
        told = new Map();
        onNews({ kind: "again" });
      }
      [before, now, isAnswered] = [now, new Set(), false];
      const why = reading.kind === "unknown" ? reading.why : undefined;
      if ((why === undefined) !== (unknown === undefined)) onNews({ kind: "chain", why });
      unknown = why;
      const found = reading.kind === "known" ? reading.state.leases[0] : undefined;
      if (found === undefined || (state !== undefined && isSame(found, state))) return;
      onNews({ kind: "lease", state: found, before: state });
      state = found;
    },
    tell: (news: LeaseNews) => {
      if (news.kind === "dark") {
        if (news.since === darkSince) return;
        darkSince = news.since;
      }
      if (news.kind === "refused") {
        now.add(news.what);
        if (!before.has(news.what) || told.has(news.what)) return;
        const isTold = [...told.values()].includes(news.why);
        told.set(news.what, news.why);
        if (isTold) return;
      }
      onNews(news);
    },
  };
}

function isSame(one: LeaseState, other: LeaseState): boolean {
  return (Object.keys(one) as (keyof LeaseState)[]).every((name) => one[name] === other[name]);
}

/** Writes down what was put in beside. */
async function addDeposit(
  records: LeaseRecords,
  { lease, amount }: { readonly lease: Digest; readonly amount: bigint },
): Promise<void> {
  const record = (await records.list()).find((one) => one.lease === lease);
  if (record !== undefined) await records.put({ ...record, deposit: record.deposit + amount });
}
