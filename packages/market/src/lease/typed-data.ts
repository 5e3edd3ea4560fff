import { encodeAbiParameters, hashStruct, keccak256, stringToHex } from "viem";
import type { Account, Digest, Terms } from "./terms.ts";

/** The typed data (EIP-712) that parties of leases sign, as `contracts/src/Terms.sol` hashes it. */
export const LEASE_TYPES = {
  Terms: [
    { name: "provider", type: "address" },
    { name: "publisher", type: "address" },
    { name: "manifest", type: "bytes32" },
    { name: "policy", type: "bytes32" },
    { name: "rate", type: "uint64" },
    { name: "usageCap", type: "uint64" },
    { name: "bond", type: "uint128" },
    { name: "challengeBond", type: "uint128" },
    { name: "beatPeriod", type: "uint32" },
    { name: "grace", type: "uint32" },
    { name: "challengeWindow", type: "uint32" },
    { name: "responseWindow", type: "uint32" },
    { name: "publisherNotice", type: "uint32" },
    { name: "providerNotice", type: "uint32" },
    { name: "startWindow", type: "uint32" },
    { name: "restBudget", type: "uint32" },
    { name: "tier1", type: "uint32" },
    { name: "factor1", type: "uint16" },
    { name: "tier2", type: "uint32" },
    { name: "factor2", type: "uint16" },
    { name: "factor3", type: "uint16" },
    { name: "earningsFactor", type: "uint16" },
    { name: "challengerShare", type: "uint16" },
    { name: "quorum", type: "uint16" },
    { name: "watchers", type: "bytes32" },
    { name: "expires", type: "uint40" },
    { name: "nonce", type: "uint256" },
  ],
  Beat: [
    { name: "lease", type: "bytes32" },
    { name: "madeAt", type: "uint40" },
    { name: "covered", type: "uint40" },
    { name: "blockNumber", type: "uint64" },
    { name: "blockHash", type: "bytes32" },
    { name: "meter", type: "bytes32" },
    { name: "volume", type: "uint64" },
  ],
  Voucher: [
    { name: "lease", type: "bytes32" },
    { name: "total", type: "uint128" },
    { name: "upTo", type: "uint40" },
  ],
  Darkness: [
    { name: "lease", type: "bytes32" },
    { name: "from", type: "uint40" },
    { name: "to", type: "uint40" },
  ],
} as const;

/** Where a signature is good: one contract on one chain. */
export interface LeaseDomain {
  readonly chainId: number;
  readonly contract: Account;
}

/** The domain of signatures, as EIP-712 wants it. */
export function domainOf({ chainId, contract }: LeaseDomain) {
  return { name: "Orrery Leases", version: "1", chainId, verifyingContract: contract } as const;
}

/** Names of terms that were asked for: each call of a lease asks again, and terms do not change. */
const NAMES = new WeakMap<Terms, Digest>();

/** The name of the lease that a quote with these terms opens. */
export function leaseName(terms: Terms): Digest {
  const had = NAMES.get(terms);
  if (had !== undefined) return had;
  const name = hashStruct({ data: { ...terms }, primaryType: "Terms", types: LEASE_TYPES });
  NAMES.set(terms, name);
  return name;
}

/** What terms say of who watches: a digest of their addresses in rising order. */
export function watchersDigest(watchers: readonly Account[]): Digest {
  const sorted = [...watchers].map((one) => one.toLowerCase() as Account).sort();
  const packed = sorted.map((one) => encodeAbiParameters([{ type: "address" }], [one]).slice(2));
  return keccak256(`0x${packed.join("")}`);
}

/** Digest of a text, for where one stands for it. */
export function textDigest(text: string): Digest {
  return keccak256(stringToHex(text));
}
