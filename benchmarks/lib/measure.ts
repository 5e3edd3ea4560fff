import type { Cell } from "./cells.ts";
import { type Pair, startPair } from "./pair.ts";
import type { Patience } from "./patience.ts";
import type { Measurement, Sample } from "./results.ts";
import type { Entry } from "./roster.ts";

/** How a section is measured. */
export interface MeasureOptions {
  readonly entries: readonly Entry[];
  readonly cells: readonly Cell[];
  /** False for calls within one process. */
  readonly withServer: boolean;
  readonly rounds: number;
  readonly windowMs: number;
  /** How long each contestant runs before anything is measured, in ms over all its kinds of work. */
  readonly warmMs: number;
  readonly patience: Patience;
  readonly shuffle: <T>(values: readonly T[]) => T[];
  readonly say: (line: string) => void;
}

/** Before each window: a process that stood still while others ran gets its caches and its heap back. */
const WINDOW_WARM_MS = 200;

/**
 * Measures contestants side by side: in each cell some rounds, in each round every contestant once, in an order of its own. One pair of
 * processes works at a time. A contestant that fails in a cell is started anew for the next.
 */
export async function measure(options: MeasureOptions): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  const field = await Field.start(options);
  for (const cell of options.cells) measurements.push(...(await measureCell(field, cell, options)));
  await field.end();
  return measurements;
}

async function measureCell(field: Field, cell: Cell, options: MeasureOptions): Promise<Measurement[]> {
  const entries = options.entries.filter((entry) => entry.skips?.(cell) !== true);
  const samples = new Map(entries.map((entry) => [entry.name, [] as Sample[]]));
  const failures = new Map<string, string>();
  const startMs = performance.now();
  for (let round = 0; round < options.rounds; round++) {
    for (const { name } of options.shuffle(entries)) {
      if (failures.has(name)) continue;
      try {
        const pair = await field.pair(name);
        await pair.measure(cell, Math.min(WINDOW_WARM_MS, options.windowMs));
        samples.get(name)?.push(await options.patience.repeat(() => pair.measure(cell, options.windowMs)));
      } catch (error) {
        failures.set(name, error instanceof Error ? error.message : String(error));
        await field.lose(name);
      }
    }
  }
  const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
  for (const [name, why] of failures) options.say(`${cell.name}: ${name} failed: ${why}`);
  options.say(`${cell.name}: ${entries.length} contestants, ${options.rounds} rounds, ${seconds} s`);
  return entries.map(({ name }) => {
    const failure = failures.get(name);
    const found = { contestant: name, cell: cell.name, samples: samples.get(name) ?? [] };
    return failure === undefined ? found : { ...found, failure };
  });
}

/** The pairs of one section. */
class Field {
  readonly #options: MeasureOptions;
  readonly #pairs = new Map<string, Pair>();

  static async start(options: MeasureOptions): Promise<Field> {
    const field = new Field(options);
    for (const entry of options.entries) {
      await field.#enter(entry).catch((error: unknown) => options.say(`${entry.name}: ${String(error)}`)); // Each cell tries again.
    }
    return field;
  }

  private constructor(options: MeasureOptions) {
    this.#options = options;
  }

  /** The contestant's processes, started anew if they were lost. */
  async pair(name: string): Promise<Pair> {
    const entry = this.#options.entries.find((candidate) => candidate.name === name);
    if (entry === undefined) throw new Error(`Cannot measure "${name}": there is no such contestant`);
    return this.#pairs.get(name) ?? (await this.#enter(entry));
  }

  async lose(name: string): Promise<void> {
    const pair = this.#pairs.get(name);
    this.#pairs.delete(name);
    await pair?.end();
  }

  async end(): Promise<void> {
    for (const pair of this.#pairs.values()) await pair.end();
  }

  async #enter(entry: Entry): Promise<Pair> {
    const { withServer, cells, warmMs, say } = this.#options;
    const pair = await startPair(entry, { withServer });
    this.#pairs.set(entry.name, pair);
    try {
      const warming = warmingCells(cells.filter((cell) => entry.skips?.(cell) !== true));
      for (const cell of warming) await pair.measure(cell, warmMs / warming.length);
    } catch (error) {
      await this.lose(entry.name);
      throw error;
    }
    say(`${entry.name}: started and warm`);
    return pair;
  }
}

/** One cell for each kind of work, with many calls in flight: what makes code hot soonest. */
function warmingCells(cells: readonly Cell[]): Cell[] {
  const byWork = new Map(cells.map((cell) => [JSON.stringify(cell.work), cell]));
  return [...byWork.values()].map((cell) => ({ ...cell, inFlight: Math.min(cell.inFlight, 64) }));
}
