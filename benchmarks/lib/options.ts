import { parseArgs } from "node:util";
import { type Cell, NETWORK_CELLS, PROCESS_CELLS } from "./cells.ts";
import { type Entry, NETWORK, PROCESS } from "./roster.ts";

/** Parts of a run. */
export type Section = "network" | "process" | "start" | "memory";

/** What the command line asks for. */
export interface Options {
  readonly sections: readonly Section[];
  readonly entries: readonly Entry[];
  readonly cells: readonly Cell[];
  readonly rounds: number;
  readonly windowMs: number;
  readonly warmMs: number;
  /** How long the whole run may wait for a quiet machine, in ms. */
  readonly patienceMs: number;
  readonly memorySeconds: number;
  readonly seed: number;
  /** Where the raw numbers go. */
  readonly json: string | undefined;
  /** Profiles instead of measuring. */
  readonly profile: boolean;
  /** Whether the page in the docs is written: only by a run of everything. */
  readonly writes: boolean;
}

/** Help of the command. */
export const USAGE = `Usage: npm run bench -- [options]

  --rounds N         rounds, default 5
  --only NAME,…      contestants, default all: ${[...NETWORK, ...PROCESS].map(({ name }) => name).join(", ")}
  --cells NAME,…     cells, default all: ${[...NETWORK_CELLS, ...PROCESS_CELLS].map(({ name }) => name).join(", ")}
  --sections NAME,…  default all: network, process, start, memory
  --window MS        length of a window, default 1000
  --patience S       waits so long in all for a quiet machine, default 600
  --minute           holds the memory run for a minute instead of six seconds
  --seed N           order of the contestants, default 1
  --json FILE        writes the raw numbers
  --profile          shows where the CPU time of our processes goes, instead of measuring
  --quick            a smoke run: one round, short windows, no waiting for a quiet machine
  --help             shows this`;

const SECTIONS: readonly Section[] = ["network", "process", "start", "memory"];
const MEMORY_SECONDS = 6;
const PATIENCE_SECONDS = 600;

/** Reads the command line. @throws Error naming what is wrong. */
export function parseOptions(words: readonly string[]): Options | "help" {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const { values } = parseArgs({
    args: [...words],
    options: {
      rounds: text,
      only: text,
      cells: text,
      sections: text,
      window: text,
      seed: text,
      patience: text,
      json: text,
      minute: flag,
      profile: flag,
      quick: flag,
      help: flag,
    },
  });
  if (values.help) return "help";
  const { quick } = values;
  const isWhole = values.only === undefined && values.cells === undefined && values.sections === undefined;
  return {
    sections: pick("section", SECTIONS, values.sections, (name) => name),
    entries: pick("contestant", [...NETWORK, ...PROCESS], values.only, ({ name }) => name),
    cells: pick("cell", [...NETWORK_CELLS, ...PROCESS_CELLS], values.cells, ({ name }) => name),
    rounds: count("rounds", values.rounds, quick ? 1 : 5),
    windowMs: count("window", values.window, quick ? 60 : 1000),
    warmMs: quick ? 60 : 2000,
    patienceMs: quick || values.profile ? 0 : count("patience", values.patience, PATIENCE_SECONDS) * 1000,
    memorySeconds: values.minute ? 60 : MEMORY_SECONDS,
    seed: count("seed", values.seed, 1),
    json: values.json,
    profile: values.profile,
    writes: isWhole && !quick && !values.profile,
  };
}

function pick<T>(what: string, all: readonly T[], text: string | undefined, nameOf: (item: T) => string): T[] {
  if (text === undefined) return [...all];
  const names = text.split(",");
  const unknown = names.find((name) => !all.some((item) => nameOf(item) === name));
  if (unknown === undefined) return all.filter((item) => names.includes(nameOf(item)));
  const known = [...new Set(all.map(nameOf))].join(", ");
  throw new Error(`Cannot measure "${unknown}": there is no such ${what}, choose from ${known}`);
}

function count(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`Cannot use --${name} "${text}": write a whole number above 0`);
}
