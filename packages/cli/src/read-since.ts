import { type Clock, createSystemClock } from "@orrery/core";
import type { CommandInput } from "./command.ts";
import { parseTime } from "./parse-time.ts";

/** Reads --since: so long ago, or a moment; gives ms since 1970, 0 for ever. @param clock default: this machine's @throws CommandError */
export function readSince(input: CommandInput, clock: Pick<Clock, "now"> = createSystemClock()): number {
  const text = input.text("since");
  if (text === undefined) return 0;
  const atMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? clock.now() - parseTime(text, "since") : atMs;
}
