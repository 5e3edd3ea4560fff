import type { PreparedCall } from "./contestant.ts";

/** One window of a closed loop. */
export interface WindowOptions {
  /** Lanes; each makes a call, waits for its end, and makes the next. */
  readonly inFlight: number;
  /** How long calls are counted, in ms. */
  readonly windowMs: number;
  /** Whether each call is timed; only for one lane. */
  readonly timed: boolean;
}

/** What a window gave. */
export interface WindowResult {
  /** Calls that ended within `elapsedMs`. */
  readonly calls: number;
  readonly elapsedMs: number;
  /** Those and the calls that were still open then: what the CPU time was spent on. */
  readonly callsAll: number;
  /** CPU time of this process, in µs. */
  readonly cpuMicros: number;
  /** Median and 99th percentile of a call, in µs; 0 unless timed. */
  readonly p50Micros: number;
  readonly p99Micros: number;
}

/** A window that has not seen each lane come back once goes on, up to so many times its length. */
const STRETCH_MAX = 5;
/** Calls that are timed in one window; the rest is counted only. */
const TIMES_MAX = 200_000;
/** How often, in calls, a loop that never yields to timers looks at the clock. */
const CALLS_PER_LOOK = 64;

/** How often the loop looks at the clock besides, in ms: for calls that take long. */
const LOOK_MS = 20;

/** Runs one window. Rejects with what the first call rejects with. */
export async function runWindow(prepared: PreparedCall, options: WindowOptions): Promise<WindowResult> {
  const cpuBefore = process.cpuUsage();
  const loop = new ClosedLoop(prepared, options);
  const timer = setInterval(() => loop.look(), LOOK_MS);
  try {
    await Promise.all(Array.from({ length: options.inFlight }, () => (options.timed ? loop.timedLane() : loop.lane())));
  } finally {
    clearInterval(timer);
    loop.over = true; // The other lanes of a loop that failed end too.
  }
  const cpu = process.cpuUsage(cpuBefore);
  return { ...loop.result(), cpuMicros: cpu.user + cpu.system };
}

const never = (): undefined => undefined;

/** The lanes of one window, their count, and its end: the first look at the clock after it. */
class ClosedLoop {
  over = false;
  readonly #prepared: PreparedCall;
  readonly #failureOf: (reply: unknown) => string | undefined;
  readonly #options: WindowOptions;
  readonly #startMs = performance.now();
  readonly #times: Float64Array;
  #calls = 0;
  #callsCounted = 0;
  #elapsedMs = 0;

  constructor(prepared: PreparedCall, options: WindowOptions) {
    this.#prepared = prepared;
    this.#failureOf = prepared.failureOf ?? never;
    this.#options = options;
    this.#times = new Float64Array(options.timed ? TIMES_MAX : 0);
  }

  look(): void {
    const { windowMs, inFlight } = this.#options;
    const elapsedMs = performance.now() - this.#startMs;
    if (this.over || elapsedMs < windowMs) return;
    if (this.#calls < inFlight && elapsedMs < windowMs * STRETCH_MAX) return;
    this.over = true;
    this.#elapsedMs = elapsedMs;
    this.#callsCounted = this.#calls;
  }

  async lane(): Promise<void> {
    const { call } = this.#prepared;
    while (!this.over) {
      const failure = this.#failureOf(await call());
      if (failure !== undefined) throw new Error(`a call failed: ${failure}`);
      if (++this.#calls % CALLS_PER_LOOK === 0) this.look();
    }
  }

  async timedLane(): Promise<void> {
    const { call } = this.#prepared;
    while (!this.over) {
      const beforeMs = performance.now();
      const failure = this.#failureOf(await call());
      if (failure !== undefined) throw new Error(`a call failed: ${failure}`);
      if (this.#calls < TIMES_MAX) this.#times[this.#calls] = (performance.now() - beforeMs) * 1000;
      if (++this.#calls % CALLS_PER_LOOK === 0) this.look();
    }
  }

  result(): Omit<WindowResult, "cpuMicros"> {
    const times = this.#times.subarray(0, this.#calls).sort();
    const at = (share: number) => times[Math.floor(times.length * share)] ?? 0;
    const counts = { calls: this.#callsCounted, elapsedMs: this.#elapsedMs, callsAll: this.#calls };
    return { ...counts, p50Micros: at(0.5), p99Micros: at(0.99) };
  }
}
