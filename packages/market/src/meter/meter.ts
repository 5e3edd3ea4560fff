import type { Clock } from "@orrery/core";
import type { Digest } from "../lease/terms.ts";
import { append, emptyHead, type Head, verify } from "./ledger.ts";
import type { LedgerStore } from "./ledger-store.ts";
import { type Amounts, type Prices, USED } from "./prices.ts";

/** Longest time between two looks, by default, that counts as service, in ms. */
export const GAP_MAX_MS = 60_000;

/** What a meter works with. */
export interface MeterOptions {
  /** Name of the lease. */
  readonly lease: Digest;
  /** Of the quote. Lines that were written by others are not trusted. */
  readonly prices: Prices;
  /** How time passes. What time it is, is not asked of this machine. */
  readonly clock: Pick<Clock, "monotonic">;
  /** Where lines are kept. */
  readonly store: LedgerStore;
  /** Time between two looks that counts at most. Default: 60 s. */
  readonly gapMaxMs?: number;
}

/** What is seen at a look: the pod serves. Nobody looks while it does not. */
export interface Seen {
  /** What was held for the pod since the last look. */
  readonly reserved: Amounts;
  /** What it used up since the last look. */
  readonly used: Amounts;
  /** Time of the newest block, seconds since 1970; undefined while the chain is unknown. */
  readonly chainTime: number | undefined;
  /** When service ended, by the chain; time after it is not written. Default: it goes on. */
  readonly until?: number | undefined;
}

/** Meters one lease. */
export interface Meter {
  /** What the ledger comes to. */
  head(): Head;
  /** Time of the chain from which on service is not written yet; undefined while nothing is metered. */
  unwrittenFrom(): number | undefined;
  /** Writes down the time since the last look. It is not written twice, however it ends. @returns the head behind it */
  look(seen: Seen): Promise<Head>;
  /** The pod does not serve: what passes from the last look to the next is not service. */
  miss(): Promise<void>;
}

/** Where the time that is not written yet began, in the time of the chain and of this machine. */
interface Anchor {
  readonly from: number;
  readonly monotonicMs: number;
  readonly lookedMs: number;
  readonly used: Amounts;
}

/**
 * Opens the meter of a lease, with all that was written before.
 *
 * I1. Time begins at the time of a block and passes by the monotonic clock: setting the clock of the machine changes nothing.
 * I2. A stretch begins where the one before ended or later: no second is written twice, by whatever restart.
 * I3. Time that nobody looked at, after a restart or a pause, is not service: it is left out.
 * I4. What is not safely kept has not happened: the next look has it.
 *
 * @throws OrreryError `data_loss` where the ledger is not one chain of lines by these prices
 */
export async function openMeter(options: MeterOptions): Promise<Meter> {
  const { lease, prices, clock, store, gapMaxMs = GAP_MAX_MS } = options;
  let head = verify(emptyHead(lease), await store.read(), prices);
  let anchor: Anchor | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  const look = async ({ reserved, used, chainTime, until = Number.MAX_SAFE_INTEGER }: Seen): Promise<Head> => {
    const nowMs = clock.monotonic();
    if (anchor === undefined || nowMs - anchor.lookedMs > gapMaxMs) {
      anchor = chainTime === undefined ? undefined : anchorAt(Math.max(head.to, chainTime), nowMs);
      return head;
    }
    anchor = { ...anchor, lookedMs: nowMs, used: sumOf(anchor.used, used) };
    const passed = Math.floor((nowMs - anchor.monotonicMs) / 1_000);
    const seconds = Math.min(passed, until - anchor.from);
    if (seconds >= 1) {
      const to = anchor.from + seconds;
      const made = append(head, { from: anchor.from, to, reserved, used: anchor.used }, prices);
      await store.append(made.entry);
      anchor = { from: to, monotonicMs: anchor.monotonicMs + seconds * 1_000, lookedMs: nowMs, used: {} };
      head = made.head;
    }
    if (anchor.from >= until) anchor = undefined; // What comes after is another stretch, should service begin again.
    return head;
  };

  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const done = turn.then(act);
    turn = done.catch(() => undefined);
    return done;
  };
  return {
    head: () => head,
    unwrittenFrom: () => anchor?.from,
    look: (seen) => inTurn(() => look(seen)),
    miss: () =>
      inTurn(async () => {
        anchor = undefined;
      }),
  };
}

function anchorAt(from: number, nowMs: number): Anchor {
  return { from, monotonicMs: nowMs, lookedMs: nowMs, used: {} };
}

function sumOf(one: Amounts, other: Amounts): Amounts {
  return Object.fromEntries(USED.map((resource) => [resource, (one[resource] ?? 0n) + (other[resource] ?? 0n)]));
}
