import { acknowledge, refuse, replyError, replyValue } from "./answer.ts";
import type { Capacity, Room } from "./capacity.ts";
import type { Component } from "./component.ts";
import type { ServiceContract } from "./contract.ts";
import { type FlowRef, isExpired, Kind } from "./envelope.ts";
import { type AbandonReasons, Inbox } from "./inbox.ts";
import type { Keeper } from "./keeper.ts";
import { STREAMS_OPEN_MAX } from "./limits.ts";
import type { MessageContext, MessageHost } from "./message-context.ts";
import { isSameFlow, isThenable, leadsTo, nameOf, notIterable, readRequest, refuseExpired } from "./message-facts.ts";
import { failure, isOrreryError, type OrreryError } from "./orrery-error.ts";
import type { StreamTable } from "./stream-table.ts";
import { createStreamWriter } from "./stream-writer.ts";
import type { Handler } from "./take-handlers.ts";
import { messageOf, stackOf } from "./thrown-text.ts";
import { failureOfHandler } from "./wire-failure.ts";

/** What an instance's queue is told at its making. */
export interface InstanceQueueOptions {
  readonly component: Component;
  readonly contract: ServiceContract;
  readonly host: MessageHost;
  readonly handlers: Readonly<Record<string, Handler>>;
  readonly streams: StreamTable;
  /** Lets messages outlive the instance; absent where none is kept. */
  readonly keeper: Keeper | undefined;
  /** What may wait, as it is now: it may change between two messages. */
  readonly capacity: Capacity;
  /** What may wait in the whole node. */
  readonly room: Room;
  /** Called when the instance has nothing left to do. */
  readonly onIdle: () => void;
}

/**
 * The work of one instance. Owns: its inbox and the messages that its handlers are at.
 * I1: one message at a time, awaits included; only a re-entrant flow and a stream `beside` come next to it, when the component says so.
 * I2: first come, first served. I3: the inbox is bounded by count and bytes. I4: a message whose time is over is never started.
 * I5: every message that expects an answer gets exactly one. I7: a kept message keeps its place while it is written, and what is behind it
 * waits; it is begun, refused or let go only when its journal has spoken. I6: nothing runs before `open`; until then all that comes waits.
 */
export interface InstanceQueue {
  /** Messages waiting and being handled. */
  readonly load: number;
  readonly waiting: number;
  readonly saturated: boolean;
  /** The message that keeps others waiting; undefined for none. */
  readonly holder: MessageContext | undefined;
  /** How long the first message that somebody still waits for has waited, in ms; 0 for none. */
  waitedMs(nowMs: number): number;
  /** Lets what waits begin: its instance is ready. */
  open(): void;
  /** Takes a message, or answers it with a bounce. */
  accept(message: MessageContext): void;
  /** Takes a message that was accepted before, whatever waits here. */
  acceptKept(message: MessageContext): void;
  /** Lets a message of an open chain in beside the running one, or answers it with a bounce. */
  acceptBeside(message: MessageContext): void;
  /** Whether one of the open calls in this chain of instances, of a flow, keeps others waiting here: it is handled, and not beside. */
  holds(chain: readonly string[], flow: FlowRef | undefined): boolean;
  /** Finds a message by where it came from. */
  find(matches: (message: MessageContext) => boolean): MessageContext | undefined;
  /** Ends everything at once: the waiting and the running. The reasons are asked for when there is somebody to tell. */
  abandon(reasons: () => AbandonReasons): void;
}

/** Makes the queue of an instance. */
export function createInstanceQueue(options: InstanceQueueOptions): InstanceQueue {
  return new SerialQueue(options);
}

class SerialQueue implements InstanceQueue {
  readonly #options: InstanceQueueOptions;
  readonly #capacity: Capacity;
  readonly #inbox: Inbox;
  /** The message that the instance is at. */
  #holder: MessageContext | undefined;
  /** Those that run next to it. */
  readonly #beside = new Set<MessageContext>();
  /** Messages that others had before: they go before all that came since. */
  readonly #accepted: MessageContext[] = [];
  #pumping = false;
  /** When the last handler ended, until the next message is looked at; 0 where nobody has read the clock since. */
  #endedMs = 0;
  #phase: "held" | "open" | "abandoned" = "held";

