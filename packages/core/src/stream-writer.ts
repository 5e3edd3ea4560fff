import type { Clock } from "./clock.ts";
import type { MethodContract } from "./contract.ts";
import { createAnswer, type Envelope, Kind } from "./envelope.ts";
import { type IdleWatch, watchIdle } from "./idle-watch.ts";
import { BODY_BYTES_MAX, STREAM_CREDIT_MAX } from "./limits.ts";
import { failure, type OrreryError } from "./orrery-error.ts";
import type { Port } from "./port.ts";
import { messageOf } from "./thrown-text.ts";
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
  /** Called once, just before the reader is told of the end. */
  readonly onEnd: (error: OrreryError | undefined) => void;
}

/**
 * Sends what a handler yields to the stream's reader. Owns: the reader's credit and the watch for rest.
 * I1: the handler is asked for an item only while there is credit. I2: exactly one end is sent, unless the reader left first.
 * I3: the stream ends when no item was sent and no credit came for the idle time, also while its handler hangs.
 */
export interface StreamWriter {
  /**
   * Takes everything from the handler, and waits for its clean-up when it is stopped early. Resolves to the error that ended the
   * stream, or to nothing. @throws what the handler throws.
   */
  write(items: AsyncIterable<unknown>): Promise<OrreryError | undefined>;
  /** The reader is ready for more. */
  credit(count: number): void;
  /** The reader left. */
  cancel(reason: OrreryError): void;
  /** Tells the reader that the stream has ended. Once is all. */
  end(error: OrreryError | undefined): void;
}

/** Makes the writing side of a stream that was just opened. */
export function createStreamWriter(options: StreamWriterOptions): StreamWriter {
  return new CreditedWriter(options);
}

class CreditedWriter implements StreamWriter {
  readonly #options: StreamWriterOptions;
  readonly #idle: IdleWatch;
  #credit: number;
  #stopped: OrreryError | undefined;
  /** The reader was told of the end, or has left. */
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(options: StreamWriterOptions) {
    this.#options = options;
    this.#credit = Math.min(options.opening.credit, STREAM_CREDIT_MAX);
    const { idleMs } = options.opening;
    this.#idle = watchIdle({ clock: options.clock, idleMs, onIdle: () => this.#breakOff(this.#idleError()) });
  }

  async write(items: AsyncIterable<unknown>): Promise<OrreryError | undefined> {
    const iterator = items[Symbol.asyncIterator]();
    for (;;) {
      if (this.#credit === 0 && this.#stopped === undefined) await new Promise<void>((wake) => (this.#wake = wake));
      if (this.#stopped !== undefined) break;
      const step = await iterator.next(); // I1
      if (step.done === true) return this.#stopped;
      if (this.#stopped === undefined) this.#send(step.value);
    }
    // The handler rests at a yield: its clean-up is its own work still, and the instance's next message waits for it.
    await iterator.return?.();
    return this.#stopped;
  }

  credit(count: number): void {
    this.#idle.touch();
    this.#credit = Math.min(this.#credit + count, STREAM_CREDIT_MAX);
    this.#wake?.();
  }

  cancel(reason: OrreryError): void {
    this.#closed = true;
    this.#stop(reason);
  }

  end(error: OrreryError | undefined): void {
    this.#idle.stop();
    if (this.#closed) return; // I2
    this.#closed = true;
    const envelope = createAnswer(Kind.streamEnd, this.#options.opening);
    if (error !== undefined) envelope.failure = failureToWire(error, this.#options.where);
    this.#options.onEnd(error);
    this.#options.port.send(envelope);
  }

  #send(value: unknown): void {
    const { port, method, opening, where } = this.#options;
    const item = createAnswer(Kind.streamItem, opening);
    try {
      if (port.carriesValues) item.value = method.reply.copy(value);
      else item.bytes = method.reply.encode(value);
    } catch (thrown) {
      this.#stop(this.#unfitError(messageOf(thrown), thrown));
      return;
    }
    if (item.bytes !== undefined && item.bytes.length > BODY_BYTES_MAX) {
      this.#stop(this.#unfitError(`it has ${item.bytes.length} bytes, the limit is ${BODY_BYTES_MAX}`));
      return;
    }
    this.#credit--;
    this.#idle.touch();
    const sent = port.send(item);
    if (sent === "accepted") return;
    const text = `Cannot go on with stream "${method.name}": its reader takes nothing (${sent})`;
    this.#stop(failure("connection_lost", text, { where }));
  }

  #unfitError(why: string, cause?: unknown): OrreryError {
    const { method, where } = this.#options;
    return failure("bad_reply", `Cannot send an item of "${method.name}": ${why}`, { where, cause });
  }

  #idleError(): OrreryError {
    const { method, opening, where } = this.#options;
    const rested = this.#credit === 0 ? "its reader took nothing" : "its handler gave nothing";
    const text = `Cannot go on with stream "${method.name}": ${rested} for ${opening.idleMs} ms`;
    return failure("stream_idle", text, { where });
  }

  /** Ends the stream at once, also while the handler hangs. */
  #breakOff(reason: OrreryError): void {
    this.end(reason); // I3
    this.#stop(reason);
  }

  #stop(reason: OrreryError): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = reason;
    this.#idle.stop();
    this.#options.abort(reason);
    this.#wake?.();
  }
}
