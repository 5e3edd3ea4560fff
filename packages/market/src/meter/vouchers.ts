import { OrreryError } from "@orrery/core";
import type { Hex } from "viem";
import { type Recover, recoverSigner, type Signer } from "../lease/recover.ts";
import type { Account, Digest } from "../lease/terms.ts";
import { domainOf, LEASE_TYPES, type LeaseDomain } from "../lease/typed-data.ts";
import { type Entry, type Head, totalOf, verify } from "./ledger.ts";
import type { Prices } from "./prices.ts";

/** What the publisher agrees to pay in all, for service through a time: each takes the place of those before. */
export interface Voucher {
  readonly lease: Digest;
  /** Whole base units, of all that the lease ever cost. */
  readonly total: bigint;
  /** Seconds since 1970. */
  readonly upTo: number;
}

/** A voucher with the publisher's signature. */
export interface SignedVoucher extends Voucher {
  readonly signature: Hex;
}

/** Seconds that the clocks of both sides may differ by. */
export const SKEW_MAX_S = 60;

/** Signs a voucher for a contract. */
export async function signVoucher(
  { lease, total, upTo }: Voucher,
  { key, domain }: { readonly key: Signer; readonly domain: LeaseDomain },
): Promise<SignedVoucher> {
  const typed = {
    domain: domainOf(domain),
    types: LEASE_TYPES,
    primaryType: "Voucher",
    message: { lease, total, upTo },
  };
  return { lease, total, upTo, signature: await key.signTypedData(typed as never) };
}

/** Whose vouchers are taken, and where they are good. */
export interface VoucherTerms {
  readonly lease: Digest;
  readonly publisher: Account;
  readonly domain: LeaseDomain;
  /** Finds out who signed. Default: by the curve of the chain. */
  readonly recover?: Recover | undefined;
}

/**
 * Takes a voucher where it is better than the one that is held; one that is not changes nothing.
 * @throws OrreryError `invalid_argument` for one of another lease, `permission_denied` for one that the publisher did not sign
 */
export async function takeVoucher(
  held: SignedVoucher | undefined,
  offered: SignedVoucher,
  { lease, publisher, domain, recover = recoverSigner }: VoucherTerms,
): Promise<SignedVoucher> {
  if (offered.lease !== lease)
    throw new OrreryError(
      "invalid_argument",
      `Cannot take a voucher of lease ${offered.lease}: this is lease ${lease}`,
    );
  const { total, upTo, signature } = offered;
  const signer = await recover({ domain, primaryType: "Voucher", message: { lease, total, upTo }, signature });
  if (signer !== publisher.toLowerCase())
    throw new OrreryError(
      "permission_denied",
      `Cannot take a voucher of ${offered.total}: ${publisher} did not sign it`,
    );
  return held === undefined || offered.total > held.total ? offered : held;
}

/** What the publisher knows of a lease when it is asked to agree. */
export interface Agreement {
  /** What was agreed to before. */
  readonly head: Head;
  readonly prices: Prices;
  /** When service began, by the chain. */
  readonly startedAt: number;
  /** Time of the publisher, seconds since 1970. */
  readonly now: number;
  /** The most that it pays in all: what the terms allow, and its own limit. */
  readonly most: bigint;
}

/**
 * Reads the provider's lines that follow what was agreed to, by the publisher's own prices, and says what to sign.
 * @throws OrreryError `data_loss` for lines that are no chain, `failed_precondition` for time that is not service, or money beyond the most
 */
export function agreeTo(
  entries: readonly Entry[],
  agreement: Agreement,
): { readonly head: Head; readonly voucher: Voucher } {
  const { startedAt, now, most } = agreement;
  const head = verify(agreement.head, entries, agreement.prices);
  const early = entries.find(({ from }) => from < startedAt);
  if (early !== undefined)
    throw refusal(`line ${early.number} begins at ${early.from}, before service began at ${startedAt}`);
  if (head.to > now + SKEW_MAX_S) throw refusal(`it ends at ${head.to}, and it is ${now}`);
  const total = totalOf(head);
  if (total > most) throw refusal(`it comes to ${total}, the most is ${most}`);
  // As if it had served without a gap: the contract takes all time up to there for service, and gaps are none.
  return { head, voucher: { lease: head.lease, total, upTo: startedAt + head.covered } };
}

function refusal(why: string): OrreryError {
  return new OrreryError("failed_precondition", `Cannot agree to the ledger: ${why}`);
}
