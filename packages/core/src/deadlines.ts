import type { Clock, Timer } from "./clock.ts";
import { DEADLINE_STEP_MS } from "./limits.ts";
import { createNumberHeap } from "./number-heap.ts";

/** Fewest buckets at which it is worth while to look for empty ones. */
const SWEEP_MIN = 16;

/** Something that can run out of time. The fields belong to `Deadlines`; a fresh entry has them undefined. */
export interface DeadlineEntry {
  bucket: DeadlineBucket | undefined;
  before: DeadlineEntry | undefined;
  after: DeadlineEntry | undefined;
  /** Called once, when the deadline has passed and the entry was not removed. */
  expire(): void;
}

/** Entries that expire in the same step. */
export interface DeadlineBucket {
  first: DeadlineEntry | undefined;
  last: DeadlineEntry | undefined;
}

/**
 * Deadlines of any number of calls on one timer of the clock. Owns: the buckets, one a step, and the timer of the earliest.
 * I1: an entry is in at most one bucket. I2: nothing expires before its time, nor more than a step and the clock's own delay after.
 * I3: adding and removing take constant time, but for the first entry of a step. I4: most buckets hold something, where there are many:
 * calls that end long before their deadline leave nothing behind.
 */
export interface Deadlines {
  /** Adds an entry that expires at `atMs` of the monotonic clock. */
  add(entry: DeadlineEntry, atMs: number): void;
  /** Removes an entry; harmless when it is in no bucket. */
  remove(entry: DeadlineEntry): void;
  /** Stops the timer; nothing expires any more. */
  close(): void;
}

/** Makes deadlines over a clock; `stepMs` is how finely they are told apart. */
export function createDeadlines(clock: Clock, stepMs: number = DEADLINE_STEP_MS): Deadlines {
  return new SteppedDeadlines(clock, stepMs);
}

class SteppedDeadlines implements Deadlines {
  readonly #clock: Clock;
  readonly #stepMs: number;
  readonly #buckets = new Map<number, DeadlineBucket>();
  /** Steps that have a bucket. */
  readonly #steps = createNumberHeap();
  #timer: Timer | undefined;
  #timerStep = Number.POSITIVE_INFINITY;
  #closed = false;
  #sweepAt = SWEEP_MIN;
  /** The bucket of the last entry is most often that of the next. */
  #lastStep = -1;
  #lastBucket: DeadlineBucket | undefined;

  constructor(clock: Clock, stepMs: number) {
    this.#clock = clock;
    this.#stepMs = stepMs;
  }

  add(entry: DeadlineEntry, atMs: number): void {
    const step = Math.ceil(atMs / this.#stepMs); // I2
    const bucket = step === this.#lastStep && this.#lastBucket !== undefined ? this.#lastBucket : this.#bucket(step);
    entry.bucket = bucket;
    entry.before = bucket.last;
    entry.after = undefined;
    if (bucket.last === undefined) bucket.first = entry;
    else bucket.last.after = entry;
    bucket.last = entry;
  }

  remove(entry: DeadlineEntry): void {
    const bucket = entry.bucket;
    if (bucket === undefined) return;
    if (entry.before === undefined) bucket.first = entry.after;
    else entry.before.after = entry.after;
    if (entry.after === undefined) bucket.last = entry.before;
    else entry.after.before = entry.before;
    entry.bucket = undefined;
    entry.before = undefined;
    entry.after = undefined;
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #bucket(step: number): DeadlineBucket {
    let bucket = this.#buckets.get(step);
    if (bucket === undefined) {
      if (this.#buckets.size >= this.#sweepAt) this.#sweep();
      bucket = { first: undefined, last: undefined };
      this.#buckets.set(step, bucket);
      this.#steps.push(step);
      if (step < this.#timerStep) this.#arm(step);
    }
    this.#lastStep = step;
    this.#lastBucket = bucket;
    return bucket;
  }

  /** Forgets buckets that have become empty. */
  #sweep(): void {
    for (const [step, { first }] of this.#buckets) if (first === undefined) this.#buckets.delete(step);
    this.#steps.rebuild(this.#buckets.keys());
    this.#sweepAt = Math.max(SWEEP_MIN, 2 * this.#buckets.size); // I4
  }

  #arm(step: number): void {
    this.#timer?.cancel();
    if (this.#closed) return;
    this.#timerStep = step;
    this.#timer = this.#clock.timer(step * this.#stepMs - this.#clock.monotonic(), () => this.#fire());
  }

  #fire(): void {
    this.#timerStep = Number.POSITIVE_INFINITY;
    const nowMs = this.#clock.monotonic();
    for (let step = this.#steps.first; step !== undefined && !this.#closed; step = this.#steps.first) {
      const bucket = this.#buckets.get(step);
      const due = step * this.#stepMs <= nowMs;
      if (!due && bucket?.first !== undefined) {
        this.#arm(step);
        return;
      }
      this.#steps.pop();
      this.#buckets.delete(step);
      if (step === this.#lastStep) this.#lastBucket = undefined;
      // Each entry is looked up anew: what expires may remove others.
      for (let entry = bucket?.first; entry !== undefined; entry = bucket?.first) {
        this.remove(entry);
        entry.expire();
      }
    }
  }
}
