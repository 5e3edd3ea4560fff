import { foreignShare, machineTime } from "../lib/machine.ts";
import type { Patience } from "../lib/patience.ts";
import type { Cell, Contestant } from "./cells.ts";
import type { Measurement, Sample } from "./results.ts";
import { type Side, startSide } from "./side.ts";

/** How cells are measured. */
export interface MeasureOptions {
  readonly rounds: number;
  readonly windowMs: number;
  /** How long each contestant runs before anything is measured, in ms. */
  readonly warmMs: number;
  readonly patience: Patience;
  readonly shuffle: <T>(values: readonly T[]) => T[];
  readonly say: (line: string) => void;
}

/** Before each window: a process that stood still while others ran gets its caches and its heap back. */
const WINDOW_WARM_MS = 200;

/** Measures cells side by side: in each some rounds, in each round every contestant once, in an order of its own. One works at a time. */
export async function measure(cells: readonly Cell[], options: MeasureOptions): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const cell of cells) {
    const startMs = performance.now();
    measurements.push(...(await measureCell(cell, options)));
    const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
    options.say(`${cell.name}: ${cell.contestants.length} contestants, ${options.rounds} rounds, ${seconds} s`);
  }
  return measurements;
}

async function measureCell(cell: Cell, options: MeasureOptions): Promise<Measurement[]> {
  const entries = cell.contestants.map((contestant) => new Entry(cell, contestant, options));
  try {
    for (const entry of entries) await entry.prepare();
    for (let round = 0; round < options.rounds; round++)
      for (const entry of options.shuffle(entries)) await entry.takeSample();
  } finally {
    for (const entry of entries) await entry.end();
  }
  return entries.map((entry) => entry.measurement);
}

/** One contestant in one cell. What fails once is given up. */
class Entry {
  readonly #cell: Cell;
  readonly #contestant: Contestant;
  readonly #options: MeasureOptions;
  readonly #samples: Sample[] = [];
  #failure: string | undefined;
  #side: Side | undefined;

  constructor(cell: Cell, contestant: Contestant, options: MeasureOptions) {
    this.#cell = cell;
    this.#contestant = contestant;
    this.#options = options;
  }

  get measurement(): Measurement {
    const found = { cell: this.#cell.name, contestant: this.#contestant.name, samples: this.#samples };
    return this.#failure === undefined ? found : { ...found, failure: this.#failure };
  }

  prepare(): Promise<void> {
    return this.#try(async () => {
      if (this.#cell.isFresh === true) return;
      this.#side = await startSide(this.#contestant, this.#cell);
      await this.#side.run(this.#options.warmMs);
    });
  }

  takeSample(): Promise<void> {
    const { windowMs, patience } = this.#options;
    return this.#try(async () => {
      const { isFresh = false } = this.#cell;
      await this.#side?.run(Math.min(WINDOW_WARM_MS, windowMs));
      this.#samples.push(await patience.repeat(() => (isFresh ? this.#fresh() : this.#sample(this.#side, windowMs))));
    });
  }

  async end(): Promise<void> {
    await this.#side?.end();
    this.#side = undefined;
  }

  async #fresh(): Promise<Sample> {
    const side = await startSide(this.#contestant, this.#cell);
    try {
      return await this.#sample(side, this.#options.windowMs);
    } finally {
      await side.end();
    }
  }

  async #sample(side: Side | undefined, windowMs: number): Promise<Sample> {
    if (side === undefined) throw new Error("it has ended");
    const before = machineTime();
    const own = process.cpuUsage();
    const sample = await side.run(windowMs);
    const { user, system } = process.cpuUsage(own);
    return { ...sample, foreign: foreignShare(before, machineTime(), sample.cpuMicros + user + system) };
  }

  async #try(work: () => Promise<void>): Promise<void> {
    if (this.#failure !== undefined) return;
    try {
      await work();
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
      this.#options.say(`${this.#cell.name}: ${this.#contestant.name} failed: ${this.#failure}`);
      await this.end();
    }
  }
}
