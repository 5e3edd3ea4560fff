import { type Hex, keccak256, stringToHex } from "viem";
import type { Account } from "../lease/terms.ts";
import type { Sent } from "./lease-bench.ts";
import type { PlayChain } from "./play/cast.ts";

/** A call that the node is to make, and when: calls of one time share a block. */
export interface ForeseenCall {
  readonly from: Account;
  readonly name: string;
  readonly args: readonly unknown[];
  readonly at: number;
}

/**
 * A chain whose blocks are known before they are made, so that a whole sequence of calls can be planned by the model and then made of the node in one
 * request. The node's simulated blocks have the digest of their number for a hash.
 */
export class ForeseenCalls implements PlayChain {
  readonly chainId: number;
  readonly contract: Account;
  readonly calls: ForeseenCall[] = [];
  #number: number;

  /** @param base with the number of the block that the first of them follows */
  constructor(base: { readonly chainId: number; readonly contract: Account; readonly block: number }) {
    this.chainId = base.chainId;
    this.contract = base.contract;
    this.#number = base.block;
  }

  send(from: Account, { name, args }: Pick<ForeseenCall, "name" | "args">, at: number): Promise<Sent> {
    if (this.calls.at(-1)?.at !== at) this.#number += 1;
    this.calls.push({ from, name, args, at });
    return Promise.resolve({ refusal: undefined, gas: 0, block: { ...foreseen(this.#number), at } });
  }
}

const hashes = new Map<number, Hex>();

function foreseen(number: number): { readonly number: number; readonly hash: Hex } {
  const hash = hashes.get(number) ?? keccak256(stringToHex(String(number)));
  hashes.set(number, hash);
  return { number, hash };
}
