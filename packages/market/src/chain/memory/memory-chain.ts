import { type Clock, OrreryError } from "@orrery/core";
import { LeaseRefused } from "../../lease/lease-error.ts";
import { type Recover, recoverSigner } from "../../lease/recover.ts";
import type { Account, Digest } from "../../lease/terms.ts";
import { type LeaseDomain, textDigest } from "../../lease/typed-data.ts";
import { type ChainCall, sayCall } from "../calls.ts";
import type { ChainEvent } from "../events.ts";
import type {
  BlockRef,
  BlockTag,
  ChainNews,
  ChainQuery,
  ChainState,
  FollowOptions,
  LeaseChain,
  Sent,
} from "../lease-chain.ts";
import { sayRefusal } from "../refusals.ts";
import { MemoryLedger, type MemoryTransaction } from "./memory-ledger.ts";
import { signersOf } from "./signers.ts";

/** How a chain in memory goes. */
export interface MemoryChainOptions {
  /** Gives blocks their time; each is at least a second after the one before. */
  readonly clock: Pick<Clock, "now">;
  /** Default: chain 31337 and a contract at an address of its own. */
  readonly domain?: LeaseDomain;
  /** Blocks on top of one that is safe. Default: 1. */
  readonly safeDepth?: number;
  /** Blocks on top of one that stays for good. Default: 2. */
  readonly finalDepth?: number;
  /** Finds out who signed. Default: by the curve of the chain. */
  readonly recover?: Recover;
}

interface Block {
  readonly ref: BlockRef;
  readonly transaction: MemoryTransaction | undefined;
  readonly events: readonly ChainEvent[];
  readonly stateOf: (query: ChainQuery) => ChainState;
}

const SOMEWHERE: LeaseDomain = { chainId: 31_337, contract: "0x00000000000000000000000000000000000ea5e5" };

/** Blocks whose hashes the contract can ask for. */
const HASHES = 256;

/** Blocks of a cursor, at most. */
const SEEN_MAX = 64;

/**
 * A chain in memory, by the models of the contracts: each call is a block. It is for the simulator and for tests; what it does, the contracts do
 * on a real node, and one suite holds both to it. Everything that was ever called is kept.
 */
export class MemoryChain {
  readonly domain: LeaseDomain;
  readonly #clock: Pick<Clock, "now">;
  readonly #depths: Readonly<Record<BlockTag, number>>;
  readonly #recover: Recover;
  #ledger = new MemoryLedger();
  #blocks: Block[] = [];
  #branch = 0;
  #cut: string | undefined;
  #waiting: (() => void)[] = [];

  constructor(options: MemoryChainOptions) {
    const { clock, domain = SOMEWHERE, safeDepth = 1, finalDepth = 2, recover = recoverSigner } = options;
    this.#clock = clock;
    this.#recover = recover;
    this.domain = domain;
    this.#depths = { latest: 0, safe: safeDepth, finalized: finalDepth };
    this.#append(undefined);
  }

  /** The chain as one account uses it. */
  connect(account: Account): LeaseChain {
    const caller = account.toLowerCase() as Account;
    return {
      domain: this.domain,
      account: caller,
      send: (call) => this.#send(call, caller),
      read: async (query, at) => {
        const block = this.#blocks[Math.max(0, this.#blocks.length - 1 - this.#depths[at])] as Block;
        if (this.#cut !== undefined) return { kind: "unknown", why: this.#cut };
        return { kind: "known", block: block.ref, state: block.stateOf(query) };
      },
      follow: (options) => this.#follow(options),
    };
  }

  /** The newest block. */
  newest(): BlockRef {
    return (this.#blocks.at(-1) as Block).ref;
  }

  /** Gives an account tokens in its wallet. */
  mint(to: Account, amount: bigint): void {
    this.#append({ to: to.toLowerCase() as Account, mint: amount });
  }

  /** Adds an empty block. */
  mine(): void {
    this.#append(undefined);
  }

  /** Takes back all that came after a block, as a reorganisation does. @throws OrreryError `not_found` for a block that is not there */
  revert(number: number): void {
    if (this.#blocks[number] === undefined)
      throw new OrreryError("not_found", `Cannot go back to block ${number}: the newest is ${this.#blocks.length - 1}`);
    const kept = this.#blocks.slice(0, number + 1);
    this.#ledger = new MemoryLedger();
    this.#blocks = [];
    this.#branch += 1;
    for (const block of kept) {
      if (block.transaction !== undefined) this.#ledger.make(block.transaction, this.#momentOf(block.ref));
      this.#blocks.push(block);
    }
    this.#wake();
  }

  /** Has nobody reach it, or again. @param why in words; undefined to heal */
  cut(why: string | undefined): void {
    this.#cut = why;
    this.#wake();
  }

  async #send(call: ChainCall, from: Account): Promise<Sent> {
    const what = sayCall(call);
    const signers = await signersOf(call, { domain: this.domain, recover: this.#recover });
    if (this.#cut !== undefined) return { kind: "unsent", message: `Cannot ${what}: ${this.#cut}` };
    try {
      const { ref } = this.#append({ from, call, signers });
      return { kind: "mined", block: ref, transaction: textDigest(`transaction of ${ref.hash}`), gas: 0 };
    } catch (error) {
      if (error instanceof LeaseRefused) return { kind: "refused", ...sayRefusal(what, error.refusal) };
      throw error;
    }
  }

  #append(transaction: MemoryTransaction | undefined): Block {
    const last = this.#blocks.at(-1)?.ref;
    const number = this.#blocks.length;
    const at = Math.max(Math.floor(this.#clock.now() / 1_000), (last?.at ?? 0) + 1);
    const hash: Digest = textDigest(`block ${number} of branch ${this.#branch} at ${at} after ${last?.hash}`);
    const ref = { number, hash, at };
    const events = transaction === undefined ? [] : this.#ledger.make(transaction, this.#momentOf(ref));
    const block = { ref, transaction, events, stateOf: this.#ledger.snapshot() };
    this.#blocks.push(block);
    this.#wake();
    return block;
  }

  #momentOf(block: BlockRef) {
    return {
      block,
      isOfChain: (number: number, hash: Digest) => {
        const found = number < block.number && number >= block.number - HASHES ? this.#blocks[number] : undefined;
        return found?.ref.hash === hash;
      },
    };
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async *#follow({ from, signal }: FollowOptions): AsyncIterable<ChainNews> {
    let seen = from?.seen ?? [];
    let wasCut = false;
    while (!signal.aborted) {
      if (this.#cut !== undefined) {
        if (wasCut) await this.#changed(signal);
        else yield { kind: "unknown", why: this.#cut };
        wasCut = true;
        continue;
      }
      wasCut = false;
      const kept = seen.filter(({ number, hash }) => this.#blocks[number]?.ref.hash === hash);
      if (kept.length < seen.length) {
        seen = kept;
        yield { kind: "withdrawn", after: kept.at(-1) };
        continue;
      }
      const fresh = this.#blocks.slice((seen.at(-1)?.number ?? -1) + 1);
      const newest = fresh.at(-1)?.ref;
      if (newest === undefined) {
        await this.#changed(signal);
        continue;
      }
      seen = [...seen, newest].slice(-SEEN_MAX);
      for (const { events, ref } of fresh) for (const event of events) yield { kind: "event", event, block: ref };
      yield { kind: "reached", block: newest, cursor: { seen } };
    }
  }

  /** Resolves with the next change, or with the signal. */
  #changed(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = () => {
      signal.removeEventListener("abort", end);
      resolve();
    };
    signal.addEventListener("abort", end);
    this.#waiting.push(end);
    return promise;
  }
}
