import type { Capacity, Room } from "./capacity.ts";
import { isExpired } from "./envelope.ts";
import { createFifo } from "./fifo.ts";
import { MESSAGE_BYTES_NOMINAL } from "./limits.ts";
import type { MessageContext } from "./message-context.ts";
import type { OrreryError } from "./orrery-error.ts";

/** Options of an inbox. */
export interface InboxOptions {
  /** Id of its instance. */
  readonly instance: string;
  /** What may wait here, as it is now: it may change between two messages. */
  readonly capacity: Capacity;
  /** What may wait in the whole node. */
  readonly room: Room;
}

/** What the messages of a queue that ends at once are told. */
export interface AbandonReasons {
  /** For those that were never started. */
  readonly waiting: OrreryError;
  /** For those whose handlers are still at it; what they have done is not known. */
  readonly running: OrreryError;
}

/**
 * The messages that wait for one instance. Owns: their order, and what they take of the room of the node.
 * I1: first in, first out. I2: what was let in stays until it is taken out, whatever the capacity is then.
 */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #messages = createFifo<MessageContext>();
  #bytes = 0;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#messages.size;
  }

  get isFull(): boolean {
    const { inboxMessages, inboxBytes } = this.#options.capacity;
    return this.size >= inboxMessages || this.#bytes >= inboxBytes;
  }

  /** Whether the instance's own bounds let a message in. */
  fits(message: MessageContext): boolean {
    const { inboxMessages, inboxBytes } = this.#options.capacity;
    return this.size < inboxMessages && this.#bytes + sizeOf(message) <= inboxBytes;
  }

  /** Why a message may not wait here; undefined when it may. */
  lack(message: MessageContext): string | undefined {
    const { instance, room } = this.#options;
    if (this.fits(message)) return room.lack(sizeOf(message));
    return `the inbox of "${instance}" is full with ${this.size} messages of ${this.#bytes} bytes`;
  }

  /** How long the first message that somebody still waits for has waited, in ms; 0 for none. */
  waitedMs(nowMs: number): number {
    for (const { answered, envelope, sinceMs } of this.#messages)
      if (!answered && !isExpired(envelope, nowMs)) return nowMs - sinceMs;
    return 0;
  }

  get first(): MessageContext | undefined {
    return this.#messages.first;
  }

  push(message: MessageContext, nowMs: number): void {
    const size = sizeOf(message);
    message.sinceMs = nowMs;
    this.#messages.push(message);
    this.#bytes += size;
    this.#options.room.take(size);
  }

  shift(): MessageContext | undefined {
    const message = this.#messages.size === 0 ? undefined : this.#messages.shift();
    if (message !== undefined) this.#free(message);
    return message;
  }

  /** Keeps only what passes, in order. */
  keep(passes: (message: MessageContext) => boolean): void {
    this.#messages.keep((message) => {
      if (passes(message)) return true;
      this.#free(message);
      return false;
    });
  }

  /** Takes everything out. */
  empty(): readonly MessageContext[] {
    const left = [...this.#messages];
    this.keep(() => false);
    return left;
  }

  [Symbol.iterator](): Iterator<MessageContext> {
    return this.#messages[Symbol.iterator]();
  }

  #free(message: MessageContext): void {
    const size = sizeOf(message);
    this.#bytes -= size;
    this.#options.room.free(size);
  }
}

function sizeOf(message: MessageContext): number {
  return MESSAGE_BYTES_NOMINAL + (message.envelope.bytes?.length ?? 0);
}
