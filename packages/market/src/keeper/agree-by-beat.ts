import { capOf, least } from "../lease/dues.ts";
import type { Beat, LeaseState } from "../lease/lease-state.ts";
import type { Terms } from "../lease/terms.ts";
import { append, type Entry, type Head, totalOf, verify } from "../meter/ledger.ts";
import type { Prices } from "../meter/prices.ts";
import { agreeTo, type Voucher } from "../meter/vouchers.ts";

/** What a publisher knows when it agrees. */
export interface BeatAgreement {
  readonly terms: Terms;
  readonly prices: Prices;
  readonly lease: LeaseState;
  /** Time of the newest block. */
  readonly now: number;
  /** What was agreed to before. */
  readonly head: Head;
  /** Lines that follow it. */
  readonly lines: readonly Entry[];
  /** The newest beat, whose signature was found good. */
  readonly beat: Beat;
  /** What is agreed to at most in all. */
  readonly limit: bigint;
}

/**
 * Agrees to lines as far as a beat proves them: up to the line whose digest it has, no more seconds than it says, within the end of service, the limit, the
 * deposit, and what the terms let be claimed for so many seconds.
 * @throws OrreryError `data_loss` for lines that are no chain, `failed_precondition` for time before service began, or time to come
 */
export function agreeByBeat(agreement: BeatAgreement): { readonly head: Head; readonly voucher: Voucher } | undefined {
  const { terms, prices, lease, now, head, lines, beat, limit } = agreement;
  verify(head, lines, prices);
  const proven = lines.findIndex(({ digest }) => digest === beat.meter);
  const most = least(limit, lease.deposit);
  let after = head;
  let count = 0;
  for (const line of lines.slice(0, proven + 1)) {
    after = append(after, line, prices).head;
    const total = totalOf(after);
    const isOver = lease.endsAt !== 0 && line.to > lease.endsAt;
    if (isOver || after.covered > beat.covered || total > least(most, capOf(terms, after.covered))) break;
    count += 1;
  }
  if (count === 0) return undefined;
  return agreeTo(lines.slice(0, count), { head, prices, startedAt: lease.startedAt, now, most });
}
