import { CALL_TIMEOUT_MAX_MS } from "@orrery/core/internal";
import { usageError } from "./command-error.ts";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Reads a time such as `500ms`, `5s`, `2m` or `1h`; gives ms. @throws CommandError for anything else, 0, and more than a day. */
export function parseTime(text: string, flag: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const timeMs = match === null ? 0 : Math.round(Number(match[1]) * (UNITS[match[2] ?? ""] ?? 0));
  if (timeMs >= 1 && timeMs <= CALL_TIMEOUT_MAX_MS) return timeMs;
  throw usageError(
    `Cannot read flag --${flag}: "${text}" is no time from 1ms to 24h, write one such as 500ms, 5s or 2m`,
  );
}
