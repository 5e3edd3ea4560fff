import { type Caller, errorOf, type OpenCall, readReply, timeoutOf, writeRequest } from "./caller.ts";
import type { MethodContract } from "./contract.ts";
import type { DeadlineBucket, DeadlineEntry } from "./deadlines.ts";
import { createEnvelope, type Envelope, Kind } from "./envelope.ts";
import { createFifo } from "./fifo.ts";
import { failure, type OrreryError } from "./orrery-error.ts";
import type { Port } from "./port.ts";
import type { UnaryCallOptions } from "./unary-call.ts";

/** What one stream needs to be opened. */
export interface StreamCallOptions extends UnaryCallOptions {
  /** Items asked for ahead. */
  readonly credit: number;
}

type Step = IteratorResult<unknown, undefined>;

const DONE: Step = Object.freeze({ done: true, value: undefined });

/**
 * Gives a stream as an iterable that is lazy: `prepare` runs, and the stream opens, when it is first asked for an item.
 * It can be read once; leaving the loop early ends the stream at its source.
 */
export function makeStreamCall(caller: Caller, prepare: () => StreamCallOptions): AsyncIterableIterator<unknown> {
  let stream: OpenStream | undefined;
  let stopped = false;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (stopped) return DONE;
      stream ??= openStream(caller, prepare());
      return stream.next();
    },
    async return() {
      stopped = true;
      stream?.stop();
      return DONE;
    },
  };
}

function openStream(caller: Caller, options: StreamCallOptions): OpenStream {
  writeRequest(options.envelope, options.port, options.method, options.request);
  options.envelope.credit = options.credit;
  const stream = new OpenStream(caller, options);
  stream.watch(options.signal);
  if (!stream.ended) caller.open(stream);
  return stream;
}

/**
 * One stream being read. Owns: the items that came and were not yet taken.
 * I1: at most `credit` items wait. I2: more is asked for once half of what was asked for has been taken. I3: it ends once.
 */
class OpenStream implements OpenCall {
  readonly envelope: Envelope;
  readonly port: Port;
  readonly method: MethodContract;
  readonly parent: object | undefined;
  bucket: DeadlineBucket | undefined = undefined;
  before: DeadlineEntry | undefined = undefined;
  after: DeadlineEntry | undefined = undefined;
  ended = false;
  readonly #caller: Caller;
  readonly #credit: number;
  readonly #items = createFifo<Envelope>();
  #taken = 0;
  #error: OrreryError | undefined;
  #wake: (() => void) | undefined;
  #unwatch: (() => void) | undefined;

  constructor(caller: Caller, options: StreamCallOptions) {
    this.#caller = caller;
    this.envelope = options.envelope;
    this.port = options.port;
    this.method = options.method;
    this.parent = options.parent;
    this.#credit = options.credit;
  }

  watch(signal: AbortSignal | undefined): void {
    if (signal === undefined) return;
    if (signal.aborted) {
      const text = `Cannot open stream "${this.method.name}": its signal had aborted before`;
      return this.fail(failure("withdrawn", text, { where: this.#caller.node }));
    }
    const onAbort = () => this.#caller.cancel(this);
    signal.addEventListener("abort", onAbort, { once: true });
    this.#unwatch = () => signal.removeEventListener("abort", onAbort);
  }

  async next(): Promise<Step> {
    while (this.#items.size === 0 && !this.ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const item = this.#items.shift();
    if (item === undefined) {
      if (this.#error === undefined) return DONE;
      const error = this.#error;
      this.#error = undefined;
      throw error;
    }
    this.#ask();
    return { done: false, value: await readReply(this.method, item) };
  }

  stop(): void {
    this.#items.keep(() => false);
    if (!this.ended) this.#caller.cancel(this);
    this.#error = undefined;
  }

  receive(envelope: Envelope): void {
    if (envelope.kind === Kind.streamItem) {
      if (this.#items.size < this.#credit) this.#items.push(envelope);
      else return this.#overrun(); // I1
    } else {
      this.#caller.close(this);
      this.#end(errorOf(envelope));
    }
    this.#wake?.();
  }

  /** A stream is answered by items alone. */
  take(): void {
    this.#caller.close(this);
    this.fail(failure("undecodable_reply", `Cannot read stream "${this.method.name}": a reply came in place of items`));
  }

  fail(error: OrreryError): void {
    this.#end(error);
    this.#wake?.();
  }

  expire(): void {
    this.#caller.close(this);
    if (this.envelope.left) this.port.send(createEnvelope(Kind.cancel, this.envelope.id));
    this.fail(timeoutOf(this, this.#caller.node));
  }

  #overrun(): void {
    this.#caller.cancel(this);
    const text = `Cannot read stream "${this.method.name}": more than the ${this.#credit} items that were asked for came`;
    this.#error = failure("stream_overrun", text, { where: this.#caller.node });
  }

  #end(error: OrreryError | undefined): void {
    if (this.ended) return; // I3
    this.ended = true;
    this.#error = error;
    this.#unwatch?.();
  }

  #ask(): void {
    this.#taken++;
    if (this.ended || this.#taken * 2 < this.#credit) return; // I2
    const credit = createEnvelope(Kind.streamCredit, this.envelope.id);
    credit.credit = this.#taken;
    this.#taken = 0;
    this.port.send(credit);
  }
}
