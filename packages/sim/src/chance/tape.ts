import { OrreryError } from "@orrery/core";
import type { TimedFault } from "../faults/fault.ts";
import type { Picks } from "./choices.ts";

/**
 * Everything that made a run go the way it went, as data: the whole artefact that replays it. What the code of a later day does not know
 * any more is passed over, and what a tape does not say goes its usual way, so a tape outlives small changes.
 */
export interface Tape {
  readonly format: "orrery-tape/1";
  /** What was run, for people. */
  readonly scenario: string;
  /** Chance that the tape does not name comes from it. */
  readonly seed: number;
  /** Whether chance that the tape does not name takes its least value: no delay, no loss. */
  readonly calm: boolean;
  /** Decisions of chance, as `latency a>b 17`. */
  readonly picks: Picks;
  /** Events that were put off, as `visitor#17`, by ticks. */
  readonly delays: Readonly<Record<string, number>>;
  readonly faults: readonly TimedFault[];
  /** Nodes that never start. */
  readonly absent: readonly string[];
}

/** Makes a tape that says nothing but a seed. */
export function createTape(seed: number, scenario = ""): Tape {
  return { format: "orrery-tape/1", scenario, seed, calm: false, picks: {}, delays: {}, faults: [], absent: [] };
}

/** Reads a tape from JSON. @throws OrreryError `invalid_argument` for what is none, or of another version. */
export function readTape(text: string): Tape {
  const given = parse(text);
  const format = (given as { format?: unknown } | null)?.format;
  if (format !== "orrery-tape/1") {
    const what = typeof format === "string" ? `its format is "${format}"` : "it has no format";
    throw unfit(`${what}, this version reads orrery-tape/1`);
  }
  const { scenario = "", seed = 1, calm = false, picks = {}, delays = {}, faults = [], absent = [] } = given as Tape;
  if (!Number.isSafeInteger(seed)) throw unfit(`its seed is ${seed}, write a whole number`);
  assertNumbers("picks", picks);
  assertNumbers("delays", delays);
  if (!Array.isArray(faults) || !Array.isArray(absent)) throw unfit("its faults and absent must be lists");
  return { format, scenario, seed, calm, picks, delays, faults, absent };
}

/** Writes a tape as JSON, a line for each thing that it says. */
export function writeTape(tape: Tape): string {
  return `${JSON.stringify(tape, undefined, 1)}\n`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unfit(`it is no JSON (${error instanceof Error ? error.message : "unreadable"})`);
  }
}

function assertNumbers(name: string, numbers: unknown): void {
  if (typeof numbers !== "object" || numbers === null) throw unfit(`its ${name} must be an object of numbers`);
  for (const [key, value] of Object.entries(numbers))
    if (!Number.isSafeInteger(value) || (value as number) < 0)
      throw unfit(`its ${name} say ${String(value)} for "${key}", write a whole number from 0`);
}

function unfit(why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot read a tape: ${why}`);
}
