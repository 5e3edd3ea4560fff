/** What one window says. */
export interface Sample {
  /** Calls per second. */
  readonly rate: number;
  /** CPU time of client, server and broker for one call, in µs. */
  readonly cpuMicros: number;
  /** Median and 99th percentile in µs; 0 where calls were not timed. */
  readonly p50Micros: number;
  readonly p99Micros: number;
  /** Share of the machine that others took meanwhile. */
  readonly foreign: number;
}

/** One contestant in one cell: a sample for each round. */
export interface Measurement {
  readonly contestant: string;
  readonly cell: string;
  readonly samples: readonly Sample[];
  /** Why it was given up. */
  readonly failure?: string;
}

/** Times of one kind of process start, in ms. */
export interface StartTimes {
  readonly name: string;
  readonly title: string;
  /** The start that it is compared with; its own name when it is that one. */
  readonly base: string;
  readonly ms: readonly number[];
}

/** Memory of one side over the run, in bytes. */
export interface MemoryGrowth {
  /** Before the load. */
  readonly before: number;
  /** Largest in the middle third, and in the last. */
  readonly middle: number;
  readonly last: number;
}

/** What the memory run found. */
export interface MemoryResult {
  readonly seconds: number;
  readonly calls: number;
  /** Items that the slow reader took. */
  readonly items: number;
  readonly itemBytes: number;
  /** Bytes that the named limits allow each side. */
  readonly allowedBytes: number;
  readonly server: MemoryGrowth;
  readonly client: MemoryGrowth;
}

/** Everything that one run found. */
export interface Results {
  readonly machine: string;
  readonly rounds: number;
  readonly windowMs: number;
  readonly seed: number;
  readonly network: readonly Measurement[];
  readonly process: readonly Measurement[];
  readonly start: readonly StartTimes[];
  readonly memory?: MemoryResult;
}
