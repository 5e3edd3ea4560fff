import type { Caller } from "./caller.ts";
import type { Client, Publisher, Sender } from "./client.ts";
import type { Clock } from "./clock.ts";
import type { Context } from "./context.ts";
import type { MethodContract, Service } from "./contract.ts";
import type { DeadlineBucket, DeadlineEntry } from "./deadlines.ts";
import {
  copyTrace,
  type Envelope,
  type FlowRef,
  flowOf,
  type Head,
  Kind,
  NO_PATH,
  type Source,
  TraceFlag,
  type TraceRef,
} from "./envelope.ts";
import type { Flow, FlowOptions } from "./flow.ts";
import type { Flows } from "./flows.ts";
import type { InstanceEnv } from "./instance-handle.ts";
import type { Kept } from "./keeper.ts";
import type { Log, LogFields } from "./log.ts";
import { type MessageEvent, type MessageRef, type MessageWatch, messageName } from "./message-events.ts";
import { failure, OrreryError } from "./orrery-error.ts";
import { PASSED, type PointHit, type PointHooks } from "./point.ts";
import { mutePort, type Port } from "./port.ts";
import type { Random } from "./random.ts";
import type { Cause, Speaker } from "./speaker.ts";
import type { StreamWriter } from "./stream-writer.ts";

/** What every message of one instance shares. */
export interface MessageHost {
  readonly id: string;
  readonly node: string;
  readonly env: InstanceEnv;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly speaker: Speaker;
  readonly caller: Caller;
  readonly flows: Flows;
  readonly points: PointHooks;
  readonly watch: MessageWatch | undefined;
  /** Gives a message to the instance. */
  accept(message: MessageContext): void;
  /** Ends the instance. */
  crash(cause: unknown): void;
}

/** A message at an instance, from its acceptance to its end: what its handler sees, and what the instance needs to know. */
export class MessageContext implements Context, Cause, DeadlineEntry {
  readonly envelope: Envelope;
  readonly port: Port;
  readonly head: Head;
  readonly method: MethodContract;
  bucket: DeadlineBucket | undefined = undefined;
  before: DeadlineEntry | undefined = undefined;
  after: DeadlineEntry | undefined = undefined;
  /** The writing side, once the message has opened a stream. */
  writer: StreamWriter | undefined = undefined;
  /** True when nobody waits for an answer any more. */
  answered = false;
  /** When it began to wait, and once it is handled, when that began, by the monotonic clock; 0 when nobody looked. */
  sinceMs = 0;
  /** True for a one-way message whose sender has been told that it was accepted. */
  acknowledged = false;
  /** True once its handler was called. */
  begun = false;
  /** What the journal has of it; undefined for a message that is not kept. */
  kept: Kept | undefined = undefined;
  /** Whatever the watch keeps with it. */
  noted: unknown = undefined;
  readonly #host: MessageHost;
  #controller: AbortController | undefined = undefined;
  #aborted: OrreryError | undefined = undefined;
  #log: Log | undefined = undefined;
  #flow: FlowRef | undefined = undefined;
  #trace: TraceRef | undefined = undefined;
  #spoke = false;
  #began = false;
  #isRepeat = false;

  constructor(host: MessageHost, envelope: Envelope, head: Head, method: MethodContract, port: Port) {
    this.#host = host;
    this.envelope = envelope;
    this.head = head;
    this.method = method;
    this.port = port;
  }

  get clock(): Clock {
    return this.#host.clock;
  }

  get heardMs(): number {
    return this.port.link?.heardMs ?? 0;
  }

  get random(): Random {
    return this.#host.random;
  }

  get env(): InstanceEnv {
    return this.#host.env;
  }

  get instance(): string {
    return this.#host.id;
  }

  get deadline(): number {
    return this.envelope.deadlineMs;
  }

  get agent(): string {
    return this.head.agent;
  }

  get source(): Source {
    return this.head.source;
  }

