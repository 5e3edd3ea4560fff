/** What a bucket is filled at, and how much it holds. */
export interface BucketSettings {
  /** Tokens a second. */
  readonly perSecond: number;
  /** Tokens that it holds at most, from 1. */
  readonly burst: number;
}

/**
 * A bucket of tokens. In any stretch of time it gives no more than its burst and what its rate makes of that time; a change of rate counts
 * from the moment on at which it is made. It knows no clock.
 */
export class Bucket {
  #tokens: number;
  #atMs: number;
  #perMs: number;
  #burst: number;

  constructor({ perSecond, burst }: BucketSettings, nowMs: number) {
    this.#tokens = burst;
    this.#burst = burst;
    this.#perMs = perSecond / 1000;
    this.#atMs = nowMs;
  }

  /** Whether a token is there. Changes nothing. */
  has(nowMs: number): boolean {
    return this.tokens(nowMs) >= ONE;
  }

  /** Takes a token that is there. */
  take(nowMs: number): void {
    this.#fill(nowMs);
    this.#tokens = Math.max(0, this.#tokens - 1);
  }

  /** Tokens that are there, in parts of one. */
  tokens(nowMs: number): number {
    const passedMs = nowMs > this.#atMs ? nowMs - this.#atMs : 0;
    return Math.min(this.#burst, this.#tokens + passedMs * this.#perMs);
  }

  /** In how many ms a token is there; 0 for now, infinite where none will be. */
  waitMs(nowMs: number): number {
    const tokens = this.tokens(nowMs);
    return tokens >= ONE ? 0 : (1 - tokens) / this.#perMs;
  }

  /** Changes rate and burst from now on. */
  change({ perSecond, burst }: BucketSettings, nowMs: number): void {
    this.#fill(nowMs);
    this.#perMs = perSecond / 1000;
    this.#burst = burst;
    this.#tokens = Math.min(this.#tokens, burst);
  }

  #fill(nowMs: number): void {
    this.#tokens = this.tokens(nowMs);
    if (nowMs > this.#atMs) this.#atMs = nowMs;
  }
}

/** A token that rounding has taken a hair from is one. */
const ONE = 1 - 1e-9;
