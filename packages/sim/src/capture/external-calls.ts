import { OrreryError } from "@orrery/core";
import { fnv1a } from "@orrery/core/internal";
import type { Owner } from "./owner.ts";
import { runAmbient } from "./owner.ts";
import { createRecordCodec, type RecordCodec } from "./record-codec.ts";
import { NODE_VALUES } from "./system-node-values.ts";
import { originals } from "./system-originals.ts";

/** Options of external calls. */
export interface ExternalCallsOptions {
  /** Lines of an earlier run: its results are given again, and nothing is done for real. Default: none, everything is done and recorded. */
  readonly replay?: readonly string[];
  /** Takes each line as it is written. Default: they are only kept. */
  readonly record?: (line: string) => void;
}

/** What a call is, and how it is done. */
export interface ExternalRequest {
  /** What is called: `fetch`. */
  readonly name: string;
  /** What it is called with, to tell it from others in a replay. */
  readonly given: readonly unknown[];
  /** Does it for real; runs as nobody's. */
  readonly run: () => unknown;
}

/**
 * Real calls of a world. While one is pending the world's clock must stand still: the driver waits for `whenQuiet` before its next event.
 * Results are given one by one, each with all that it leads to before the next, in the order in which they came; a replay gives them in
 * that order again.
 */
export interface ExternalCalls {
  /** Calls whose results have not been given. */
  readonly pending: number;
  /** Resolves when there is none pending, and all that their results have led to has run. */
  whenQuiet(): Promise<void>;
  /** The record: a line of JSON for each result, after one that names the format. */
  readonly lines: readonly string[];
  /** The first call that was not as the record says. */
  readonly mismatch: OrreryError | undefined;
  /** Begins a call. @throws OrreryError `failed_precondition` when it is not the one of the record */
  call(owner: Owner, request: ExternalRequest): Promise<unknown>;
  /** @throws OrreryError `failed_precondition` for the first mismatch, or for a recorded call that was not made */
  assertReplayed(): void;
}

/** Makes external calls that are recorded, or replayed. @throws OrreryError `invalid_argument` for lines that are no record */
export function createExternalCalls(options: ExternalCallsOptions = {}): ExternalCalls {
  return new RecordedCalls(options);
}

/** First line of a record. */
const FORMAT = { orrery: "external calls", version: 1 } as const;

/** One result, as its line says it. */
interface Line {
  /** Number of the call, counted as they begin. */
  readonly call: number;
  readonly node: string;
  readonly name: string;
  readonly given: string;
  /** When it began, on its node's clock. */
  readonly atMs: number;
  readonly reply?: unknown;
  readonly error?: unknown;
}

interface Waiting {
  readonly line: Line;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Owns the calls of a world. I1: one result is given in a turn of the event loop, so that what it leads to has run before the next. */
class RecordedCalls implements ExternalCalls {
  readonly lines: string[] = [];
  readonly #codec: RecordCodec;
  readonly #record: (line: string) => void;
  /** What is to come in a replay, in order; undefined when recording. */
  readonly #replay: readonly Line[] | undefined;
  readonly #waiting = new Map<number, Waiting>();
  /** Lines of results that have come and are not given yet. */
  readonly #ready: Line[] = [];
  #quiet: (() => void)[] = [];
  #count = 0;
  #given = 0;
  #isPumping = false;
  mismatch: OrreryError | undefined;

  constructor({ replay, record = () => undefined }: ExternalCallsOptions) {
    this.#codec = createRecordCodec(NODE_VALUES);
    this.#record = record;
    this.#replay = replay === undefined ? undefined : readLines(replay);
    this.#write(FORMAT);
  }

  get pending(): number {
    return this.#waiting.size;
  }

