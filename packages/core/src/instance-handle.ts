import type { Client, Publisher, Sender } from "./client.ts";
import type { Clock } from "./clock.ts";
import type { Service } from "./contract.ts";
import type { Log } from "./log.ts";
import type { Random } from "./random.ts";

/** Where an instance stands in its life. */
export type InstanceState = "declared" | "starting" | "ready" | "saturated" | "draining" | "stopped" | "failed";

/** Why an instance crashed. */
export interface CrashInfo {
  readonly cause: unknown;
  /** Crashes of this slot within the window of 10 s, this one included. */
  readonly crashes: number;
}

/** Things that the handlers of one instance keep between messages. Gone when the instance restarts. */
export type InstanceEnv = Record<string, unknown>;

/** What whoever runs a component says to its code, such as the variables of its `component.yaml`; a time is a number of ms. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

/** What a component's factory is given: one instance, for as long as it lives. */
export interface InstanceHandle {
  /** Unique among all instances that ever run, such as `weather.0-k3j9x2…`. */
  readonly id: string;
  readonly component: string;
  readonly version: string;
  readonly node: string;
  /** Grows with every start of this slot. */
  readonly incarnation: number;
  readonly state: InstanceState;
  /** Survives messages, not restarts. */
  readonly env: InstanceEnv;
  /** The same for all instances. Never told by `describe`. */
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Aborts when the instance stops or crashes. */
  readonly signal: AbortSignal;
  /**
   * Runs once, before the first message, while others start as well: what it calls may be starting, and answers when it is ready.
   * A rejection makes the start fail.
   */
  onStart(hook: () => void | Promise<void>): void;
  /** Runs once, when the instance takes messages. */
  onReady(hook: () => void | Promise<void>): void;
  /** Runs once, when no new messages are taken and the waiting ones are being finished. */
  onDrain(hook: () => void | Promise<void>): void;
  /** Runs once, after the last message. */
  onStop(hook: () => void | Promise<void>): void;
  /** Runs once, when the instance crashed; it must not wait for messages. */
  onCrash(hook: (info: CrashInfo) => void | Promise<void>): void;
  /** Gives up this instance: what it was doing ends as a defect, and the container starts a fresh one in its place. */
  crash(cause: unknown): void;
  /** Client for calls that belong to no message, such as those of a start hook. */
  client<S extends Service>(service: S): Client<S>;
  /** As `client`, for one-way messages. */
  send<S extends Service>(service: S): Sender<S>;
  /** As `client`, for broadcasts. */
  publish<S extends Service>(service: S): Publisher<S>;
}
