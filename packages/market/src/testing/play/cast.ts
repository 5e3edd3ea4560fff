import type { Hex } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import { type Account, NOBODY } from "../../lease/terms.ts";
import { domainOf, LEASE_TYPES, textDigest } from "../../lease/typed-data.ts";
import type { Sent } from "../lease-bench.ts";

/** A chain on which calls are made too, or what stands for one where only the model is asked. */
export interface PlayChain {
  readonly chainId: number;
  readonly contract: Account;
  send(from: Account, call: { readonly name: string; readonly args: readonly unknown[] }, at: number): Promise<Sent>;
}

/** No chain: blocks come, one a call, and nobody checks signatures. */
export function noChain(): PlayChain {
  let number = 0;
  const send: PlayChain["send"] = (_, __, at) => {
    number += 1;
    return Promise.resolve({ refusal: undefined, gas: 0, block: { number, hash: textDigest(`block ${number}`), at } });
  };
  return { chainId: 0, contract: NOBODY, send };
}

/** Who takes part in a play. */
export interface Cast {
  readonly publisher: Account;
  readonly payer: Account;
  readonly providers: readonly Account[];
  readonly stranger: Account;
  /** Sign what the chain checks. */
  readonly keys: ReadonlyMap<Account, PrivateKeyAccount>;
  readonly sessions: readonly Account[];
  readonly watchers: readonly Account[];
}

/** Signs for one of the cast, for a contract. */
export type Sign = (
  who: Account,
  primaryType: "Terms" | "Beat" | "Voucher" | "Darkness",
  message: unknown,
) => Promise<Hex>;

/** Signs by the keys of a cast for the contract of a chain; for no chain there is nothing to sign. */
export function signerOf(cast: Cast, chain: PlayChain): Sign {
  return async (who, primaryType, message) => {
    if (chain.contract === NOBODY) return "0x";
    const key = cast.keys.get(who);
    if (key === undefined) throw new Error(`No key of ${who}`);
    return await key.signTypedData({
      domain: domainOf(chain),
      types: LEASE_TYPES,
      primaryType,
      message: message as never,
    });
  };
}