  whenQuiet(): Promise<void> {
    if (this.pending === 0 && !this.#isPumping) return Promise.resolve();
    return new Promise((resolve) => this.#quiet.push(resolve));
  }

  async call(owner: Owner, { name, given, run }: ExternalRequest): Promise<unknown> {
    const call = ++this.#count;
    const atMs = owner.clock.monotonic();
    const line = { call, node: owner.name, name, given: this.#describe(given), atMs };
    if (this.#replay !== undefined) this.#assertSame(this.#replay, line);
    const result = new Promise((resolve, reject) => this.#waiting.set(call, { line, resolve, reject }));
    if (this.#replay === undefined) void this.#run(line, run);
    else this.#pump();
    return await result;
  }

  assertReplayed(): void {
    if (this.mismatch !== undefined) throw this.mismatch;
    const next = this.#replay?.find(({ call }) => call > this.#count);
    if (next !== undefined) throw differs(next, "it was not made");
  }

  async #run(line: Line, run: () => unknown): Promise<void> {
    let outcome: Pick<Line, "reply" | "error">;
    try {
      outcome = { reply: this.#codec.write(await runAmbient(run)) };
    } catch (error) {
      outcome = { error: this.#codec.describe(error) };
    }
    this.#ready.push({ ...line, ...outcome });
    this.#pump();
  }

  #describe(given: readonly unknown[]): string {
    const text = JSON.stringify(this.#codec.describe(given));
    if (text.length <= GIVEN_CHARACTERS_MAX) return text;
    return `${text.slice(0, GIVEN_CHARACTERS_MAX)}… ${text.length} characters, ${(fnv1a(text) >>> 0).toString(16)}`;
  }

  #assertSame(replay: readonly Line[], made: Line): void {
    if (this.mismatch !== undefined) throw this.mismatch;
    const recorded = replay.find(({ call }) => call === made.call);
    const how = recorded === undefined ? "the record has no more calls" : differenceOf(recorded, made);
    if (how === undefined) return;
    this.mismatch = differs(made, how);
    throw this.mismatch;
  }

  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    runAmbient(() => originals.setImmediate(() => this.#giveNext()));
  }

  #giveNext(): void {
    this.#isPumping = false;
    const line = this.#replay === undefined ? this.#ready.shift() : this.#replay[this.#given];
    const waiting = line === undefined ? undefined : this.#waiting.get(line.call);
    if (line !== undefined && waiting !== undefined) {
      this.#give(line, waiting);
      this.#pump(); // I1: also when it was the last, before the world is told that all is quiet.
    } else if (this.pending === 0) for (const resolve of this.#quiet.splice(0)) resolve();
    else if (this.#replay !== undefined) this.#giveUp(line);
  }

  #give(line: Line, waiting: Waiting): void {
    this.#waiting.delete(line.call);
    this.#given++;
    this.#write(line);
    // What is given is what a replay will give: never the very object that the call gave.
    if ("error" in line) waiting.reject(this.#codec.read(line.error as never));
    else waiting.resolve(this.#codec.read(line.reply as never));
  }

  /** In a replay: calls wait, and the next result of the record is of a call that has not been made. */
  #giveUp(next: Line | undefined): void {
    const [first] = this.#waiting.values();
    if (first === undefined) return;
    this.mismatch ??=
      next === undefined ? differs(first.line, "the record has no result") : differs(next, "it was not made");
    for (const { reject } of this.#waiting.values()) reject(this.mismatch);
    this.#waiting.clear();
    this.#pump();
  }

  #write(value: object): void {
    const text = JSON.stringify(value);
    this.lines.push(text);
    this.#record(text);
  }
}

/** Characters of what a call is given that a record holds; of more it has a hash. */
const GIVEN_CHARACTERS_MAX = 2_000;

function differenceOf(recorded: Line, made: Line): string | undefined {
  const fields = ["node", "name", "given", "atMs"] as const;
  const field = fields.find((key) => recorded[key] !== made[key]);
  return field === undefined ? undefined : `the record has ${textOf(recorded)}`;
}

function textOf({ name, given, node, atMs }: Line): string {
  const what = given === "[]" ? name : `${name} with ${given.length > 200 ? `${given.slice(0, 200)}…` : given}`;
  return `${what} at node "${node}" at ${atMs} ms`;
}

function differs(line: Line, how: string): OrreryError {
  return new OrreryError(
    "failed_precondition",
    `Cannot replay external call ${line.call}, ${textOf(line)}: ${how}, record anew where the program has changed`,
  );
}

function readLines(lines: readonly string[]): Line[] {
  const [head, ...rest] = lines.filter((line) => line.trim() !== "").map(parseLine);
  const { orrery, version } = (head ?? {}) as Partial<Record<keyof typeof FORMAT, unknown>>;
  if (orrery !== FORMAT.orrery)
    throw new OrreryError("invalid_argument", "Cannot replay: the lines are no record of external calls, record one");
  if (version !== FORMAT.version) {
    const text = `Cannot replay a record of version ${String(version)}: this program reads version ${FORMAT.version}, record anew`;
    throw new OrreryError("invalid_argument", text);
  }
  return rest as Line[];
}

function parseLine(text: string, index: number): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new OrreryError("invalid_argument", `Cannot replay line ${index + 1}: it is no JSON, record anew`, { cause });
  }
}
