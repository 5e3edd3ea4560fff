import { WINDOW_PARTS } from "./limits.ts";

/** When a breaker opens, and how it closes again. */
export interface BreakerSettings {
  /** It opens after so many failures in a row; 0 for never. Default: 5. */
  readonly failuresInRow: number;
  /** It opens when this share of the calls of a window failed, above 0, to 1. Default: 0.5. */
  readonly failureShare: number;
  /** A call that took this long counts as slow, in ms; 0 for none. Default: 0. */
  readonly slowMs: number;
  /** It opens when this share of the calls of a window was slow, above 0, to 1. Default: 0.5. */
  readonly slowShare: number;
  /** Shares count from so many calls in a window on. Default: 20. */
  readonly callsMin: number;
  /** How far back shares look, in ms. Default: 10,000. */
  readonly windowMs: number;
  /** How long it stays open the first time, in ms; twice as long after each failed probe. Default: 1,000. */
  readonly coolDownMs: number;
  /** How long it stays open at most, before the jitter, in ms. Default: 60,000. */
  readonly coolDownMaxMs: number;
  /** Its time open is longer by up to this share, drawn by lot, so that callers do not come back together. Default: 0.5. */
  readonly jitter: number;
  /** Probes that must go well, one after the other, for it to close. Default: 1. */
  readonly probes: number;
  /** A probe of which nothing is heard for so long makes room for the next, in ms. Default: 10,000. */
  readonly probeMs: number;
}

/** Settings where nobody says otherwise. */
export const BREAKER_DEFAULTS: BreakerSettings = Object.freeze({
  failuresInRow: 5,
  failureShare: 0.5,
  slowMs: 0,
  slowShare: 0.5,
  callsMin: 20,
  windowMs: 10_000,
  coolDownMs: 1_000,
  coolDownMaxMs: 60_000,
  jitter: 0.5,
  probes: 1,
  probeMs: 10_000,
});

/** Where a breaker stands: it lets all through, nothing, or one probe at a time. */
export type BreakerState = "closed" | "open" | "half-open";

/** How a call ended, as far as a breaker minds; `neither` says nothing about the place that it was sent to. */
export type CallResult = "well" | "slow" | "failed" | "neither";

/** Why a breaker wants to be open. */
export type TripCause = "in-row" | "failed" | "slow" | "by-hand";

/**
 * The breaker of one place. It knows no clock and draws no lots: both are handed in. What a call that began before its last opening ended
 * in is nothing to it, and of those that run while it is half open only the probe counts.
 * I1: half open, one probe is under way at most, unless nothing was heard of it for `probeMs`. I2: it opens only by `open`, so that its
 * owner may forbid it. I3: while it is closed, a call that went well costs two additions and no look at a clock.
 */
export class Breaker {
  state: BreakerState = "closed";
  settings: BreakerSettings;
  /** Failures since the last call that did not fail. */
  inRow = 0;
  /** How often it has opened. */
  opened = 0;
  /** While it is open: when the next probe may go. */
  untilMs = 0;
  /** When it opened or closed last. */
  sinceMs = Number.NEGATIVE_INFINITY;
  /** When a call that it minded began last. */
  lastMs = Number.NEGATIVE_INFINITY;
  /** What opened it last. */
  cause: TripCause = "in-row";
  #coolMs = 0;
  #probe: object | undefined;
  #probeUntilMs = 0;
  #probesWell = 0;
  /** Calls, failures and slow ones, by part of the window. */
  readonly #parts = new Float64Array(3 * WINDOW_PARTS);
  /** The newest part, in parts since the clock's beginning. */
  #part = Number.NEGATIVE_INFINITY;

  constructor(settings: BreakerSettings) {
    this.settings = settings;
  }

  /** Whether a call may go now. Changes nothing. */
  allows(nowMs: number): boolean {
    if (this.state === "closed") return true;
    if (this.state === "open") return nowMs >= this.untilMs;
    return this.#probe === undefined || nowMs >= this.#probeUntilMs;
  }

  /** A call goes that was allowed; where it is the probe, `call` names it. */
  took(call: object, nowMs: number): void {
    if (this.state === "closed" || !this.allows(nowMs)) return;
    if (this.state === "open") this.#probesWell = 0;
    this.state = "half-open";
    this.#probe = call;
    this.#probeUntilMs = nowMs + this.settings.probeMs; // I1
  }

  /** A call has ended well that began at a time; the short way for the common case. */
  well(call: object, beganMs: number): void {
    if (this.state !== "closed") this.#probeEnded(call, "well", beganMs);
    else if (beganMs >= this.sinceMs) {
      this.inRow = 0;
      this.#count(0, beganMs);
    }
  }

