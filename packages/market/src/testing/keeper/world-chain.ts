import type { Clock, Random } from "@orrery/core";
import type { ChainCall } from "../../chain/calls.ts";
import type { BlockTag, LeaseChain, Reading, Sent } from "../../chain/lease-chain.ts";
import { MemoryChain } from "../../chain/memory/memory-chain.ts";
import { type Account, NO_DIGEST } from "../../lease/terms.ts";
import { recoverInWorld } from "./world-signatures.ts";

/** Time between blocks without calls, in ms. */
export const BLOCK_MS = 12_000;

/** Blocks on top of one that stays. */
export const FINAL_DEPTH = 4;

/** After so long the end of a call is not known, in ms. */
const BOUND_MS = 45_000;

/** How one account's node of the chain is. */
export interface NodeState {
  /** Reached; not reached; or behind, so that its newest block is an old one. */
  reach: "ok" | "cut" | "behind";
  /** Share of calls of which the answer is lost; a third of them are made, a third later, and a third never. */
  lossShare: number;
}

/** A chain in a world: blocks by the world's clock, nodes that fail, and reorganisations. */
export class WorldChain {
  readonly memory: MemoryChain;
  readonly #random: Pick<Random, "next" | "integer">;
  #made: { readonly call: ChainCall; readonly account: Account; readonly number: number }[] = [];
  reorganisations = 0;

  constructor(options: { readonly now: () => number; readonly random: Pick<Random, "next" | "integer"> }) {
    this.memory = new MemoryChain({
      ...{ clock: { now: options.now }, finalDepth: FINAL_DEPTH, recover: recoverInWorld },
    });
    this.#random = options.random;
  }

  /** The chain as an account sees it by a node of its own. */
  connect(account: Account, options: { readonly clock: Clock; readonly node: NodeState }): LeaseChain {
    const { clock, node } = options;
    const inner = this.memory.connect(account);
    const latency = () => clock.sleep(20 + this.#random.integer(400));
    const read = async (query: Parameters<LeaseChain["read"]>[0], at: BlockTag): Promise<Reading> => {
      await latency();
      if (node.reach === "cut") return { kind: "unknown", why: "the node is not reached" };
      return await inner.read(query, node.reach === "behind" ? "finalized" : at);
    };
    const send = async (call: ChainCall): Promise<Sent> => {
      await latency();
      if (node.reach === "cut") return { kind: "unsent", message: "the node is not reached" };
      if (this.#random.next() < node.lossShare) return await this.#lose(call, account, clock);
      return await this.make(call, account);
    };
    return { domain: this.memory.domain, account: inner.account, read, send, follow: inner.follow };
  }

  /** Makes a call at once. */
  async make(call: ChainCall, account: Account): Promise<Sent> {
    const sent = await this.memory.connect(account).send(call);
    if (sent.kind === "mined") this.#made.push({ call, account, number: sent.block.number });
    return sent;
  }

  /** Takes back some blocks that do not stay yet; most calls that were in them come again, in other blocks. */
  async reorganise(): Promise<void> {
    const newest = this.memory.newest().number;
    const number = Math.max(0, newest - 1 - this.#random.integer(FINAL_DEPTH - 1));
    if (number < this.firstFinal) return;
    const lost = this.#made.filter((one) => one.number > number);
    this.#made = this.#made.filter((one) => one.number <= number);
    this.memory.revert(number);
    this.reorganisations += 1;
    this.memory.mine();
    for (const { call, account } of lost) if (this.#random.next() < 0.7) await this.make(call, account);
  }

  /** Blocks up to this one are never taken back: what the stage was set by. */
  firstFinal = 0;

  async #lose(call: ChainCall, account: Account, clock: Clock): Promise<Sent> {
    const fate = this.#random.integer(3);
    const isLate = fate === 1;
    if (fate === 0) await this.make(call, account);
    await clock.sleep(isLate ? BOUND_MS / 2 : BOUND_MS);
    if (isLate) {
      await this.make(call, account);
      await clock.sleep(BOUND_MS / 2);
    }
    return { kind: "unknown", transaction: NO_DIGEST, message: "no block had it in time" };
  }
}