  constructor(options: InstanceQueueOptions) {
    this.#options = options;
    this.#capacity = options.capacity;
    this.#inbox = new Inbox({ instance: options.host.id, capacity: options.capacity, room: options.room });
  }

  get load(): number {
    return this.#accepted.length + this.#inbox.size + this.#begun;
  }

  get #begun(): number {
    return this.#beside.size + (this.#holder === undefined ? 0 : 1);
  }

  get waiting(): number {
    return this.#inbox.size;
  }

  get saturated(): boolean {
    return this.#inbox.isFull;
  }

  get holder(): MessageContext | undefined {
    return this.#holder;
  }

  waitedMs(nowMs: number): number {
    return this.#inbox.waitedMs(nowMs);
  }

  open(): void {
    if (this.#phase !== "held") return;
    this.#phase = "open";
    if (this.#accepted.length > 0) this.#putFirst();
    this.#inbox.keep((message) => message.envelope.kind !== Kind.oneWay || message.answered || this.#promise(message));
    this.#pump();
  }

  accept(message: MessageContext): void {
    if (!this.#inbox.fits(message)) this.#dropOver();
    const lack = this.#isIdle && this.#inbox.fits(message) ? undefined : this.#inbox.lack(message);
    if (lack !== undefined) {
      this.#refuseOver(message, lack); // I3
      return;
    }
    const isOpen = this.#phase === "open";
    if (message.envelope.kind === Kind.oneWay && isOpen && !this.#promise(message)) return;
    if (this.#isIdle && message.kept === undefined) {
      // What was sent within the node a moment ago cannot be over: its sender has just looked.
      if (message.port.link === undefined) this.#run(message, false);
      else this.#start(message);
      return;
    }
    this.#inbox.push(message, this.#options.host.clock.monotonic());
    this.#pump();
  }

  acceptKept(message: MessageContext): void {
    if (this.#phase === "held") {
      this.#accepted.push(message);
      return;
    }
    this.#inbox.push(message, this.#options.host.clock.monotonic());
    this.#pump();
  }

  acceptBeside(message: MessageContext): void {
    const { host } = this.#options;
    if (isExpired(message.envelope, host.clock.monotonic())) refuseExpired(message, host.id);
    else if (this.#begun >= this.#capacity.inboxMessages)
      this.#refuseOver(message, `${this.#begun} messages run at "${host.id}" already`); // I3
    else this.#run(message, true);
  }

  holds(chain: readonly string[], flow: FlowRef | undefined): boolean {
    const { id } = this.#options.host;
    const holder = this.#holder;
    if (holder === undefined || !leadsTo(chain, holder, id)) return false;
    // A chain of instances does not tell the holder from a stream beside that came the same way; their flows do.
    if (isSameFlow(holder.flow, flow) || chain.indexOf(id) !== chain.lastIndexOf(id)) return true;
    for (const message of this.#beside) {
      const isStream = message.envelope.kind === Kind.streamOpen;
      if (isStream && isSameFlow(message.flow, flow) && leadsTo(chain, message, id)) return false;
    }
    return true;
  }

  find(matches: (message: MessageContext) => boolean): MessageContext | undefined {
    for (const message of this.#all()) if (matches(message)) return message;
    for (const message of this.#inbox) if (matches(message)) return message;
    return undefined;
  }

  abandon(reasons: () => AbandonReasons): void {
    this.#phase = "abandoned";
    if (this.load === 0) return;
    const { waiting, running } = reasons();
    const left = [...this.#accepted.splice(0), ...this.#inbox.empty()];
    const begun = this.#all();
    const kept = new Set([...begun, ...left].filter((message) => message.kept !== undefined));
    this.#options.keeper?.takeBack([...kept]);
    this.#beside.clear();
    this.#holder = undefined;
    for (const message of left) if (!kept.has(message)) refuse(message, waiting); // I5, I7
    for (const message of begun) {
      if (message.writer !== undefined) message.writer.end(running);
      refuse(message, running);
      message.writer?.cancel(running);
      message.abort(running);
      message.release();
    }
    const lost = left.filter((message) => message.acknowledged && !kept.has(message)).length;
    if (lost > 0) this.#options.host.log.warn("accepted messages lost", { count: lost, why: waiting.message });
  }

  #putFirst(): void {
    const nowMs = this.#options.host.clock.monotonic();
    const all = [...this.#accepted.splice(0), ...this.#inbox.empty()];
    for (const message of all) this.#inbox.push(message, message.sinceMs || nowMs);
  }

  /** Tells the sender of a one-way message that it will be handled, unless its time is over: then its sender has given it up. */
  #promise(message: MessageContext): boolean {
    const { host, keeper } = this.#options;
    if (message.kept !== undefined) return true;
    if (isExpired(message.envelope, host.clock.monotonic())) {
      refuseExpired(message, host.id); // I4
      return false;
    }
    message.envelope.deadlineMs = 0; // What was accepted is handled, however late.
    if (message.method.keep && keeper !== undefined) void keeper.keep(message).then(() => this.#pump());
    else acknowledge(message);
    return !message.answered;
  }

  /** Whether a message that comes now is begun at once. */
  get #isIdle(): boolean {
    return this.#holder === undefined && this.#inbox.size === 0 && !this.#pumping && this.#phase === "open";
  }

  #refuseOver(message: MessageContext, why: string): void {
    const { id } = this.#options.host;
    const options = { where: id, details: { check: "capacity" } };
    refuse(message, failure("overloaded", `Cannot accept "${nameOf(message)}": ${why}`, options));
  }

  /** Makes room: takes out what nobody waits for any more. */
  #dropOver(): void {
    const nowMs = this.#options.host.clock.monotonic();
    this.#inbox.keep((message) => {
      if (!message.answered && !isExpired(message.envelope, nowMs)) return true;
      refuseExpired(message, this.#options.host.id);
      return false;
    });
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true; // A handler that ends at once must not recurse into the next.
    while (this.#holder === undefined && this.#phase === "open") {
      if (this.#inbox.first?.kept?.id === 0) break; // I7
      const message = this.#inbox.shift(); // I2
      if (message === undefined) break;
      if (!message.answered) this.#start(message); // Else its caller gave up while it waited.
    }
    this.#endedMs = 0;
    this.#pumping = false;
    if (this.#inbox.size === 0 && this.#begun === 0) this.#options.onIdle();
  }

  #start(message: MessageContext): void {
    const { host } = this.#options;
    const nowMs = this.#endedMs || host.clock.monotonic();
    this.#endedMs = 0;
    message.sinceMs = nowMs;
    if (isExpired(message.envelope, nowMs))
      refuseExpired(message, host.id); // I4
    else this.#run(message, false);
  }

  #all(): readonly MessageContext[] {
    return this.#holder === undefined ? [...this.#beside] : [this.#holder, ...this.#beside];
  }

  #run(message: MessageContext, beside: boolean): void {
    const isStream = message.envelope.kind === Kind.streamOpen;
    if (isStream && this.#options.component.options.streams === "beside") {
      if (this.#begun >= STREAMS_OPEN_MAX) {
        this.#refuseOver(message, `${STREAMS_OPEN_MAX} streams are open at "${this.#options.host.id}", close some`);
        return;
      }
      this.#beside.add(message);
    } else if (beside) this.#beside.add(message);
    else this.#holder = message; // I1
    const noted = this.#options.keeper?.begin(message);
    if (noted === undefined) this.#read(message);
    else void noted.then(() => (message.answered ? this.#finish(message) : this.#read(message)));
  }

  #read(message: MessageContext): void {
    try {
      const request = readRequest(message);
      if (request instanceof Promise) {
        request.then(
          (ready) => this.#handleLater(message, ready),
          (thrown: unknown) => this.#refuseRequest(message, thrown),
        );
      } else this.#handle(message, request);
    } catch (thrown) {
      this.#refuseRequest(message, thrown);
    }
  }

  /** While the request was checked, its caller may have given up or its time may have run out. */
  #handleLater(message: MessageContext, request: unknown): void {
    const { host } = this.#options;
    message.sinceMs = host.clock.monotonic();
    if (!message.answered && isExpired(message.envelope, message.sinceMs)) refuseExpired(message, host.id); // I4
    if (message.answered) this.#finish(message);
    else this.#handle(message, request);
  }

  #refuseRequest(message: MessageContext, thrown: unknown): void {
    const why = messageOf(thrown);
    const error = isOrreryError(thrown)
      ? thrown
      : failure("malformed", `Cannot read "${nameOf(message)}": ${why}`, { cause: thrown });
    if (message.acknowledged) message.log.warn("one-way message refused", { error: error.message });
    this.#options.keeper?.setAside(message, error.message);
    message.kept = undefined;
    refuse(message, error);
    this.#finish(message);
  }

  #handle(message: MessageContext, request: unknown): void {
    const handler = this.#options.handlers[message.method.localName];
    message.note("started");
    try {
      const answer = handler?.(request, message);
      if (message.envelope.kind === Kind.streamOpen) void this.#stream(message, answer as AsyncIterable<unknown>);
      else if (isThenable(answer)) {
        answer.then(
          (value) => this.#answer(message, value),
          (thrown) => this.#fail(message, thrown),
        );
      } else this.#answer(message, answer);
    } catch (thrown) {
      this.#fail(message, thrown);
    }
  }

  async #stream(message: MessageContext, items: AsyncIterable<unknown>): Promise<void> {
    const { host } = this.#options;
    const { port, method, envelope } = message;
    const abort = (reason: OrreryError) => message.abort(reason);
    const onEnd = (error: OrreryError | undefined) => message.note("replied", error?.kind ?? "reply");
    const opening = envelope;
    message.writer = createStreamWriter({ clock: host.clock, port, method, opening, where: host.id, abort, onEnd });
    this.#options.streams.add(message);
    let error: OrreryError | undefined;
    if (typeof items?.[Symbol.asyncIterator] === "function") {
      try {
        error = await message.writer.write(items);
      } catch (thrown) {
        error = this.#failureOf(message, thrown);
      }
    } else error = notIterable(nameOf(message));
    if (error?.reason === "bad_reply") this.#logFailure(message, error);
    message.note("ended", error?.kind ?? "reply");
    if (!message.answered) message.writer.end(error);
    this.#options.streams.remove(message);
    this.#finish(message);
  }

  #answer(message: MessageContext, value: unknown): void {
    const endedMs = message.note("ended", "reply");
    if (!message.answered) replyValue(message, value, (error) => this.#logFailure(message, error));
    this.#finish(message, endedMs);
  }

  #fail(message: MessageContext, thrown: unknown): void {
    const error = this.#failureOf(message, thrown);
    message.note("ended", error.kind);
    if (!message.answered) replyError(message, error, this.#options.host.id); // I5
    this.#finish(message);
  }

  #failureOf(message: MessageContext, thrown: unknown): OrreryError {
    const error = failureOfHandler(thrown, nameOf(message));
    // What nobody is told of in full is at least written down.
    const isTold = message.envelope.kind === Kind.request || message.envelope.kind === Kind.streamOpen;
    if (error.kind === "defect" || !isTold) this.#logFailure(message, thrown);
    return error;
  }

  #logFailure(message: MessageContext, thrown: unknown): void {
    message.log.error("handler failed", { error: stackOf(thrown) });
  }

  #finish(message: MessageContext, endedMs = 0): void {
    message.release();
    message.answered = true;
    this.#options.keeper?.end(message);
    if (this.#holder === message) this.#holder = undefined;
    else this.#beside.delete(message);
    this.#endedMs = endedMs;
    this.#pump();
  }
}