  /** A call has ended. Says why the breaker wants to be open now, if so. */
  ended(
    call: object,
    result: CallResult,
    times: { readonly beganMs: number; readonly nowMs: number },
  ): TripCause | undefined {
    const { beganMs, nowMs } = times;
    if (this.state !== "closed") return this.#probeEnded(call, result, nowMs);
    if (result === "neither" || beganMs < this.sinceMs) return undefined;
    if (result === "well") {
      this.well(call, beganMs);
      return undefined;
    }
    this.inRow = result === "failed" ? this.inRow + 1 : 0;
    this.#count(result === "failed" ? 1 : 2, nowMs);
    return this.trip(nowMs);
  }

  /** Why it would be open, judged by what has happened up to a time; undefined for no reason. */
  trip(nowMs: number): TripCause | undefined {
    const { failuresInRow, failureShare, slowMs, slowShare, callsMin } = this.settings;
    if (failuresInRow > 0 && this.inRow >= failuresInRow) return "in-row";
    const { calls, failed, slow } = this.counts(nowMs);
    if (calls < callsMin) return undefined;
    if (failed > 0 && failed >= failureShare * calls) return "failed";
    return slowMs > 0 && slow > 0 && slow >= slowShare * calls ? "slow" : undefined;
  }

  /** Opens it; `lot` from 0 to 1 decides for how long. */
  open(cause: TripCause, nowMs: number, lot: number): void {
    const { coolDownMs, coolDownMaxMs, jitter, windowMs } = this.settings;
    // One that closed a moment ago has not proved well: it goes on from where it was.
    const again = this.state !== "closed" || nowMs - this.sinceMs < windowMs;
    this.#coolMs =
      again && this.#coolMs > 0 ? Math.min(2 * this.#coolMs, coolDownMaxMs) : Math.min(coolDownMs, coolDownMaxMs);
    this.state = "open";
    this.cause = cause;
    this.opened++;
    this.sinceMs = nowMs;
    this.untilMs = nowMs + this.#coolMs * (1 + jitter * lot);
    this.#probe = undefined;
  }

  /** Opens it by hand, for so long, or for as long as its settings say. */
  hold(nowMs: number, forMs: number | undefined): void {
    this.open("by-hand", nowMs, 0);
    if (forMs !== undefined) this.untilMs = nowMs + forMs;
  }

  /** Closes it by hand; `forgets` has it begin anew, as if nothing had ever failed. */
  release(nowMs: number, forgets: boolean): void {
    if (this.state !== "closed" || forgets) this.#parts.fill(0);
    this.state = "closed";
    this.sinceMs = nowMs;
    this.inRow = 0;
    this.#probe = undefined;
    if (!forgets) return;
    this.#coolMs = 0;
    this.opened = 0;
  }

  /** Calls, failures and slow ones of the window up to a time. */
  counts(nowMs: number): { readonly calls: number; readonly failed: number; readonly slow: number } {
    this.#move(nowMs);
    let calls = 0;
    let failed = 0;
    let slow = 0;
    for (let at = 0; at < this.#parts.length; at += 3) {
      calls += this.#parts[at] as number;
      failed += this.#parts[at + 1] as number;
      slow += this.#parts[at + 2] as number;
    }
    return { calls, failed, slow };
  }

  /** Its probe has ended, or it wants to open again. A failed probe needs nobody's leave: the breaker never closed. */
  #probeEnded(call: object, result: CallResult, nowMs: number): TripCause | undefined {
    if (this.state !== "half-open" || this.#probe !== call) return undefined;
    this.#probe = undefined;
    if (result === "neither") return undefined;
    if (result === "slow") return "slow";
    if (result === "failed") {
      this.inRow++;
      return "in-row";
    }
    this.#probesWell++;
    if (this.#probesWell < this.settings.probes) return undefined;
    this.state = "closed";
    this.sinceMs = nowMs;
    this.inRow = 0;
    this.#parts.fill(0);
    return undefined;
  }

  #count(what: 0 | 1 | 2, atMs: number): void {
    if (atMs > this.lastMs) this.lastMs = atMs;
    this.#move(atMs);
    const part = this.#partOf(atMs);
    if (part <= this.#part - WINDOW_PARTS) return; // A long call that began before the window.
    const at = 3 * (((part % WINDOW_PARTS) + WINDOW_PARTS) % WINDOW_PARTS);
    this.#parts[at] = (this.#parts[at] as number) + 1;
    if (what !== 0) this.#parts[at + what] = (this.#parts[at + what] as number) + 1;
  }

  #move(nowMs: number): void {
    const part = this.#partOf(nowMs);
    if (part <= this.#part) return;
    if (part - this.#part >= WINDOW_PARTS) this.#parts.fill(0);
    else
      for (let next = this.#part + 1; next <= part; next++) {
        const at = 3 * (((next % WINDOW_PARTS) + WINDOW_PARTS) % WINDOW_PARTS);
        this.#parts.fill(0, at, at + 3);
      }
    this.#part = part;
  }

  #partOf(atMs: number): number {
    return Math.floor((atMs * WINDOW_PARTS) / this.settings.windowMs);
  }
}
