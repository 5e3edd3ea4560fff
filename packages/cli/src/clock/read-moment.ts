import { usageError } from "../command-error.ts";

const TIME = /^(\+?)(\d+(?:\.\d+)?)(us|ms|s|m|h)$/;
const UNITS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Reads where a clock is to stop: at a time since the world began, or `+` from now on, or behind an event whose line has some words. */
export function readMoment(
  words: readonly string[],
  elapsedMs: number,
): { readonly timeMs: number; readonly words: readonly string[] } | { readonly words: readonly string[] } {
  const [first = "", ...others] = words;
  const time = TIME.exec(first);
  if (time === null || others.length > 0) return { words };
  const ms = Number(time[2]) * (UNITS[time[3] ?? ""] ?? 0);
  return { timeMs: time[1] === "+" ? elapsedMs + ms : ms, words: [] };
}

/** Reads a time of day, as ISO 8601 or as ms since 1970; gives the latter. @throws CommandError for anything else. */
export function readTimestamp(word: string): number {
  const timeMs = /^\d+(\.\d+)?$/.test(word) ? Number(word) : Date.parse(word);
  if (Number.isFinite(timeMs)) return timeMs;
  throw usageError(`Cannot read time "${word}": write one such as 2026-03-01T12:00:00Z, or ms since 1970`);
}
