import type { Hex } from "viem";
import { type HDAccount, mnemonicToAccount } from "viem/accounts";
import type { LeaseChain } from "../../chain/lease-chain.ts";
import { type Account, NO_DIGEST, type Terms } from "../../lease/terms.ts";
import { domainOf, LEASE_TYPES, type LeaseDomain, textDigest } from "../../lease/typed-data.ts";
import { PHRASE } from "../play/cast-of.ts";

/** Who takes part; the session key signs beats alone. */
export type Party = "publisher" | "provider" | "stranger" | "session";

const PARTIES: readonly Party[] = ["publisher", "provider", "stranger", "session"];

/** Keys of the parties: everybody knows them. */
export const KEYS = Object.fromEntries(
  PARTIES.map((party, addressIndex) => [party, mnemonicToAccount(PHRASE, { addressIndex })]),
) as unknown as Readonly<Record<Party, HDAccount>>;

/** Address of a party. */
export function addressOf(party: Party): Account {
  return KEYS[party].address.toLowerCase() as Account;
}

/** Signs typed data of a contract for a party. */
export async function signAs(
  party: Party,
  domain: LeaseDomain,
  typed: { readonly primaryType: "Terms" | "Beat" | "Voucher"; readonly message: object },
): Promise<Hex> {
  const { primaryType, message } = typed;
  return await KEYS[party].signTypedData({
    ...{ domain: domainOf(domain), types: LEASE_TYPES, primaryType, message: message as never },
  });
}

/** What the suite needs of a chain: parties with a million units in their wallets, and power over its blocks. */
export interface ChainHarness {
  chainOf(party: Party): LeaseChain;
  /** Lets so many seconds pass, and makes a block. */
  pass(seconds: number): Promise<void>;
  /** Marks where the chain is. @returns goes back there, as a reorganisation does, and adds two blocks */
  mark(): Promise<() => Promise<void>>;
  /** Has nobody reach the node, or again. */
  cut(isCut: boolean): void;
  stop(): Promise<void>;
}

/** What each party has in its wallet at first. */
export const WALLET = 1_000_000n;

/** Terms under which two units a second are paid. @param nonce tells quotes apart */
export function termsOf(nonce: number, now: number): Terms {
  return {
    ...{ provider: addressOf("provider"), publisher: addressOf("publisher"), watchers: NO_DIGEST, quorum: 0 },
    ...{ manifest: textDigest("manifest"), policy: textDigest("policy"), rate: 2_000_000_000n, usageCap: 0n },
    ...{ bond: 500n, challengeBond: 10n, beatPeriod: 30, grace: 60, challengeWindow: 120, responseWindow: 60 },
    ...{ publisherNotice: 300, providerNotice: 600, startWindow: 3_600, restBudget: 0, tier1: 100, factor1: 1 },
    ...{ tier2: 100, factor2: 3, factor3: 10, earningsFactor: 0, challengerShare: 1_000 },
    ...{ expires: now + 100_000, nonce: BigInt(nonce) },
  };
}
