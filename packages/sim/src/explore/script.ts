import { deflateRawSync, inflateRawSync } from "node:zlib";
import { OrreryError } from "@orrery/core";
import { createTape, type Tape } from "../chance/tape.ts";
import type { TimedFault } from "../faults/fault.ts";
import { readTimedFault, writeTimedFault } from "../faults/fault-text.ts";
import type { TraceRecord } from "../trace/trace.ts";

/**
 * Writes a tape as lines that people read and change: what is left out, what goes wrong when, what comes late. With the records of its run
 * the lines say what is meant. `readScript` reads them back.
 */
export function writeScript(tape: Tape, records: readonly TraceRecord[] = []): readonly string[] {
  const said = new Map(records.filter(({ part }) => part === 0).map((record) => [record.id, sayRecord(record)]));
  const lines = [`seed ${tape.seed}${tape.calm ? ", calm" : ""}`];
  if (tape.absent.length > 0) lines.push(`without ${tape.absent.join(", ")}`);
  lines.push(...writeDrops(tape));
  for (const [key, value] of Object.entries(tape.picks)) {
    if (key.startsWith("latency ")) lines.push(`${key} = ${value / 1000} ms`);
    else if (!key.startsWith("drop ")) lines.push(`pick ${key} = ${value}`);
  }
  for (const [id, ticks] of Object.entries(tape.delays)) {
    const what = said.get(id);
    lines.push(`delay ${id} by ${ticks / 1000} ms${what === undefined ? "" : ` -- ${what}`}`);
  }
  lines.push(...tape.faults.map(writeTimedFault));
  return lines;
}

/** Reads a tape from lines. @throws OrreryError `invalid_argument` that names the line. */
export function readScript(lines: readonly string[], scenario = ""): Tape {
  let seed = 1;
  let calm = false;
  const picks: Record<string, number> = {};
  const delays: Record<string, number> = {};
  const faults: TimedFault[] = [];
  const absent: string[] = [];
  for (const [index, line] of lines.entries()) {
    const [text = ""] = line.trim().split(/\s+--\s/);
    const [verb] = text.split(/\s/);
    const fields = FORMS[verb ?? ""]?.exec(text)?.groups;
    if (text === "") continue;
    if (verb === "at") faults.push(readTimedFault(text));
    else if (fields === undefined) throw unfit(index, line);
    else if (verb === "seed") {
      seed = Number(fields["seed"]);
      calm = fields["calm"] !== undefined;
    } else if (verb === "without") absent.push(...namesOf(fields["names"]));
    else if (verb === "latency") picks[fields["key"] ?? ""] = Math.round(Number(fields["ms"]) * 1000);
    else if (verb === "pick") picks[fields["key"] ?? ""] = Number(fields["value"]);
    else if (verb === "delay") delays[fields["id"] ?? ""] = Math.round(Number(fields["ms"]) * 1000);
    else for (const count of namesOf(fields["counts"])) picks[`drop ${fields["purpose"]} ${count}`] = 1;
  }
  return { ...createTape(seed, scenario), calm, picks, delays, faults, absent };
}

/** Writes a tape as one word, for a command line. */
export function packTape(tape: Tape): string {
  const lines = writeScript(tape).join("\n");
  return deflateRawSync(lines, { level: 9 }).toString("base64url");
}

/** Reads a tape from one word. @throws OrreryError `invalid_argument` for a word that is none. */
export function unpackTape(word: string, scenario = ""): Tape {
  let lines: string;
  try {
    lines = inflateRawSync(Buffer.from(word, "base64url"), { maxOutputLength: PACKED_BYTES_MAX }).toString();
  } catch {
    const text = `Cannot read the tape "${word.slice(0, 40)}": it is cut off or changed, copy all of it`;
    throw new OrreryError("invalid_argument", text);
  }
  try {
    return readScript(lines.split("\n"), scenario);
  } catch (cause) {
    if (!(cause instanceof OrreryError)) throw cause;
    const why = `this version does not know all of it (${cause.message}), replay it with the version that wrote it`;
    throw new OrreryError("invalid_argument", `Cannot read the tape "${word.slice(0, 40)}": ${why}`, { cause });
  }
}

const PACKED_BYTES_MAX = 4 * 1024 * 1024;

const FORMS: Readonly<Record<string, RegExp>> = {
  at: /^/,
  seed: /^seed (?<seed>\d+)(?<calm>, calm)?$/,
  without: /^without (?<names>\S.*)$/,
  drop: /^drop (?<purpose>\S.*?) (?<counts>\d[\d,\s]*)$/,
  latency: /^(?<key>latency \S.*) = (?<ms>\d+(?:\.\d+)?) ms$/,
  pick: /^pick (?<key>\S.*) = (?<value>\d+)$/,
  delay: /^delay (?<id>\S.*) by (?<ms>\d+(?:\.\d+)?) ms$/,
};

function writeDrops({ picks }: Tape): readonly string[] {
  const dropped = new Map<string, string[]>();
  for (const [key, value] of Object.entries(picks)) {
    if (!key.startsWith("drop ") || value !== 1) continue;
    const purpose = key.slice("drop ".length, key.lastIndexOf(" "));
    dropped.set(purpose, [...(dropped.get(purpose) ?? []), key.slice(key.lastIndexOf(" ") + 1)]);
  }
  return [...dropped].map(([purpose, counts]) => {
    const sorted = counts.sort((a, b) => Number(a) - Number(b));
    return `drop ${purpose} ${sorted.join(",")}`;
  });
}

function namesOf(text = ""): readonly string[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

function sayRecord({ kind, text, from, node }: TraceRecord): string {
  const what = text === "" ? kind : text;
  return from === "" ? `${what} at ${node}` : `${what} from ${from} to ${node}`;
}

function unfit(index: number, line: string): OrreryError {
  const forms =
    "seed N[, calm]; without NODE, …; drop PURPOSE N,…; latency FROM>TO N = TIME ms; pick NAME = N; delay EVENT by N ms; at N ms: FAULT";
  return new OrreryError(
    "invalid_argument",
    `Cannot read line ${index + 1} of a script, "${line.trim()}": write ${forms}`,
  );
}
