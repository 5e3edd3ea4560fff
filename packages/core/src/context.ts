import type { Client, Publisher, Sender } from "./client.ts";
import type { Clock } from "./clock.ts";
import type { Service } from "./contract.ts";
import type { FlowRef, Source, TraceRef } from "./envelope.ts";
import type { Flow, FlowOptions } from "./flow.ts";
import type { InstanceEnv } from "./instance-handle.ts";
import type { Log } from "./log.ts";
import type { Random } from "./random.ts";

/** What a handler is given beside its request: everything it may need from outside, for this one message. */
export interface Context {
  readonly clock: Clock;
  readonly random: Random;
  /** Lines carry node, instance and flow. */
  readonly log: Log;
  /**
   * Aborts when the caller gives up, its time is over, or the instance stops; of a stream already when its node begins to stop. A feed that
   * goes on for ever ends then: one that throws the signal's reason, as `clock.sleep` does, tells its reader why.
   */
  readonly signal: AbortSignal;
  /** End of the time allowed, on the monotonic clock, in ms; 0 for none. Calls made from here never go past it. */
  readonly deadline: number;
  /** The flow that the message belongs to. Calls made from here belong to it too. */
  readonly flow: FlowRef;
  readonly trace: TraceRef | undefined;
  /** On whose behalf the message was sent. Calls made from here are made on the same behalf. */
  readonly agent: string;
  readonly source: Source;
  readonly idempotencyKey: string;
  readonly attempt: number;
  /** The instance's own memory; survives messages, not restarts. */
  readonly env: InstanceEnv;
  /** Id of the instance that handles the message. */
  readonly instance: string;
  /** Calls of a service, on behalf of this message. */
  client<S extends Service>(service: S): Client<S>;
  /** One-way messages of a service, on behalf of this message. */
  send<S extends Service>(service: S): Sender<S>;
  /** Broadcasts of a service, on behalf of this message. */
  publish<S extends Service>(service: S): Publisher<S>;
  /** Begins a sub-flow of this message's flow. */
  beginFlow(name: string, options?: FlowOptions): Flow;
  /**
   * Passes a named point: a place where a test may delay, hold or fail this message, and a monitor sees it go by. Always await it. Without
   * the node's `onPoint` it gives a promise that is settled already. @throws what the hook throws.
   * @example
   * await context.point("after-charge", { amount });
   */
  point(name: string, data?: unknown): Promise<void>;
  /** Whether something rare should happen here, such as a cache miss that needs no reason. False without the node's `maybe`. */
  maybe(name: string): boolean;
}
