import type { Clock, Timer } from "./clock.ts";
import type { MethodContract } from "./contract.ts";
import { createEnvelope, type Envelope, Kind } from "./envelope.ts";
import { BODY_BYTES_MAX, STREAM_CREDIT_MAX } from "./limits.ts";
import { failure, type OrreryError } from "./orrery-error.ts";
import type { Port } from "./port.ts";
import { failureToWire } from "./wire-failure.ts";

/** What one stream needs to be written. */
export interface StreamWriterOptions {
  readonly clock: Clock;
  readonly port: Port;
  readonly method: MethodContract;
  /** The message that opened the stream. */
  readonly opening: Envelope;
  /** Instance that writes, for errors. */
  readonly where: string;
  /** Asks the handler to give up: its reader left, or the stream rested too long. */
  readonly abort: (reason: OrreryError) => void;
}

/**
 * Sends what a handler yields to the stream's reader. Owns: the reader's credit and the idle timer.
 * I1: the handler is asked for an item only while there is credit. I2: exactly one end is sent, unless the reader left first.
 */
export interface StreamWriter {
  /** Takes everything from the handler; resolves to the error that ended it, or to nothing. */
  write(items: AsyncIterable<unknown>): Promise<OrreryError | undefined>;
  /** The reader is ready for more. */
  credit(count: number): void;
  /** The reader left. */
  cancel(reason: OrreryError): void;
  /** Tells the reader that the stream has ended. */
  end(error: OrreryError | undefined): void;
}

/** Makes the writing side of a stream that was just opened. */
export function createStreamWriter(options: StreamWriterOptions): StreamWriter {
  return new CreditedWriter(options);
}

class CreditedWriter implements StreamWriter {
  readonly #options: StreamWriterOptions;
  #credit: number;
  #stopped: OrreryError | undefined;
  #readerLeft = false;
  #wake: (() => void) | undefined;

  constructor(options: StreamWriterOptions) {
    this.#options = options;
    this.#credit = Math.min(options.opening.credit, STREAM_CREDIT_MAX);
  }

  async write(items: AsyncIterable<unknown>): Promise<OrreryError | undefined> {
    const iterator = items[Symbol.asyncIterator]();
    for (;;) {
      if (this.#credit === 0 && this.#stopped === undefined) await this.#waitForCredit();
      if (this.#stopped !== undefined) break;
      const step = await iterator.next(); // I1
      if (step.done === true) return undefined;
      if (this.#stopped !== undefined) break;
      this.#credit--;
      this.#send(step.value);
    }
    // The handler may be waiting for ever in its own next step; its clean-up must not be waited for.
    void Promise.resolve(iterator.return?.()).catch(() => undefined);
    return this.#stopped;
  }

  credit(count: number): void {
    this.#credit = Math.min(this.#credit + count, STREAM_CREDIT_MAX);
    this.#wake?.();
  }

  cancel(reason: OrreryError): void {
    this.#readerLeft = true;
    this.#stop(reason);
  }

  end(error: OrreryError | undefined): void {
    if (this.#readerLeft) return;
    const envelope = createEnvelope(Kind.streamEnd, this.#options.opening.id);
    if (error !== undefined) envelope.failure = failureToWire(error, this.#options.where);
    this.#options.port.send(envelope); // I2
  }

  #send(value: unknown): void {
    const { port, method, opening, where } = this.#options;
    const item = createEnvelope(Kind.streamItem, opening.id);
    if (port.carriesValues) item.value = method.reply.copy(value);
    else item.bytes = method.reply.encode(value);
    if (item.bytes !== undefined && item.bytes.length > BODY_BYTES_MAX) {
      throw failure(
        "bad_reply",
        `Cannot send an item of "${method.name}": it has ${item.bytes.length} bytes, the limit is ${BODY_BYTES_MAX}`,
      );
    }
    const sent = port.send(item);
    if (sent === "accepted") return;
    this.#stop(
      failure("connection_lost", `Cannot go on with stream "${method.name}": its reader takes nothing (${sent})`, {
        where,
      }),
    );
  }

  async #waitForCredit(): Promise<void> {
    const { clock, opening, method, where } = this.#options;
    let timer: Timer | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = clock.timer(opening.idleMs, () => {
        const text = `Cannot go on with stream "${method.name}": its reader took nothing for ${opening.idleMs} ms`;
        this.#stop(failure("stream_idle", text, { where }));
      });
    });
    timer?.cancel();
    this.#wake = undefined;
  }

  #stop(reason: OrreryError): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = reason;
    this.#options.abort(reason);
    this.#wake?.();
  }
}
