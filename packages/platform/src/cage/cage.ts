import { type Clock, createLog, discardLog, type JsonValue, type Log, OrreryError, type Random } from "@orrery/core";
import { failure } from "@orrery/core/internal";
import type { Cell, GuestCode } from "./cell.ts";
import { checkModule } from "./check-module.ts";
import type { GuestHost } from "./guest-host.ts";
import { COMPILED_MAX, SCRIPT_BYTES_MAX, THREADS_MAX, THREADS_SPARE } from "./limits.ts";
import { type CellSource, type Mechtron, openMechtron } from "./mechtron.ts";
import { type MechtronLimits, mechtronLimits } from "./mechtron-limits.ts";

/** What a mechtron is to be. */
export interface MechtronOptions {
  /** For people, and in its log. */
  readonly name: string;
  /** A module of WebAssembly, or a script in UTF-8: one file of JavaScript. */
  readonly code: Uint8Array;
  /** Which of the two the code is. */
  readonly kind: "wasm" | "script";
  /** What tells code from other code, such as its digest; mechtrons of the same code share what is compiled of it. Default: shares nothing. */
  readonly digest?: string;
  /** What it may use. Default: those of `MechtronLimits`. */
  readonly limits?: MechtronLimits;
  /** Answers what it calls. Default: nothing can be called. */
  readonly host?: GuestHost;
  /** What it finds as its config. Default: nothing. */
  readonly config?: JsonValue;
  /** Reads files of its bundle; undefined for one that is not there. Default: there are none. */
  readonly artifacts?: (path: string) => Promise<Uint8Array | undefined>;
  /** Where its lines go. Default: the cage's log. */
  readonly log?: Log;
  /** Its time, and that of its limits. Default: the cage's clock. */
  readonly clock?: Clock;
  /** Its chance. Default: the cage's. */
  readonly random?: Random;
}

/** Runs mechtrons, each apart from all others. */
export interface Cage extends AsyncDisposable {
  /**
   * Makes a mechtron. Its code is checked here, and started with its first message.
   * @throws OrreryError `invalid_argument` for code or limits that cannot be accepted, saying why.
   */
  createMechtron(options: MechtronOptions): Mechtron;
  /** Instances that run now. */
  readonly live: number;
}

/** What a cage is given from outside. */
export interface CageSources {
  readonly clock: Clock;
  readonly random: Random;
  /** Default: nothing is written. */
  readonly log?: Log;
}

/** Bounds of a cage. */
export interface CageBounds {
  /** Instances that run at once; beyond, the one that rested longest is given up, and where none rests, a message is refused. Default: 64. */
  readonly instancesMax?: number;
  /** Cells that stand ready for the next instance. Default: 1. */
  readonly spare?: number;
}

/** Makes a cage over something that makes cells. */
export function openCage(sources: CageSources, bounds: CageBounds & { readonly createCell: () => Cell }): Cage {
  return new CellCage(sources, bounds);
}

const refuseCalls: GuestHost = async ({ service, method }) => {
  throw new OrreryError("not_found", `Cannot call "${service}.${method}": this mechtron was given nobody to call`);
};

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Owns: the cells, those that run and those that stand ready.
 * I1: no more cells run than `instancesMax`. I2: a cell is handed out once.
 */
class CellCage implements Cage, CellSource {
  readonly #sources: CageSources;
  readonly #log: Log;
  readonly #createCell: () => Cell;
  readonly #instancesMax: number;
  readonly #spareMax: number;
  readonly #spare: Cell[] = [];
  /** In the order in which they were started. */
  readonly #running = new Set<Mechtron>();
  readonly #all = new Set<Mechtron>();
  readonly #codes = new Map<string, GuestCode>();
  #isClosed = false;

  constructor(sources: CageSources, bounds: CageBounds & { readonly createCell: () => Cell }) {
    this.#sources = sources;
    this.#log = sources.log ?? createLog({ sink: discardLog, now: () => 0 });
    this.#createCell = bounds.createCell;
    this.#instancesMax = bounds.instancesMax ?? THREADS_MAX;
    this.#spareMax = bounds.spare ?? THREADS_SPARE;
    this.#fill();
  }

  get live(): number {
    return this.#running.size;
  }

  createMechtron(options: MechtronOptions): Mechtron {
    if (this.#isClosed) throw failure("draining", `Cannot make mechtron "${options.name}": the cage was closed`);
    const limits = mechtronLimits(options.limits);
    const mechtron = openMechtron({
      name: options.name,
      code: this.#codeOf(options, limits),
      limits,
      host: options.host ?? refuseCalls,
      config: options.config,
      artifacts: options.artifacts,
      clock: options.clock ?? this.#sources.clock,
      random: options.random ?? this.#sources.random,
      log: options.log ?? this.#log,
      cells: this,
    });
    this.#all.add(mechtron);
    return mechtron;
  }

  acquire(mechtron: Mechtron): Cell {
    if (this.#running.size >= this.#instancesMax && ![...this.#running].some((other) => other.rest())) {
      const why = `all ${this.#instancesMax} instances are busy, try later`;
      throw failure("overloaded", `Cannot start mechtron "${mechtron.name}": ${why}`); // I1
    }
    this.#running.add(mechtron);
    const cell = this.#spare.pop() ?? this.#createCell();
    queueMicrotask(() => this.#fill());
    return cell;
  }

  released(mechtron: Mechtron): void {
    this.#running.delete(mechtron);
    if (mechtron.state === "closed") this.#all.delete(mechtron);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const mechtron of this.#all) mechtron.close();
    for (const cell of this.#spare.splice(0)) cell.kill();
  }

  #fill(): void {
    if (this.#isClosed) return;
    while (this.#spare.length < this.#spareMax) this.#spare.push(this.#createCell());
  }

  #codeOf(options: MechtronOptions, limits: Required<MechtronLimits>): GuestCode {
    if (options.digest === undefined) return readCode(options, limits);
    const key = `${options.kind} ${limits.memoryBytes} ${options.digest}`;
    const known = this.#codes.get(key) ?? readCode(options, limits);
    this.#codes.delete(key);
    this.#codes.set(key, known);
    if (this.#codes.size > COMPILED_MAX) {
      const [oldest] = this.#codes.keys();
      if (oldest !== undefined) this.#codes.delete(oldest);
    }
    return known;
  }
}

function readCode(options: MechtronOptions, limits: Required<MechtronLimits>): GuestCode {
  if (options.kind === "wasm") {
    return { kind: "wasm", bytes: checkModule(options.code, limits.memoryBytes), compiled: undefined };
  }
  const size = options.code.length;
  const cannot = `Cannot accept the script of mechtron "${options.name}"`;
  if (size > SCRIPT_BYTES_MAX) {
    throw new OrreryError("invalid_argument", `${cannot}: it has ${size} bytes, the limit is ${SCRIPT_BYTES_MAX}`);
  }
  try {
    return { kind: "script", text: decoder.decode(options.code) };
  } catch {
    throw new OrreryError("invalid_argument", `${cannot}: it is not UTF-8, bundle it to one file of JavaScript`);
  }
}
