import { type Abi, encodeFunctionData, erc20Abi, type Hex } from "viem";
import { Leases, ProviderRegistry } from "../gen/contracts.ts";
import type { Allowance } from "../lease/accounts-model.ts";
import type { Beat } from "../lease/lease-state.ts";
import type { Account, Digest, Terms } from "../lease/terms.ts";
import { leaseName } from "../lease/typed-data.ts";

/** A beat with the signature of the session key. */
export interface Shown {
  readonly beat: Beat;
  readonly signature: Hex;
}

/** A call of a lease that takes no more than its terms. */
export type PlainLeaseCall = "cancel" | "collect" | "challenge" | "fail" | "close" | "drain" | "settle";

/** What can be asked of the contracts, by the names of their functions. */
export type ChainCall =
  /** Lets the contract pull so much of the token from the caller's wallet. */
  | { readonly kind: "approve"; readonly amount: bigint }
  | { readonly kind: "deposit"; readonly account: Account; readonly amount: bigint }
  | { readonly kind: "withdraw"; readonly amount: bigint; readonly to: Account }
  | ({ readonly kind: "allow"; readonly agent: Account } & Allowance)
  | { readonly kind: "stake" | "unstake"; readonly amount: bigint }
  | { readonly kind: "unbond" }
  | {
      readonly kind: "open";
      readonly terms: Terms;
      readonly quote: Hex;
      readonly payer: Account;
      readonly amount: bigint;
    }
  | { readonly kind: "start"; readonly terms: Terms; readonly session: Account }
  | { readonly kind: "fund"; readonly terms: Terms; readonly amount: bigint }
  | {
      readonly kind: "redeem";
      readonly terms: Terms;
      readonly total: bigint;
      readonly upTo: number;
      readonly signature: Hex;
    }
  | ({ readonly kind: "show" | "answer" | "comeBack"; readonly terms: Terms } & Shown)
  | ({ readonly kind: "propose"; readonly terms: Terms; readonly total: bigint } & Shown)
  | {
      readonly kind: "reportDark";
      readonly terms: Terms;
      readonly from: number;
      readonly to: number;
      readonly watchers: readonly Account[];
      readonly signatures: readonly Hex[];
    }
  | { readonly kind: "rest"; readonly terms: Terms; readonly from: number; readonly to: number }
  | { readonly kind: PlainLeaseCall; readonly terms: Terms }
  | { readonly kind: "register"; readonly url: string; readonly profile: Digest }
  | { readonly kind: "unregister" };

/** Where the contracts are. */
export interface Contracts {
  readonly leases: Account;
  readonly token: Account;
  readonly registry: Account;
}

/** The transaction that makes a call. */
export function transactionOf(call: ChainCall, contracts: Contracts): { readonly to: Account; readonly data: Hex } {
  const { to, abi } = targetOf(call, contracts);
  return { to, data: encodeFunctionData({ abi, functionName: call.kind, args: argsOf(call, contracts) }) };
}

/** Says a call in words, for errors: "open lease 0x1234abcd…". */
export function sayCall(call: ChainCall): string {
  if ("terms" in call) return `${call.kind} lease ${leaseName(call.terms).slice(0, 10)}…`;
  return "amount" in call ? `${call.kind} ${call.amount}` : call.kind;
}

function targetOf({ kind }: ChainCall, contracts: Contracts): { readonly to: Account; readonly abi: Abi } {
  if (kind === "approve") return { to: contracts.token, abi: erc20Abi };
  const isOfRegistry = kind === "register" || kind === "unregister";
  return isOfRegistry
    ? { to: contracts.registry, abi: ProviderRegistry.abi as Abi }
    : { to: contracts.leases, abi: Leases.abi as Abi };
}

function argsOf(call: ChainCall, contracts: Contracts): readonly unknown[] {
  switch (call.kind) {
    case "approve":
      return [contracts.leases, call.amount];
    case "deposit":
      return [call.account, call.amount];
    case "withdraw":
      return [call.amount, call.to];
    case "allow":
      return [call.agent, call.left, call.rateMax, call.until];
    case "stake":
    case "unstake":
      return [call.amount];
    case "unbond":
    case "unregister":
      return [];
    case "open":
      return [call.terms, call.quote, call.payer, call.amount];
    case "start":
      return [call.terms, call.session];
    case "fund":
      return [call.terms, call.amount];
    case "redeem":
      return [call.terms, call.total, call.upTo, call.signature];
    case "show":
    case "answer":
    case "comeBack":
      return [call.terms, call.beat, call.signature];
    case "propose":
      return [call.terms, call.total, call.beat, call.signature];
    case "reportDark":
      return [call.terms, call.from, call.to, call.watchers, call.signatures];
    case "rest":
      return [call.terms, call.from, call.to];
    case "register":
      return [call.url, call.profile];
    default:
      return [call.terms];
  }
}