  get trace(): TraceRef | undefined {
    if (this.#trace === undefined && this.envelope.trace !== undefined) this.#trace = copyTrace(this.envelope.trace);
    return this.#trace;
  }

  /** Puts another in the place of its sender's. The handler sees a copy. */
  set trace(trace: TraceRef | undefined) {
    this.envelope.trace = trace;
    this.#trace = undefined;
  }

  get idempotencyKey(): string {
    return this.envelope.idempotencyKey;
  }

  get attempt(): number {
    return this.envelope.attempt;
  }

  get flow(): FlowRef {
    this.#flow ??= flowOf(this.envelope, this.head);
    return this.#flow;
  }

  get chain(): readonly string[] {
    const { kind, path } = this.envelope;
    if (kind !== Kind.request && kind !== Kind.streamOpen) return NO_PATH;
    const { instance } = this.head.source;
    return instance === "" ? [...path, this.#host.id] : [...path, instance, this.#host.id];
  }

  get ref(): MessageRef {
    const { node, instance, incarnation } = this.head.source;
    return { node, instance, incarnation, id: this.envelope.id };
  }

  get log(): Log {
    this.#log ??= this.#host.log.with({
      method: `${this.head.component}.${this.head.method}`,
      flow: `${this.flow.node}/${this.flow.id}`,
      messageId: messageName(this.ref),
      ...traceFields(this.trace),
    });
    return this.#log;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted);
      else if (this.envelope.deadlineMs !== 0) this.#host.caller.deadlines.add(this, this.envelope.deadlineMs);
    }
    return this.#controller.signal;
  }

  get givenUp(): boolean {
    return this.answered && this.#aborted !== undefined;
  }

  client<S extends Service>(service: S): Client<S> {
    this.#spoke = true;
    return this.#host.speaker.client(service, this);
  }

  send<S extends Service>(service: S): Sender<S> {
    this.#spoke = true;
    return this.#host.speaker.send(service, this);
  }

  publish<S extends Service>(service: S): Publisher<S> {
    return this.#host.speaker.publish(service, this);
  }

  beginFlow(name: string, options: FlowOptions = {}): Flow {
    const { id, speaker, flows } = this.#host;
    this.#began = true;
    return flows.begin(name, { options, parent: this.flow, instance: id, speaker, cause: this });
  }

  point(name: string, data?: unknown): Promise<void> {
    return this.#host.points.onPoint === undefined ? PASSED : this.#pass(name, data);
  }

  maybe(name: string): boolean {
    const { node, points } = this.#host;
    return points.maybe?.({ name, node, component: this.head.component, flow: this.flow }) ?? false;
  }

  expire(): void {
    // The calls that the handler made end by themselves: none has a later deadline.
    const text = `Time is over for "${this.head.component}.${this.head.method}"`;
    this.tell(failure("expired", text, { where: this.#host.id }));
  }

  /** Asks the handler to give up, and ends the calls that it has made. */
  abort(reason: OrreryError): void {
    this.tell(reason);
    if (this.#began) this.#host.flows.giveUp(this);
    if (this.#spoke || this.#began) this.#host.caller.cancelChildren(this);
  }

  /** Asks the handler to give up; the calls that it has made go on, for it may need them for its end. */
  tell(reason: OrreryError): void {
    if (this.#aborted !== undefined) return;
    this.#aborted = reason;
    this.#controller?.abort(reason);
  }

  /** Tells who watches messages what has happened to this one. Gives when, by the monotonic clock, where somebody looked. */
  note(
    kind: "received" | "started" | "ended" | "replied",
    outcome?: MessageEvent["outcome"],
    reason?: string,
  ): number | undefined {
    if (kind === "started") this.begun = true;
    const { watch } = this.#host;
    return watch === undefined ? undefined : watch.incoming(kind, this, outcome, reason);
  }

  /** Lets go of the deadline once the handler has ended. */
  release(): void {
    this.#host.caller.deadlines.remove(this);
  }

  async #pass(name: string, data: unknown): Promise<void> {
    const { id, node, points } = this.#host;
    const { component, method, source, agent } = this.head;
    const hit: PointHit = {
      name,
      data,
      node,
      component,
      method,
      instance: id,
      flow: this.flow,
      messageId: this.envelope.id,
      source,
      agent,
      duplicate: () => this.#repeat(name),
      crash: (cause) => this.#host.crash(cause),
    };
    await points.onPoint?.(hit);
  }

  #repeat(point: string): void {
    const { envelope, head, method, port } = this;
    if (envelope.kind === Kind.streamOpen) {
      const text = `Cannot repeat "${head.component}.${head.method}" at point "${point}": it has opened a stream, only messages of other modes can come twice`;
      throw new OrreryError("failed_precondition", text);
    }
    if (this.#isRepeat) return;
    const own = copyRequest(envelope, method);
    const repeat = new MessageContext(this.#host, own, head, method, mutePort(port));
    repeat.#isRepeat = true;
    this.#host.accept(repeat);
  }
}

/** What a line says of a trace that is kept. */
function traceFields(trace: TraceRef | undefined): LogFields {
  if (trace === undefined || (trace.flags & TraceFlag.sampled) === 0) return {};
  const { traceId, spanId, flags } = trace;
  const watched = (flags & TraceFlag.watched) !== 0;
  return { trace: hexOf(traceId), span: hexOf(spanId), ...(watched && { watched }) };
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A message's envelope once more, with a body of its own: what a body decodes to may be a view of its bytes. */
export function copyRequest(envelope: Envelope, method: MethodContract): Envelope {
  const { bytes, value } = envelope;
  return bytes === undefined
    ? { ...envelope, value: method.request.copy(value) }
    : { ...envelope, bytes: new Uint8Array(bytes) };
}
