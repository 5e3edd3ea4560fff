import type { FlowRef, Horizon, HorizonScope, TraceRef } from "./envelope.ts";

/** What a caller may say about one message. */
export interface SendOptions {
  /** How long the message may take to be answered, in ms, from 1. Default: the contract's, else 30 s; never past the caller's own deadline. */
  readonly timeoutMs?: number;
  /** Gives up the call when it aborts. */
  readonly signal?: AbortSignal;
  /** Exact version of the component. Default: any. */
  readonly version?: string;
  /**
   * Name of the network whose component is meant, and no other; gateways lead to other networks. Default: this one's, or another's where
   * nobody of this one can take it.
   */
  readonly network?: string;
  /** Id of one instance. Default: any. */
  readonly instance?: string;
  /** The same key goes to the same instance while the set of instances stays. */
  readonly shardKey?: string;
  /** How far the message may travel. Default: the contract's, else anywhere. */
  readonly horizon?: HorizonScope | Partial<Horizon>;
  /** Lets a receiver recognise a repeated message. */
  readonly idempotencyKey?: string;
  /** 0 on the first try. */
  readonly attempt?: number;
  /** Flow that the message belongs to. Default: the one of the message being handled. */
  readonly flow?: FlowRef;
  /** W3C trace context. Default: the one of the message being handled. */
  readonly trace?: TraceRef;
  /** On whose behalf. Default: the agent of the message being handled, else that of the node. */
  readonly agent?: string;
}

/** What a reader may say about a stream. A stream has no time limit but what is given; it always has an idle deadline. */
export interface StreamOptions extends SendOptions {
  /** The stream ends when its reader took nothing for so long, in ms, from 1. Default: 60 s. */
  readonly idleMs?: number;
  /** Items that are asked for ahead, from 1 to 65,536. Default: 64. */
  readonly credit?: number;
}
