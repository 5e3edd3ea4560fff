import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { readScript, readTape, type Tape, unpackTape } from "@orrery/sim";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, typed, usageError } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";

/** Seeds from the first to the last, both included. */
export interface SeedRange {
  readonly first: number;
  readonly last: number;
}

/** Reads a flag that is a whole number; undefined when it was not given. */
export function readWhole(input: CommandInput, flag: string, least: number): number | undefined {
  const text = input.text(flag);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  throw usageError(`Cannot read flag --${flag}: "${text}" is no whole number from ${least}`);
}

/** Reads `--seeds=N`, the first N, or `--seeds=A..B`. */
export function readSeeds(input: CommandInput): SeedRange | undefined {
  const text = input.text("seeds");
  if (text === undefined) return undefined;
  const [, from, to] = /^(?:(\d+)\.\.)?(\d+)$/.exec(text) ?? [];
  const [first, last] = [Number(from ?? 1), Number(to ?? Number.NaN)];
  if (Number.isSafeInteger(first) && Number.isSafeInteger(last) && first <= last) return { first, last };
  throw usageError(`Cannot read flag --seeds: "${text}" is neither a count such as 100 nor a range such as 1..100`);
}

/** Reads a flag that is a number above 0. */
export function readFactor(input: CommandInput, flag: string): number | undefined {
  const text = input.text(flag);
  if (text === undefined) return undefined;
  const value = Number(text.replace(/x$/, ""));
  if (value > 0 && Number.isFinite(value)) return value;
  throw usageError(`Cannot read flag --${flag}: "${text}" is no number above 0, write 1 for the machine's speed`);
}

/** Reads a flag that is a time of the world, such as `5ms`, `1.5s` or `5`; gives ms. */
export function readWorldTime(input: CommandInput, flag: string): number | undefined {
  const text = input.text(flag);
  if (text === undefined) return undefined;
  const [, number, unit = "ms"] = /^(\d+(?:\.\d+)?) ?(us|ms|s|m|h)?$/.exec(text) ?? [];
  if (number !== undefined) return Number(number) * (UNITS[unit] ?? 1);
  throw usageError(`Cannot read flag --${flag}: "${text}" is no time of the world, write one such as 5ms or 1.5s`);
}

const UNITS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Reads the tape that `--tape` or `--script` gives; undefined when neither does. */
export async function readTapeFlags(
  input: CommandInput,
  terminal: Terminal,
  scenario: string,
): Promise<Tape | undefined> {
  const [word, file] = [input.text("tape"), input.text("script")];
  if (word !== undefined && file !== undefined)
    throw usageError("Cannot replay by --tape and --script: each says all, name one");
  if (word !== undefined) return await typed(() => unpackTape(word, scenario));
  if (file === undefined) return undefined;
  const text = await readText(file, terminal);
  return await typed(() => (text.trimStart().startsWith("{") ? readTape(text) : readScript(linesOf(text), scenario)));
}

/** Lines of a script: all of a file, or, in a page of Markdown, those of its block `orrery-script`. */
function linesOf(text: string): readonly string[] {
  const [, block] = /^```orrery-script\n(.*?)^```/ms.exec(text) ?? [];
  return (block ?? text).split("\n");
}

/** Reads a file that was named. @throws CommandError when there is none. */
export async function readText(word: string, terminal: Terminal): Promise<string> {
  try {
    return await readFile(resolve(terminal.cwd, word), "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such file" : `it cannot be read (${code})`;
    throw new CommandError(`Cannot read "${word}": ${why}`, { exit: EXIT.notFound, cause });
  }
}
