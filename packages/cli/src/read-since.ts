import { createSystemClock } from "@orrery/core";
import type { CommandInput } from "./command.ts";
import { parseTime } from "./parse-time.ts";

/** Reads --since: so long ago, or a moment; gives ms since 1970, 0 for ever. @throws CommandError */
export function readSince(input: CommandInput): number {
  const text = input.text("since");
  if (text === undefined) return 0;
  const atMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? createSystemClock().now() - parseTime(text, "since") : atMs;
}
