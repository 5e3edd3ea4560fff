import { type Caller, checkReply, errorOf, type OpenCall, readReply, timeoutOf, writeRequest } from "./caller.ts";
import type { MethodContract } from "./contract.ts";
import type { DeadlineBucket, DeadlineEntry } from "./deadlines.ts";
import { type Envelope, Kind } from "./envelope.ts";
import type { MessageWatch, Parent, Settlers } from "./message-events.ts";
import type { OrreryError } from "./orrery-error.ts";
import type { Port } from "./port.ts";
import { watchAbort } from "./watch-abort.ts";

/** What one call needs to be made. */
export interface UnaryCallOptions {
  readonly method: MethodContract;
  readonly port: Port;
  readonly envelope: Envelope;
  readonly request: unknown;
  readonly parent: Parent | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Makes a call of mode sync, or sends a message of mode async; resolves to the reply, or to the acceptance. */
export function makeUnaryCall(caller: Caller, options: UnaryCallOptions): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const call =
      caller.watch?.settling === undefined
        ? new UnaryCall(caller, options, resolve, reject)
        : watchedCall(caller.watch, caller, options, { resolve, reject });
    try {
      writeRequest(options.envelope, options.port, options.method, options.request);
    } catch (error) {
      return call.refuse(error);
    }
    if (options.signal === undefined || call.watch(options.signal)) caller.open(call);
  });
}

/** A call whose outcome is told as its caller gets it. */
function watchedCall(watch: MessageWatch, caller: Caller, options: UnaryCallOptions, settlers: Settlers): UnaryCall {
  const { resolve, reject } = watch.settling?.(options.envelope, options.parent, settlers) ?? settlers;
  return new UnaryCall(caller, options, resolve, reject);
}

class UnaryCall implements OpenCall {
  readonly envelope: Envelope;
  readonly port: Port;
  readonly method: MethodContract;
  readonly parent: Parent | undefined;
  held: unknown = undefined;
  noted: unknown = undefined;
  bucket: DeadlineBucket | undefined = undefined;
  before: DeadlineEntry | undefined = undefined;
  after: DeadlineEntry | undefined = undefined;
  readonly #caller: Caller;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;
  #onSettled: (() => void) | undefined = undefined;

  constructor(
    caller: Caller,
    options: UnaryCallOptions,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.#caller = caller;
    this.envelope = options.envelope;
    this.port = options.port;
    this.method = options.method;
    this.parent = options.parent;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Lets the signal end the call; false when it has aborted already, and the call with it. */
  watch(signal: AbortSignal): boolean {
    this.#onSettled = watchAbort(this.#caller, this, signal, "call");
    return this.#onSettled !== undefined;
  }

  receive(envelope: Envelope): void {
    const error = errorOf(envelope);
    this.#caller.close(this, error);
    this.#onSettled?.();
    if (error !== undefined) {
      this.#reject(error);
      return;
    }
    if (this.envelope.kind === Kind.oneWay) {
      this.#resolve(undefined);
      return;
    }
    try {
      this.#resolve(readReply(this.method, envelope));
    } catch (thrown) {
      this.#reject(thrown);
    }
  }

  take(value: unknown): void {
    this.#caller.close(this);
    this.#onSettled?.();
    try {
      this.#resolve(checkReply(this.method, value));
    } catch (thrown) {
      this.#reject(thrown);
    }
  }

  fail(error: OrreryError): void {
    this.#onSettled?.();
    this.#reject(error);
  }

  /** Ends the call before it was sent: its request cannot be written. */
  refuse(error: unknown): void {
    this.#reject(error);
  }

  expire(): void {
    const error = timeoutOf(this, this.#caller.node);
    this.#caller.close(this, error);
    this.fail(error);
  }
}
