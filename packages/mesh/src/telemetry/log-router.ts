import { type LogEntry, type LogLevel, type LogSink, OrreryError } from "@orrery/core";
import { LOG_LEVELS_MAX, LOG_SINKS_MAX } from "./limits.ts";
import { cleanEntry } from "./log-record.ts";
import type { Logs } from "./telemetry.ts";

const RANKS: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Options of a router of log lines. */
export interface LogRouterOptions {
  readonly level?: LogLevel | undefined;
  readonly levels?: Readonly<Record<string, LogLevel>> | undefined;
  /** Told that a sink has thrown. */
  readonly onFailure: (thrown: unknown) => void;
}

/**
 * Sends lines to the sinks that there are. I1: a sink never sees a secret, or a line below its component's level, unless a debug watch asks
 * for it. I2: without a sink nothing is done for a line. I3: a sink that throws harms nobody.
 */
export class LogRouter implements Logs {
  readonly #levels = new Map<string, LogLevel>();
  readonly #onFailure: (thrown: unknown) => void;
  #level: LogLevel = "info";
  #sinks: readonly LogSink[] = [];
  messages = false;
  lines = 0;

  /** @throws OrreryError `invalid_argument` for a level that there is not. */
  constructor({ level, levels = {}, onFailure }: LogRouterOptions) {
    this.#onFailure = onFailure;
    if (level !== undefined) this.setLevel(level);
    for (const [component, own] of Object.entries(levels)) this.setLevel(own, component);
  }

  get level(): LogLevel {
    return this.#level;
  }

  get levels(): Readonly<Record<string, LogLevel>> {
    return Object.fromEntries(this.#levels);
  }

  /** How many sinks there are. */
  get sinks(): number {
    return this.#sinks.length;
  }

  setLevel(level: LogLevel | undefined, component?: string): void {
    if (level !== undefined && !Object.hasOwn(RANKS, level)) {
      const text = `Cannot set the log level "${level}": write ${Object.keys(RANKS).join(", ")}`;
      throw new OrreryError("invalid_argument", text);
    }
    if (component === undefined) {
      this.#level = level ?? "info";
    } else if (level === undefined) {
      this.#levels.delete(component);
    } else {
      if (!this.#levels.has(component) && this.#levels.size >= LOG_LEVELS_MAX) {
        const text = `Cannot set the log level of "${component}": ${LOG_LEVELS_MAX} components have their own, take some back`;
        throw new OrreryError("resource_exhausted", text);
      }
      this.#levels.set(component, level);
    }
  }

  add(sink: LogSink): () => void {
    if (this.#sinks.length >= LOG_SINKS_MAX) {
      const text = `Cannot add a log sink: there are ${LOG_SINKS_MAX} already, take some away`;
      throw new OrreryError("resource_exhausted", text);
    }
    const own: LogSink = (entry) => sink(entry); // The same function may be added twice.
    this.#sinks = [...this.#sinks, own];
    return () => {
      this.#sinks = this.#sinks.filter((one) => one !== own);
    };
  }

  /** Takes a line of the node. */
  readonly take = (entry: LogEntry): void => {
    if (this.#sinks.length === 0 || !this.#passes(entry)) return; // I2
    this.lines++;
    const clean = cleanEntry(entry); // I1
    for (const sink of this.#sinks) {
      try {
        sink(clean);
      } catch (thrown) {
        this.#onFailure(thrown); // I3
      }
    }
  };

  #passes({ level, fields }: LogEntry): boolean {
    if (fields["watched"] === true) return true;
    const { component } = fields;
    const least = (typeof component === "string" ? this.#levels.get(component) : undefined) ?? this.#level;
    return RANKS[level] >= RANKS[least];
  }
}
