import type { Isolate } from "../isolate.ts";
import type { ControlledProcess, ExitStatus, Measures, ProcessRecord, ProcessWatch } from "./process-control.ts";

/** How many blanks are kept, by what children have for their own. Default of each: 0. */
export type Blanks = Readonly<Partial<Record<Isolate, number>>>;

/** A process or a thread that has loaded the platform, and waits to become a child. */
export interface Blank {
  /** Whether it runs, and is what one started for this record would be by now. */
  suits(record: ProcessRecord): boolean;
  /**
   * Becomes the child of a record, which has another token then, and tells when it has heard so. It is told when the turn of the caller is
   * over, who keeps the record until then.
   */
  become(record: ProcessRecord, watch: ProcessWatch, onTaken: () => void): ControlledProcess;
  /** Calls back when it has ended before it became a child. */
  onEnd(listener: () => void): void;
  /** Ends it. */
  end(): void;
}

/** What blanks are kept with. */
export interface BlankOptions {
  readonly start: () => Blank;
  /** Starts a child without a blank. */
  readonly startAnew: (record: ProcessRecord, watch: ProcessWatch) => ControlledProcess;
  /** Calls back after a time in ms, unless it is cancelled. */
  readonly later: (ms: number, does: () => void) => { cancel(): void };
}

/** Pause after a child was ready, or has ended, until a blank is started: neither keeps the other waiting. */
export const BLANK_REST_MS = 250;
/** Longest pause, where blanks end by themselves. */
export const BLANK_REST_MAX_MS = 60_000;
/** How long a blank may take to hear that it is to be a child; then another is started in its place. */
export const TAKE_MS = 2_000;

/**
 * Owns: its blanks, those that wait. I1: there are never more than were asked for. I2: none is started while a child starts. I3: one that ends
 * by itself is followed by another, later and later, and is no child's failure.
 */
export class BlankPool {
  readonly #options: BlankOptions;
  readonly #waiting = new Set<Blank>();
  #size = 0;
  #starting = 0;
  #failures = 0;
  #timer: { cancel(): void } | undefined;

  constructor(options: BlankOptions) {
    this.#options = options;
  }

  /** Keeps so many from now on. */
  keep(size: number): void {
    this.#size = size;
    for (const blank of [...this.#waiting].slice(size)) this.#drop(blank);
    this.#plan();
  }

  /** Whether a blank would become the child of a record. */
  hasFor(record: ProcessRecord): boolean {
    return this.#find(record) !== undefined;
  }

  /** Starts a child: a blank that suits becomes it, else another process does. */
  spawn(record: ProcessRecord, watch: ProcessWatch): ControlledProcess {
    const { startAnew, later } = this.#options;
    const blank = this.#find(record);
    const told = this.#follow(watch);
    if (blank === undefined) return startAnew(record, told);
    this.#waiting.delete(blank);
    this.#failures = 0;
    return new TakenProcess({ blank, record, watch: told, startAnew, later });
  }

  #find(record: ProcessRecord): Blank | undefined {
    return [...this.#waiting].find((one) => one.suits(record));
  }

  /** Counts a child as starting until it is ready or has ended. */
  #follow(watch: ProcessWatch): ProcessWatch {
    if (this.#size === 0) return watch;
    this.#starting++;
    this.#timer?.cancel(); // I2
    let isStarting = true;
    const started = () => {
      if (isStarting) this.#starting--;
      isStarting = false;
      this.#plan();
    };
    return {
      ...watch,
      ready: (address) => {
        started();
        watch.ready(address);
      },
      exit: (status) => {
        started();
        watch.exit(status);
      },
    };
  }

  #plan(): void {
    this.#timer?.cancel();
    if (this.#starting > 0 || this.#waiting.size >= this.#size) return; // I1, I2
    const restMs = Math.min(BLANK_REST_MAX_MS, BLANK_REST_MS * 2 ** this.#failures); // I3
    this.#timer = this.#options.later(restMs, () => this.#start());
  }

  #start(): void {
    const blank = this.#options.start();
    this.#waiting.add(blank);
    blank.onEnd(() => {
      if (!this.#waiting.delete(blank)) return;
      this.#failures++;
      this.#plan();
    });
    this.#plan();
  }

  #drop(blank: Blank): void {
    this.#waiting.delete(blank);
    blank.end();
  }
}

interface TakenParts extends Pick<BlankOptions, "startAnew" | "later"> {
  readonly blank: Blank;
  readonly record: ProcessRecord;
  readonly watch: ProcessWatch;
}

/**
 * A child that was a blank. I1: until the blank has heard that it is a child, its end is not the child's: another process takes its place.
 * I2: the record of that one is kept before it starts.
 */
class TakenProcess implements ControlledProcess {
  readonly #parts: TakenParts;
  readonly #late: { cancel(): void };
  #inner: ControlledProcess;
  #isTaken = false;
  #isEnding = false;

  constructor(parts: TakenParts) {
    const { blank, record, watch, later } = parts;
    this.#parts = parts;
    this.#inner = blank.become(record, { ...watch, exit: (status) => this.#exit(status) }, () => this.#taken());
    this.#late = later(TAKE_MS, () => this.#inner.signal("SIGKILL"));
  }

  get record(): ProcessRecord {
    return this.#inner.record;
  }

  ping(): void {
    this.#inner.ping();
  }

  drain(timeoutMs: number): void {
    this.#isEnding = true;
    this.#inner.drain(timeoutMs);
  }

  signal(signal: "SIGTERM" | "SIGKILL"): void {
    this.#isEnding = true;
    this.#inner.signal(signal);
  }

  measure(): Measures | undefined {
    return this.#inner.measure();
  }

  release(): void {
    this.#late.cancel();
    this.#inner.release();
  }

  #taken(): void {
    this.#isTaken = true;
    this.#late.cancel();
  }

  #exit(status: ExitStatus): void {
    const { record, watch, startAnew } = this.#parts;
    this.#late.cancel();
    if (this.#isTaken || this.#isEnding) {
      watch.exit(status);
      return;
    }
    watch.advance?.(record, undefined); // I2
    this.#isTaken = true;
    this.#inner = startAnew(record, watch); // I1
    watch.advance?.(this.#inner.record, undefined);
  }
}
