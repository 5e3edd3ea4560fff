import { type Clock, type Code, isCode, type JsonValue, type Log, OrreryError, type Random } from "@orrery/core";
import { failure, messageOf } from "@orrery/core/internal";
import { decodeGuestReply, encodeGuestRequest, type GuestReply, type GuestRequest } from "@orrery/guest/abi";
import type { Cell, GuestCode } from "./cell.ts";
import { type FaultKind, faultOf, GuestFault } from "./guest-fault.ts";
import type { GuestHost } from "./guest-host.ts";
import { createHostCalls, type HostCalls, type OpenMessage } from "./host-calls.ts";
import { CALLS_OPEN_MAX, START_WALL_MS } from "./limits.ts";
import type { MechtronLimits } from "./mechtron-limits.ts";
import { emptyUsage, type MechtronUsage, type UsageCount } from "./mechtron-usage.ts";
import { createWatchdog, type ReachedLimit, type Watchdog } from "./watchdog.ts";

/** How one message is handed to a mechtron. */
export interface HandleOptions {
  /** Ends the message when it aborts; the instance is stopped, as it cannot be asked to stop. */
  readonly signal?: AbortSignal;
  /** How long it may wait for its turn, in ms; when its turn has come, it goes on. Default: as long as it takes. */
  readonly waitMs?: number;
  /** Answers what the mechtron calls while it handles this message. Default: the mechtron's host. */
  readonly host?: GuestHost;
  /** Takes what it logs while it handles this message, asked for when it does. Default: the mechtron's log. */
  readonly log?: () => Log;
}

/** A mechtron in its cage. */
export interface Mechtron {
  readonly name: string;
  /** Whether an instance runs, or one is started with the next message. */
  readonly state: "live" | "idle" | "closed";
  readonly usage: MechtronUsage;
  /**
   * Hands it a message; others wait meanwhile. A reply may say a failure, which the mechtron declared.
   * @throws OrreryError `deadline_exceeded` when it was stopped at a limit of time, `resource_exhausted` at another limit, `internal` when it
   * went wrong, `failed_precondition` when it cannot be started; `overloaded` when too many wait, or when the machine is too busy to start
   * it, and `draining` when it was closed.
   */
  handle(request: GuestRequest, options?: HandleOptions): Promise<GuestReply>;
  /**
   * Starts an instance where none runs, so that bad code is found out before a message comes.
   * @throws OrreryError as `handle` does for what cannot be started.
   */
  start(): Promise<void>;
  /** Gives up the instance, unless it is busy. Tells whether there is none any more. */
  rest(): boolean;
  /** Stops it. What is open ends as `draining`. */
  close(): void;
}

/** Where mechtrons get the cells that they run in. */
export interface CellSource {
  /** Gives a cell. @throws OrreryError `overloaded` when there are too many. */
  acquire(mechtron: Mechtron): Cell;
  /** Tells that the mechtron has no cell any more. */
  released(mechtron: Mechtron): void;
}

/** What a mechtron is made of. */
export interface MechtronParts {
  readonly name: string;
  readonly code: GuestCode;
  readonly limits: Required<MechtronLimits>;
  readonly host: GuestHost;
  readonly config: JsonValue | undefined;
  readonly artifacts: ((path: string) => Promise<Uint8Array | undefined>) | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly cells: CellSource;
}

/** Makes a mechtron without an instance. */
export function openMechtron(parts: MechtronParts): Mechtron {
  return new CagedMechtron(parts);
}

/** What a fault means for the caller. */
const CODES: Readonly<Record<FaultKind, Code>> = {
  refused: "failed_precondition",
  trapped: "internal",
  bad_reply: "internal",
  stuck: "internal",
  too_large: "resource_exhausted",
  memory: "resource_exhausted",
  killed: "deadline_exceeded",
};

const LEVELS = ["debug", "info", "warn", "error"] as const;

/**
 * Owns: the cell of its one instance, while there is one.
 * I1: one message at a time is in the cell. I2: after a fault, the cell is not used again. I3: each message ends once.
 */
class CagedMechtron implements Mechtron {
  readonly name: string;
  readonly #parts: MechtronParts;
  readonly #usage: UsageCount = emptyUsage();
  readonly #calls: HostCalls;
  readonly #watchdog: Watchdog;
  #cell: Cell | undefined;
  #open: OpenMessage | undefined;
  #openLog: (() => Log) | undefined;
  #waiting = 0;
  #isStarting = false;
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;
  #idle: { cancel(): void } | undefined;

