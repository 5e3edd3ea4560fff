import { parseArgs } from "node:util";
import { CELLS, type Cell, SECTIONS } from "./cells.ts";

/** What the command line asks for. */
export interface Options {
  readonly cells: readonly Cell[];
  readonly rounds: number;
  readonly windowMs: number;
  readonly warmMs: number;
  /** How long the whole run may wait for a quiet machine, in ms. */
  readonly patienceMs: number;
  readonly seed: number;
  /** Where the raw numbers go. */
  readonly json: string | undefined;
  /** Whether the page in the docs is written: only by a run of everything. */
  readonly writes: boolean;
}

const PATIENCE_SECONDS = 300;

/** Help of the command. */
export const USAGE = `Usage: npm run bench:sim -- [options]

  --rounds N         rounds, default 5
  --sections NAME,…  default all: ${SECTIONS.join(", ")}
  --cells NAME,…     cells, default all: ${CELLS.map(({ name }) => name).join(", ")}
  --window MS        length of a window, default 1000
  --patience S       waits so long in all for a quiet machine, default ${PATIENCE_SECONDS}
  --seed N           order of the contestants, default 1
  --json FILE        writes the raw numbers
  --quick            a smoke run: one round, short windows, no waiting for a quiet machine, nothing of 100,000 and more
  --help             shows this`;

/** Larger cells take longer to make than a smoke run lasts. */
const QUICK_SIZE_MAX = 10_000;

/** Reads the command line. @throws Error naming what is wrong. */
export function parseOptions(words: readonly string[]): Options | "help" {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const { values } = parseArgs({
    args: [...words],
    options: {
      rounds: text,
      sections: text,
      cells: text,
      window: text,
      patience: text,
      seed: text,
      json: text,
      quick: flag,
      help: flag,
    },
  });
  if (values.help) return "help";
  const { quick } = values;
  const sections = pick("section", SECTIONS, values.sections);
  const names = pick(
    "cell",
    CELLS.map(({ name }) => name),
    values.cells,
  );
  return {
    cells: CELLS.filter(
      ({ name, section, size }) =>
        names.includes(name) && sections.includes(section) && (!quick || size <= QUICK_SIZE_MAX),
    ),
    rounds: count("rounds", values.rounds, quick ? 1 : 5),
    windowMs: count("window", values.window, quick ? 50 : 1000),
    warmMs: quick ? 50 : 3000,
    patienceMs: quick ? 0 : count("patience", values.patience, PATIENCE_SECONDS) * 1000,
    seed: count("seed", values.seed, 1),
    json: values.json,
    writes: values.sections === undefined && values.cells === undefined && !quick,
  };
}

function pick<T extends string>(what: string, all: readonly T[], text: string | undefined): readonly T[] {
  if (text === undefined) return all;
  const names = text.split(",");
  const unknown = names.find((name) => !all.some((item) => item === name));
  if (unknown === undefined) return all.filter((item) => names.includes(item));
  throw new Error(`Cannot measure "${unknown}": there is no such ${what}, choose from ${all.join(", ")}`);
}

function count(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`Cannot use --${name} "${text}": write a whole number above 0`);
}
