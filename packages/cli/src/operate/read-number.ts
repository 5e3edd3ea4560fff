import type { CommandInput } from "../command.ts";
import { usageError } from "../command-error.ts";

/** Reads a flag that is a whole number from a least one; undefined when it was not given. @throws CommandError for anything else. */
export function readCount(input: CommandInput, flag: string, least: number): number | undefined {
  const text = input.text(flag);
  return text === undefined ? undefined : countOf(text, `flag --${flag}`, least);
}

/** Reads a whole number from a least one. @throws CommandError for anything else. */
export function countOf(text: string, what: string, least: number): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= least && Number.isSafeInteger(count)) return count;
  throw usageError(`Cannot read ${what}: "${text}" is no whole number from ${least}, write one such as 3`);
}

/** Reads a flag that is a number above 0; undefined when it was not given. @throws CommandError for anything else. */
export function readNumber(input: CommandInput, flag: string): number | undefined {
  const text = input.text(flag);
  const number = Number(text);
  if (text === undefined || (/^\d+(\.\d+)?$/.test(text) && number > 0)) return text === undefined ? undefined : number;
  throw usageError(`Cannot read flag --${flag}: "${text}" is no number above 0, write one such as 12.5`);
}