  constructor(parts: MechtronParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.#calls = createHostCalls({ ...parts, usage: this.#usage });
    this.#watchdog = createWatchdog(parts.clock);
  }

  get state(): Mechtron["state"] {
    return this.#isClosed ? "closed" : this.#cell === undefined ? "idle" : "live";
  }

  get usage(): MechtronUsage {
    return { ...this.#usage };
  }

  async handle(request: GuestRequest, options: HandleOptions = {}): Promise<GuestReply> {
    const { limits } = this.#parts;
    if (this.#isClosed) throw this.#closed();
    if (this.#waiting > limits.queueMax) {
      throw failure(
        "overloaded",
        `Cannot hand a message to "${this.name}": ${limits.queueMax} wait already, try later`,
      );
    }
    const bytes = encodeGuestRequest(request);
    if (bytes.length > limits.requestBytes) {
      const why = `it has ${bytes.length} bytes, the limit is ${limits.requestBytes}`;
      throw failure("too_large", `Cannot hand a message to "${this.name}": ${why}`);
    }
    this.#waiting += 1;
    const { clock } = this.#parts;
    const { waitMs } = options;
    const lastMs = waitMs === undefined ? undefined : clock.monotonic() + waitMs;
    const turn = this.#last.then(() => {
      if (lastMs !== undefined && clock.monotonic() >= lastMs) throw this.#tooLate();
      return this.#take(request, bytes, options);
    });
    this.#last = turn.then(noop, noop);
    try {
      return await turn;
    } finally {
      this.#waiting -= 1;
    }
  }

  async start(): Promise<void> {
    this.#waiting += 1;
    const turn = this.#last.then(() => this.#begin());
    this.#last = turn.then(noop, noop);
    try {
      await turn;
    } finally {
      this.#waiting -= 1;
    }
  }

  rest(): boolean {
    if (this.#open !== undefined || this.#isStarting) return false;
    this.#drop();
    return true;
  }

  close(): void {
    this.#isClosed = true;
    this.#drop();
    this.#parts.cells.released(this);
  }

  /** I1: runs when all earlier messages have ended. */
  async #take(request: GuestRequest, bytes: Uint8Array, options: HandleOptions): Promise<GuestReply> {
    if (this.#isClosed) throw this.#closed();
    options.signal?.throwIfAborted();
    this.#idle?.cancel();
    this.#usage.messages += 1;
    this.#usage.bytesIn += bytes.length;
    const ending = createEnding(this.name);
    this.#open = openMessage(request, { host: options.host ?? this.#parts.host, ending });
    this.#openLog = options.log;
    const stop = () => this.#cell?.kill();
    options.signal?.addEventListener("abort", stop, { once: true });
    try {
      const cell = this.#cell ?? (await this.#start());
      return await this.#ask(cell, { bytes, budgetMs: request.budgetMs });
    } catch (error) {
      this.#usage.faults += 1;
      this.#drop(); // I2
      throw this.#errorOf(error, options.signal);
    } finally {
      options.signal?.removeEventListener("abort", stop);
      this.#open = undefined;
      this.#openLog = undefined;
      ending.end();
      this.#beginRest();
    }
  }

  async #begin(): Promise<void> {
    if (this.#isClosed) throw this.#closed();
    if (this.#cell !== undefined) return;
    this.#isStarting = true;
    try {
      await this.#start();
    } catch (error) {
      this.#drop(); // I2
      throw this.#errorOf(error, undefined);
    } finally {
      this.#isStarting = false;
      this.#beginRest();
    }
  }

  async #start(): Promise<Cell> {
    const { code, limits, cells, random, log } = this.#parts;
    const cell = cells.acquire(this);
    this.#cell = cell;
    this.#usage.starts += 1;
    const stop = this.#watchdog.watch(cell, { wallMs: START_WALL_MS, cpuMs: limits.startMs });
    try {
      await cell.load({
        code,
        bounds: {
          memoryBytes: limits.memoryBytes,
          replyBytes: limits.replyBytes,
          callsOpen: CALLS_OPEN_MAX,
          interrupts: 0,
        },
        seed: Array.from({ length: 4 }, () => random.integer(2 ** 32)),
        ports: {
          call: (request) => this.#calls(request, this.#open),
          log: (level, text) => (this.#openLog?.() ?? log)[LEVELS[level] ?? "info"](text, { mechtron: this.name }),
        },
      });
      return cell;
    } catch (error) {
      const { reached } = this.#watchdog;
      throw reached === undefined || this.#isClosed ? error : this.#unready(reached);
    } finally {
      stop();
      this.#usage.cpuMs += cell.cpuMs() ?? 0;
    }
  }

  async #ask(cell: Cell, message: { readonly bytes: Uint8Array; readonly budgetMs: number }): Promise<GuestReply> {
    const { limits } = this.#parts;
    const wallMs = message.budgetMs > 0 ? Math.min(limits.wallMs, message.budgetMs) : limits.wallMs;
    const stop = this.#watchdog.watch(cell, { wallMs, cpuMs: limits.cpuMs });
    let taken: number | undefined;
    try {
      const { reply, cpuMs } = await cell.handle(message.bytes);
      taken = cpuMs;
      this.#usage.bytesOut += reply.length;
      return decode(reply);
    } finally {
      stop();
      this.#usage.cpuMs += taken ?? cell.cpuMs() ?? 0;
    }
  }

  #beginRest(): void {
    const { clock, limits } = this.#parts;
    if (limits.idleMs === 0 || this.#cell === undefined || this.#waiting > 1) return;
    this.#idle = clock.timer(limits.idleMs, () => void this.rest());
  }

  #drop(): void {
    this.#idle?.cancel();
    if (this.#cell === undefined) return;
    this.#cell.kill();
    this.#cell = undefined;
    this.#parts.cells.released(this);
  }

  #tooLate(): OrreryError {
    const text = `Cannot hand a message to "${this.name}": its time was over before its turn came`;
    return new OrreryError("deadline_exceeded", text);
  }

