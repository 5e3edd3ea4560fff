import { type Caller, errorOf, type OpenCall, readReply, timeoutOf, writeRequest } from "./caller.ts";
import type { ItemStream } from "./client.ts";
import type { MethodContract } from "./contract.ts";
import type { DeadlineBucket, DeadlineEntry } from "./deadlines.ts";
import { createEnvelope, type Envelope, Kind } from "./envelope.ts";
import { createFifo } from "./fifo.ts";
import { type IdleWatch, watchIdle } from "./idle-watch.ts";
import type { Parent } from "./message-events.ts";
import { failure, type OrreryError } from "./orrery-error.ts";
import type { Port } from "./port.ts";
import type { UnaryCallOptions } from "./unary-call.ts";
import { watchAbort } from "./watch-abort.ts";

/** What one stream needs to be opened. */
export interface StreamCallOptions extends UnaryCallOptions {
  /** Items asked for ahead. */
  readonly credit: number;
}

type Step = IteratorResult<unknown, undefined>;

const DONE: Step = Object.freeze({ done: true, value: undefined });

/**
 * Gives a stream as an iterable that is lazy: `prepare`, which may have to wait for its component, runs, and the stream opens, when it is first asked for an item.
 * It can be read once; leaving the loop early, or an item that cannot be read, ends the stream at its source.
 */
export function makeStreamCall(
  caller: Caller,
  prepare: () => StreamCallOptions | Promise<StreamCallOptions>,
): ItemStream<unknown> {
  let prepared: StreamCallOptions | Promise<StreamCallOptions> | undefined;
  let stream: OpenStream | undefined;
  let stopped = false;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (stopped) return DONE;
      try {
        prepared ??= prepare();
        const ready = prepared instanceof Promise ? await prepared : prepared;
        if (stopped) return DONE;
        stream ??= openStream(caller, ready);
        return await stream.next();
      } catch (error) {
        stopped = true;
        stream?.stop();
        throw error;
      }
    },
    async return() {
      stopped = true;
      stream?.stop();
      return DONE;
    },
    async [Symbol.asyncDispose]() {
      await this.return();
    },
  };
}

function openStream(caller: Caller, options: StreamCallOptions): OpenStream {
  writeRequest(options.envelope, options.port, options.method, options.request);
  options.envelope.credit = options.credit;
  const stream = new OpenStream(caller, options);
  stream.open(options.signal);
  return stream;
}

/**
 * One stream being read. Owns: the items that came and were not yet taken, and the watch for rest.
 * I1: at most `credit` items wait. I2: more is asked for once half of what was asked for has been taken. I3: it ends once.
 * I4: it ends when no item came and none was taken for the idle time.
 */
class OpenStream implements OpenCall {
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
  readonly #credit: number;
  readonly #items = createFifo<Envelope>();
  /** Those who wait for an item, first come first. */
  readonly #waiting = createFifo<() => void>();
  readonly #idle: IdleWatch;
  #ended = false;
  #taken = 0;
  #error: OrreryError | undefined;
  #unwatch: (() => void) | undefined;

  constructor(caller: Caller, options: StreamCallOptions) {
    this.#caller = caller;
    this.envelope = options.envelope;
    this.port = options.port;
    this.method = options.method;
    this.parent = options.parent;
    this.#credit = options.credit;
    const { idleMs } = options.envelope;
    this.#idle = watchIdle({ clock: caller.clock, idleMs, onIdle: () => this.#giveUp(this.#idleError()) });
  }

  open(signal: AbortSignal | undefined): void {
    if (signal !== undefined) this.#unwatch = watchAbort(this.#caller, this, signal, "open stream");
    if (!this.#ended) this.#caller.open(this);
  }

  async next(): Promise<Step> {
    while (this.#items.size === 0 && !this.#ended) await new Promise<void>((wake) => this.#waiting.push(wake));
    const item = this.#items.shift();
    if (item === undefined) {
      if (this.#error === undefined) return DONE;
      const error = this.#error;
      this.#error = undefined;
      throw error;
    }
    this.#idle.touch();
    this.#ask();
    return { done: false, value: await readReply(this.method, item) };
  }

  stop(): void {
    this.#items.keep(() => false);
    if (!this.#ended) this.#caller.cancel(this);
    this.#error = undefined;
  }

  receive(envelope: Envelope): void {
    if (envelope.kind !== Kind.streamItem) {
      const error = errorOf(envelope);
      this.#caller.close(this, error);
      this.#end(error);
    } else if (this.#items.size < this.#credit) {
      this.#idle.touch();
      this.#items.push(envelope);
      this.#waiting.shift()?.();
    } else this.#giveUp(this.#overrunError()); // I1
  }

  /** A stream is answered by items alone. */
  take(): void {
    this.#caller.close(this);
    this.#end(failure("undecodable_reply", `Cannot read stream "${this.method.name}": a reply came in place of items`));
  }

  fail(error: OrreryError): void {
    this.#end(error);
  }

  expire(): void {
    const error = timeoutOf(this, this.#caller.node);
    this.#caller.close(this, error);
    if (this.envelope.left) this.port.send(createEnvelope(Kind.cancel, this.envelope.id));
    this.#end(error);
  }

  /** Ends the stream at its source, and here with an error of its own. */
  #giveUp(error: OrreryError): void {
    this.#caller.cancel(this);
    this.#error = error;
  }

  #end(error: OrreryError | undefined): void {
    if (this.#ended) return; // I3
    this.#ended = true;
    this.#error = error;
    this.#idle.stop();
    this.#unwatch?.();
    this.#caller.watch?.returned?.(this.envelope, this.parent, error === undefined ? "reply" : error.kind);
    for (let wake = this.#waiting.shift(); wake !== undefined; wake = this.#waiting.shift()) wake();
  }

  #idleError(): OrreryError {
    const { idleMs, left } = this.envelope;
    const where = { where: this.#caller.node };
    if (!left) {
      const remote = this.port.link?.remote ?? "this process";
      const text = `Cannot reach "${remote}" for stream "${this.method.name}": nothing could be sent within ${idleMs} ms`;
      return failure("not_connected", text, where);
    }
    const rested = this.#items.size > 0 ? "its reader took nothing" : "nothing came";
    return failure("stream_idle", `Cannot go on with stream "${this.method.name}": ${rested} for ${idleMs} ms`, where);
  }

  #overrunError(): OrreryError {
    const text = `Cannot read stream "${this.method.name}": more than the ${this.#credit} items that were asked for came`;
    return failure("stream_overrun", text, { where: this.#caller.node });
  }

  #ask(): void {
    this.#taken++;
    if (this.#ended || this.#taken * 2 < this.#credit) return; // I2
    const credit = createEnvelope(Kind.streamCredit, this.envelope.id);
    credit.credit = this.#taken;
    this.#taken = 0;
    this.port.send(credit);
  }
}
