import { usageError } from "../command-error.ts";

/** Reads `NAME=COUNT` again and again. @throws CommandError for anything else, and for a name that stands twice. */
export function parseInstanceCounts(texts: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) {
    const match = /^([^=]+)=(\d+)$/.exec(text);
    const count = Number(match?.[2]);
    if (match?.[1] === undefined || count < 1 || count > 1024)
      throw usageError(`Cannot read flag --instances: "${text}" is not NAME=COUNT with a count from 1 to 1024`);
    if (counts.has(match[1])) throw usageError(`Cannot read flag --instances: "${match[1]}" is there twice`);
    counts.set(match[1], count);
  }
  return counts;
}
