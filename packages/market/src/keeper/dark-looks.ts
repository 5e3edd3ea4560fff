import type { Reading } from "../chain/lease-chain.ts";
import type { LeaseState } from "../lease/lease-state.ts";
import type { Terms } from "../lease/terms.ts";

/** Blocks may be so many seconds behind beats, beside their period, before silence is darkness. */
export const MARGIN_S = 30;

/** What darkness is judged by. */
export interface DarkFacts {
  readonly terms: Terms;
  readonly latest: Reading;
  /** Time of the newest good beat; 0 for none. */
  readonly beatAt: number;
  /** Whether the pod was reached from outside just now; undefined where that is not known. */
  readonly isReached: boolean | undefined;
}

/** Looks in a row at which nothing proved service. One alone is how a provider looks that starts anew, or that is not reached for a moment. */
export interface DarkLooks {
  /** Since when nothing proves it, seconds since 1970 by the chain. */
  readonly since: number;
  /** When the first of them began, ms by the monotonic clock. */
  readonly firstMs: number;
  /** So much later a second one counts, in ms. */
  readonly apartMs: number;
  /** Whether there was a second one that counts. */
  readonly isDark: boolean;
}

/** Since when nothing proves service, by one look, where that is too long; undefined where it is not, or is not known. */
export function darkSince({ terms, latest, beatAt, isReached }: DarkFacts): number | undefined {
  const [lease] = latest.kind === "known" ? latest.state.leases : [];
  if (latest.kind === "unknown" || lease === undefined || isReached === true) return undefined;
  const since = Math.max(beatAt, lease.startedAt);
  return latest.block.at - since > terms.beatPeriod + MARGIN_S ? since : undefined;
}

/**
 * Counts a look. The second one comes after the usual time between looks; sooner where a challenge would not be taken any more then.
 * @param before what looks before it came to
 * @returns undefined where this one shows service, or nothing
 */
export function countDark(
  before: DarkLooks | undefined,
  facts: DarkFacts,
  { atMs, periodMs }: { readonly atMs: number; readonly periodMs: number },
): DarkLooks | undefined {
  const since = darkSince(facts);
  if (since === undefined) return undefined;
  const apartMs = Math.min(before?.apartMs ?? periodMs, apartOf(facts));
  if (before === undefined) return { since, firstMs: atMs, apartMs, isDark: false };
  return { since, firstMs: before.firstMs, apartMs, isDark: before.isDark || atMs - before.firstMs >= apartMs };
}

/** How long a second look may be waited for, in ms: a third of the time for which a challenge is taken, so that it is still in a block of that time. */
function apartOf({ terms, latest }: DarkFacts): number {
  const [lease] = latest.kind === "known" ? latest.state.leases : [];
  if (latest.kind === "unknown" || lease === undefined) return Number.POSITIVE_INFINITY;
  const left = challengedUntil(terms, lease, latest.block.at) - latest.block.at;
  return (left * 1_000) / 3;
}

/** Until when the contract takes a challenge: the end of service, or a rest that is announced; infinity where neither is to come. */
function challengedUntil({ responseWindow }: Terms, { endsAt, restFrom }: LeaseState, at: number): number {
  const ends = [endsAt, restFrom - responseWindow].filter((one) => one > at);
  return Math.min(Number.POSITIVE_INFINITY, ...ends);
}