  #closed(): OrreryError {
    return failure("draining", `Cannot hand a message to "${this.name}": it was closed`);
  }

  /** Who starts waits for nobody: where it had little of the processor, others had it. */
  #unready({ name, limitMs, usedMs }: ReachedLimit): OrreryError {
    const cannot = `Cannot start mechtron "${this.name}"`;
    if (name === "wallMs" && usedMs !== undefined) {
      const had = `it was not ready after ${limitMs} ms, in which it had ${Math.round(usedMs)} ms of the processor`;
      return failure("overloaded", `${cannot}: ${had}, try later, when the machine is less busy`);
    }
    const spent = `${limitMs} ms${name === "cpuMs" ? " of the processor" : ""}`;
    const text = `${cannot}: it was not ready after ${spent}, have it do less at its start`;
    this.#parts.log.warn(text, { mechtron: this.name, fault: "killed" });
    return new OrreryError("deadline_exceeded", text, { details: { fault: "killed", limit: "startMs" } });
  }

  #errorOf(error: unknown, signal: AbortSignal | undefined): unknown {
    if (signal?.aborted) return signal.reason;
    if (error instanceof OrreryError) return error;
    const { fault, message } = faultOf(error);
    if (this.#isClosed) return this.#closed();
    const limit = this.#watchdog.reached;
    const why = fault === "killed" && limit !== undefined ? textOf(limit) : message;
    const text =
      fault === "refused"
        ? `Cannot start mechtron "${this.name}": ${why}`
        : `Cannot finish in mechtron "${this.name}": ${why}`;
    this.#parts.log.warn(text, { mechtron: this.name, fault });
    const details = fault === "killed" && limit !== undefined ? { fault, limit: limit.name } : { fault };
    return new OrreryError(CODES[fault], text, { details });
  }
}

function textOf({ name, limitMs }: ReachedLimit): string {
  return `it was stopped after ${limitMs} ms ${name === "wallMs" ? "in all" : "of the processor"}, the limit ${name}`;
}

/** The end of one message, as a signal that is made when somebody looks at it: most messages call nobody. */
interface Ending {
  readonly signal: AbortSignal;
  end(): void;
}

function createEnding(name: string): Ending {
  let controller: AbortController | undefined;
  return {
    get signal() {
      controller ??= new AbortController();
      return controller.signal;
    },
    end: () => controller?.abort(new OrreryError("canceled", `Cannot go on: the message to "${name}" has ended`)),
  };
}

function openMessage(message: GuestRequest, world: { readonly host: GuestHost; readonly ending: Ending }): OpenMessage {
  return {
    message,
    host: world.host,
    get signal() {
      return world.ending.signal;
    },
  };
}

function decode(reply: Uint8Array): GuestReply {
  try {
    const read = decodeGuestReply(reply);
    if (read.failure === undefined || isCode(read.failure.code)) return read;
    throw new Error(`its failure has the code "${read.failure.code}", which is none`);
  } catch (error) {
    throw new GuestFault("bad_reply", `its reply cannot be read: ${messageOf(error)}`);
  }
}

function noop(): void {}
