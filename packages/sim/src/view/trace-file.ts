import { OrreryError } from "@orrery/core";
import type { Place } from "../network/sim-network.ts";
import type { TraceRecord } from "../trace/trace.ts";
import { createLineChain, type LineChain } from "./line-chain.ts";
import type { Recording } from "./recording.ts";
import { orderRecord, readRecord } from "./trace-line.ts";

/** Name and version of the format. */
const FORMAT = "orrery-trace/1";

/** Ends each line: `,"chain":"` and 16 digits and `"}`. */
const CHAIN = /,"chain":"([0-9a-f]{16})"\}$/;
const CHAIN_LENGTH = 28;

/**
 * Writes a run as lines of JSON, without their ends: a header, a line for each record with its keys in fixed order, and a last line that
 * says how many there were. The same run gives the same bytes. Each line ends with a hash over all lines so far. Lines are made one by
 * one, so that a long trace can be streamed to a file.
 */
export function* writeTrace(recording: Recording): Generator<string, void, undefined> {
  const chain = createLineChain();
  const { scenario, seed, epochMs, records, hash } = recording;
  const nodes = recording.nodes.map(({ name, number, machine, zone }) => ({ name, number, machine, zone }));
  yield seal({ format: FORMAT, scenario, seed, epochMs, nodes }, chain);
  for (const record of records) yield seal(orderRecord(record), chain);
  yield seal({ end: true, records: records.length, hash }, chain);
}

function seal(value: object, chain: LineChain): string {
  const text = JSON.stringify(value);
  return `${text.slice(0, -1)},"chain":"${chain.add(text)}"}`;
}

/**
 * Reads what `writeTrace` wrote: a text, or its lines.
 * @throws OrreryError `invalid_argument` for a trace of another version, `data_loss` for one that was changed or cut off; with the line
 */
export function readTrace(trace: string | Iterable<string>): Recording {
  const reader = new TraceReader();
  for (const line of typeof trace === "string" ? linesOf(trace) : trace) reader.take(line);
  return reader.end();
}

function* linesOf(text: string): Generator<string> {
  for (let from = 0; from < text.length; ) {
    const to = text.indexOf("\n", from);
    yield text.slice(from, to < 0 ? text.length : to);
    from = to < 0 ? text.length : to + 1;
  }
}

type Header = Omit<Recording, "records" | "hash">;

/** Takes line after line. I1: nothing is taken from a line whose chain does not fit. */
class TraceReader {
  readonly #chain = createLineChain();
  readonly #records: TraceRecord[] = [];
  #line = 0;
  #header: Header | undefined;
  #hash: string | undefined;

  take(line: string): void {
    this.#line++;
    const text = line.trimEnd();
    if (text === "" && this.#hash !== undefined) return;
    if (this.#hash !== undefined) throw this.#broken("the trace ended in the line before");
    const value = this.#parse(text);
    if (this.#header === undefined) assertFormat(value);
    this.#assertChain(text); // I1
    if (this.#header === undefined) this.#header = this.#readHeader(value);
    else if (value["end"] === true) this.#hash = this.#readEnd(value);
    else this.#records.push(this.#readRecord(value));
  }

  end(): Recording {
    if (this.#header === undefined) throw new OrreryError("invalid_argument", "Cannot read the trace: it is empty");
    if (this.#hash === undefined) {
      const text = `Cannot read the trace: it was cut off after line ${this.#line}, write it again from its run`;
      throw new OrreryError("data_loss", text);
    }
    return { ...this.#header, hash: this.#hash, records: this.#records };
  }

  #parse(text: string): Readonly<Record<string, unknown>> {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw this.#broken(`it is no JSON (${(error as Error).message})`);
    }
    if (typeof value !== "object" || value === null) throw this.#broken("it is no JSON object");
    return value as Readonly<Record<string, unknown>>;
  }

  #assertChain(text: string): void {
    const said = CHAIN.exec(text)?.[1];
    if (said === undefined) throw this.#broken('it does not end with its "chain"');
    const found = this.#chain.add(`${text.slice(0, -CHAIN_LENGTH)}}`);
    if (said === found) return;
    throw this.#broken(`its chain is "${said}" and should be "${found}", so a line up to here was changed or left out`);
  }

  #readHeader({ scenario, seed, epochMs, nodes }: Readonly<Record<string, unknown>>): Header {
    if (typeof scenario !== "string" || typeof seed !== "number" || typeof epochMs !== "number" || !isPlaces(nodes))
      throw this.#broken("a header says scenario, seed, epochMs and nodes");
    return { scenario, seed, epochMs, nodes };
  }

  #readEnd({ records, hash }: Readonly<Record<string, unknown>>): string {
    if (records === this.#records.length && typeof hash === "string") return hash;
    throw this.#broken(`it counts ${JSON.stringify(records)} records where there are ${this.#records.length}`);
  }

  #readRecord(value: object): TraceRecord {
    const record = readRecord(value);
    if (typeof record === "string") throw this.#broken(record);
    return record;
  }

  #broken(why: string): OrreryError {
    return new OrreryError("data_loss", `Cannot read line ${this.#line} of the trace: ${why}`);
  }
}

function assertFormat({ format }: Readonly<Record<string, unknown>>): void {
  if (format === FORMAT) return;
  const text =
    typeof format === "string" && format.startsWith("orrery-trace/")
      ? `Cannot read a trace of format "${format}": this version reads "${FORMAT}", use the version that wrote it or run it again`
      : `Cannot read the trace: its first line names no format, give a file that begins with {"format":"${FORMAT}"`;
  throw new OrreryError("invalid_argument", text);
}

function isPlaces(value: unknown): value is readonly Place[] {
  const isPlace = ({ name, number, machine, zone }: Partial<Place>, index: number) =>
    typeof name === "string" && number === index + 1 && typeof machine === "string" && typeof zone === "string";
  return Array.isArray(value) && value.every(isPlace);
}
