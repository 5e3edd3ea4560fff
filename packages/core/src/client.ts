import type { MethodNames, MethodsOf, Service } from "./contract.ts";
import type { SendOptions, StreamOptions } from "./options.ts";
import type { Call, Outcome } from "./outcome.ts";

/** A message of mode async that was sent. */
export interface Ticket {
  /** Id of the message at its sender; 0 while nobody is known to serve its component. */
  readonly id: number;
  /** Resolves when the receiver has accepted the message, and rejects when it certainly has not or nobody knows. */
  readonly accepted: Call<void>;
  /** The outcome so far, without waiting; nothing while it is open. */
  check(): Outcome<void> | undefined;
  /** Gives the message up, if it has not been accepted. */
  cancel(): void;
}

/**
 * A stream being read: it opens when it is first asked for an item, and can be read once. Leaving a loop early, `return` and the end of an
 * `await using` block end it at its source.
 */
export interface ItemStream<T> extends AsyncIterableIterator<T, undefined> {
  /** The next item, or nothing when the stream has ended. @throws OrreryError that says how it ended in place of an end. */
  next(): Promise<IteratorResult<T, undefined>>;
  /** Ends the stream. */
  return(): Promise<IteratorResult<T, undefined>>;
  [Symbol.asyncIterator](): ItemStream<T>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Calls of a service: a promise for each method of mode sync, an iterable for each of mode stream. Other modes are not here. */
export type Client<S extends Service> = {
  readonly [K in MethodNames<S, "sync">]: (
    request: MethodsOf<S>[K]["request"],
    options?: SendOptions,
  ) => Call<MethodsOf<S>[K]["replied"]>;
} & {
  readonly [K in MethodNames<S, "stream">]: (
    request: MethodsOf<S>[K]["request"],
    options?: StreamOptions,
  ) => ItemStream<MethodsOf<S>[K]["replied"]>;
};

/** One-way messages of a service: a ticket for each method of mode async. */
export type Sender<S extends Service> = {
  readonly [K in MethodNames<S, "async">]: (request: MethodsOf<S>[K]["request"], options?: SendOptions) => Ticket;
};

/** Broadcasts of a service: at most once to every instance, and nobody is told. */
export type Publisher<S extends Service> = {
  readonly [K in MethodNames<S, "broadcast">]: (request: MethodsOf<S>[K]["request"], options?: SendOptions) => void;
};
