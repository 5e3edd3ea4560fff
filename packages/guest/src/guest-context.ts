import type { GuestResources } from "./guest-resources.ts";
import type { GuestState } from "./guest-state.ts";

/** A text or bytes. */
export type GuestBytes = string | Uint8Array;

/** Writes lines into the log of the mechtron. Lines beyond the host's limit are counted and dropped. */
export interface GuestLog {
  debug(text: string): void;
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}

/** What a handler is given beside its request. Whatever it asks of others is done with the mechtron's rights, on behalf of `agent`. */
export interface GuestContext {
  /** On whose behalf the message was sent. */
  readonly agent: string;
  /** Time that was left for the answer when the message came, in ms; 0 for none given. */
  readonly budgetMs: number;
  readonly log: GuestLog;
  readonly resources: GuestResources;
  readonly state: GuestState;
  /** The host's time in ms since 1970, as it was when the host last said something; it stands still in between. */
  now(): number;
  /**
   * Calls a method of a service: of a component of the same app by its name, of a mechtron as `MECHTRON/SERVICE`, where the mechtron is one of
   * the same app by its name, or another by its address. A `Uint8Array` goes as bytes, anything else as JSON, and so does the answer.
   * @throws GuestError with the code and reason of what failed.
   * @example
   * const { celsius } = await context.call<{ celsius: number }>("weather", "today", { place: "Oslo" });
   */
  call<T = unknown>(service: string, method: string, request?: unknown): Promise<T>;
  /** What whoever runs the mechtron says to it, as plain JSON; undefined where there is nothing. */
  config<T = unknown>(): Promise<T>;
  /** Reads a file of the mechtron's own bundle. @throws GuestError `not_found`. */
  artifact(path: string): Promise<Uint8Array>;
  /** Waits. It counts against the time allowed, not against the CPU's. */
  sleep(delayMs: number): Promise<void>;
  /** Fresh random bytes of the host's; at most 65,536. */
  randomBytes(count: number): Promise<Uint8Array>;
}
