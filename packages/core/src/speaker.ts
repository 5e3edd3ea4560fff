import { type Caller, writeRequest } from "./caller.ts";
import type { Client, Publisher, Sender, Ticket } from "./client.ts";
import type { MethodContract, Service, ServiceContract } from "./contract.ts";
import {
  copyTrace,
  createEnvelope,
  type Envelope,
  type FlowRef,
  type Head,
  Kind,
  NO_PATH,
  type Source,
  type TraceRef,
} from "./envelope.ts";
import { assertOpen } from "./flow.ts";
import type { Flows } from "./flows.ts";
import { createHeads, destinationOf, type Heads } from "./heads.ts";
import type { HorizonRules } from "./horizon.ts";
import {
  CALL_DEPTH_MAX,
  CALL_TIMEOUT_DEFAULT_MS,
  CALL_TIMEOUT_MAX_MS,
  STREAM_CREDIT,
  STREAM_CREDIT_MAX,
  STREAM_IDLE_DEFAULT_MS,
} from "./limits.ts";
import type { Log } from "./log.ts";
import type { MessageRef } from "./message-events.ts";
import type { SendOptions, StreamOptions } from "./options.ts";
import { failure, OrreryError } from "./orrery-error.ts";
import type { Outcome } from "./outcome.ts";
import type { Port } from "./port.ts";
import type { Router } from "./router.ts";
import type { Seals } from "./seals.ts";
import { facadeOf, NO_OPTIONS, type Voice } from "./service-facade.ts";
import { makeStreamCall, type StreamCallOptions } from "./stream-reader.ts";
import { makeUnaryCall, type UnaryCallOptions } from "./unary-call.ts";

/** The message that is being handled when others are sent: they inherit its end, chain, flow, trace and agent. */
export interface Cause {
  readonly deadline: number;
  /** Instances of the open call, the handling one included; empty when nobody waits for the handler. */
  readonly chain: readonly string[];
  readonly flow: FlowRef | undefined;
  readonly trace: TraceRef | undefined;
  readonly agent: string;
  /** True when its caller gave it up, or its instance has stopped: what it would still ask for is not asked for. */
  readonly givenUp: boolean;
  readonly ref: MessageRef;
}

/** Options of a speaker. */
export interface SpeakerOptions {
  readonly caller: Caller;
  readonly router: Router;
  readonly source: Source;
  /** Agent of messages that no other message has led to. */
  readonly agent: string;
  readonly log: Log;
  readonly flows: Flows;
  /** Horizons that bound those of messages and methods. Default: none. */
  readonly horizons?: HorizonRules | undefined;
  /** Seals of what leaves. Default: none. */
  readonly seals?: Seals | undefined;
}

/** Sends messages in the name of one source: an instance, or the node itself; on behalf of a message, and in a flow, where they are given. */
export interface Speaker {
  client<S extends Service>(service: S, cause?: Cause, flow?: FlowRef): Client<S>;
  send<S extends Service>(service: S, cause?: Cause, flow?: FlowRef): Sender<S>;
  publish<S extends Service>(service: S, cause?: Cause, flow?: FlowRef): Publisher<S>;
}

/** Makes a speaker. */
export function createSpeaker(options: SpeakerOptions): Speaker {
  return new FacadeSpeaker(options);
}

/** A version that is one, and no range of them. */
const EXACT = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

class FacadeSpeaker implements Speaker, Voice {
  readonly #options: SpeakerOptions;
  readonly #heads: Heads;

  constructor(options: SpeakerOptions) {
    this.#options = options;
    this.#heads = createHeads(options.source, options.horizons, options.router.network);
  }

  client<S extends Service>(service: S, cause?: Cause, flow?: FlowRef): Client<S> {
    return new (facadeOf("client", service))(this, cause, flow) as Client<S>;
  }

  send<S extends Service>(service: S, cause?: Cause, flow?: FlowRef): Sender<S> {
    return new (facadeOf("send", service))(this, cause, flow) as Sender<S>;
  }

  publish<S extends Service>(service: S, cause?: Cause, flow?: FlowRef): Publisher<S> {
    return new (facadeOf("publish", service))(this, cause, flow) as Publisher<S>;
  }

  speak(
    contract: ServiceContract,
    method: MethodContract,
    cause: Cause | undefined,
    request: unknown,
    options: SendOptions,
  ): unknown {
    switch (method.mode) {
      case "sync":
        return this.#call(contract, method, cause, request, options);
      case "stream":
        return this.#stream(contract, method, cause, request, options);
      case "async":
        return this.#ticket(contract, method, cause, request, options);
      case "broadcast":
        return this.#broadcast(contract, method, cause, request, options);
    }
  }

  #call(
    contract: ServiceContract,
    method: MethodContract,
    cause: Cause | undefined,
    request: unknown,
    options: SendOptions,
  ): Promise<unknown> {
    const { caller } = this.#options;
    try {
      return makeUnaryCall(caller, this.#prepare(Kind.request, contract, method, cause, request, options));
    } catch (error) {
      if (!this.#mayWait(error)) return Promise.reject(error);
      const prepared = this.#prepareLater(error, Kind.request, contract, method, cause, request, options);
      return prepared.then((ready) => makeUnaryCall(caller, ready));
    }
  }

  #stream(
    contract: ServiceContract,
    method: MethodContract,
    cause: Cause | undefined,
    request: unknown,
    options: StreamOptions,
  ): unknown {
    const credit = options.credit ?? STREAM_CREDIT;
    const idleMs = options.idleMs ?? STREAM_IDLE_DEFAULT_MS;
    return makeStreamCall(this.#options.caller, () => {
      assertCredit(method, credit);
      assertRange(method, "idleMs", idleMs, CALL_TIMEOUT_MAX_MS);
      const toStream = (prepared: UnaryCallOptions): StreamCallOptions => {
        prepared.envelope.idleMs = idleMs;
        return { ...prepared, credit };
      };
      try {
        return toStream(this.#prepare(Kind.streamOpen, contract, method, cause, request, options));
      } catch (error) {
        if (!this.#mayWait(error)) throw error;
        return this.#prepareLater(error, Kind.streamOpen, contract, method, cause, request, options).then(toStream);
      }
    });
  }

  #ticket(
    contract: ServiceContract,
    method: MethodContract,
    cause: Cause | undefined,
    request: unknown,
    options: SendOptions,
  ): Ticket {
    const { signal } = options;
    const giveUp = new AbortController();
    const onAbort = () => giveUp.abort();
    if (signal?.aborted === true) giveUp.abort();
    else signal?.addEventListener("abort", onAbort, { once: true });
    let id = 0;
    let outcome: Outcome<void> | undefined;
    let accepted: Promise<void>;
    const { caller } = this.#options;
    const own = { ...options, signal: giveUp.signal };
    try {
      const prepared = this.#prepare(Kind.oneWay, contract, method, cause, request, own);
      id = prepared.envelope.id;
      accepted = makeUnaryCall(caller, prepared) as Promise<void>;
    } catch (error) {
      accepted = this.#mayWait(error)
        ? this.#prepareLater(error, Kind.oneWay, contract, method, cause, request, own).then((prepared) => {
            id = prepared.envelope.id;
            return makeUnaryCall(caller, prepared) as Promise<void>;
          })
        : Promise.reject(error);
    }
    // Whoever sends and never looks at the ticket must not bring the process down.
    accepted.then(
      () => {
        outcome = { kind: "reply", definite: true, value: undefined };
        signal?.removeEventListener("abort", onAbort);
      },
      (error: OrreryError) => {
        outcome = { kind: error.kind, definite: error.definite, error };
        signal?.removeEventListener("abort", onAbort);
      },
    );
    return {
      get id() {
        return id;
      },
      accepted,
      check: () => outcome,
      cancel: onAbort,
    };
  }

  #broadcast(
    contract: ServiceContract,
    method: MethodContract,
    cause: Cause | undefined,
    request: unknown,
    options: SendOptions,
  ): void {
    const { caller, router, log } = this.#options;
    const head = this.#head(contract, method, cause, options);
    for (const port of router.all(head)) {
      const envelope = this.#envelope(Kind.broadcast, head, method, cause, options);
      this.#options.seals?.begin(envelope, head, port);
      writeRequest(envelope, port, method, request);
      const sent = caller.publish(port, envelope, cause);
      if (sent !== "accepted")
        log.debug("broadcast dropped", { service: contract.name, method: method.name, why: sent, node: caller.node });
    }
  }

  #prepare(
    kind: Kind,
    contract: ServiceContract,
    method: MethodContract,
    cause: Cause | undefined,
    request: unknown,
    options: SendOptions,
  ): UnaryCallOptions {
    const head = this.#head(contract, method, cause, options);
    const envelope = this.#envelope(kind, head, method, cause, options);
    if (cause?.givenUp === true) throw withdrawn(head);
    const port = this.#pick(head, envelope);
    this.#options.seals?.begin(envelope, head, port);
    return { method, port, envelope, request, parent: cause, signal: options.signal };
  }

  #pick(head: Head, envelope: Envelope): Port {
    try {
      return this.#options.router.pick(head, envelope);
    } catch (error) {
      if (!this.#mayWait(error)) this.#options.caller.watch?.refused?.(head, error as OrreryError);
      throw error;
    }
  }

  #mayWait(error: unknown): boolean {
    const { reason } = error as OrreryError;
    return (
      this.#options.router.whenReachable !== undefined && (reason === "no_such_component" || reason === "not_connected")
    );
  }

  /** Prepares a message for which there is no place yet, or none that is connected: its router may hear of one while the message has time. */
  async #prepareLater(
    error: unknown,
    kind: Kind,
    contract: ServiceContract,
    method: MethodContract,
    cause: Cause | undefined,
    request: unknown,
    options: SendOptions,
  ): Promise<UnaryCallOptions> {
    const { caller, router } = this.#options;
    const component = destinationOf(contract, options, router.network);
    const deadline = deadlineOf(kind, method, caller.clock.monotonic(), cause, options);
    const endMs = deadline === 0 ? caller.clock.monotonic() + CALL_TIMEOUT_DEFAULT_MS : deadline;
    for (let thrown = error; ; ) {
      const withinMs = endMs - caller.clock.monotonic();
      const wait = { withinMs, signal: options.signal };
      if (!(withinMs >= 1) || (await router.whenReachable?.(component, wait)) !== true) {
        caller.watch?.refused?.({ component, method: method.name }, thrown as OrreryError);
        throw thrown;
      }
      const timeoutMs = Math.max(1, endMs - caller.clock.monotonic());
      try {
        return this.#prepare(
          kind,
          contract,
          method,
          cause,
          request,
          deadline === 0 ? options : { ...options, timeoutMs },
        );
      } catch (again) {
        if (!this.#mayWait(again)) throw again;
        thrown = again;
      }
    }
  }

  #envelope(kind: Kind, head: Head, method: MethodContract, cause: Cause | undefined, options: SendOptions): Envelope {
    const { caller, flows } = this.#options;
    const envelope = createEnvelope(kind, caller.nextId(), head);
    const nowMs = caller.clock.monotonic();
    envelope.deadlineMs = deadlineOf(kind, method, nowMs, cause, options);
    if (envelope.deadlineMs !== 0) {
      envelope.budgetMs = envelope.deadlineMs - nowMs;
      if (envelope.budgetMs <= 0) throw expired(head);
    }
    if (cause !== undefined) {
      if (kind === Kind.request || kind === Kind.streamOpen) envelope.path = pathOf(cause, head);
      envelope.flow = cause.flow;
      envelope.trace = cause.trace;
    }
    if (options !== NO_OPTIONS) {
      if (options.flow !== undefined) {
        const { id, node, name, parentId } = options.flow;
        assertOpen(options.flow, head);
        envelope.flow = Object.freeze({ id, node, name, parentId });
      }
      if (options.trace !== undefined) envelope.trace = copyTrace(options.trace);
      envelope.attempt = options.attempt ?? 0;
      envelope.idempotencyKey = options.idempotencyKey ?? "";
      envelope.shardKey = options.shardKey ?? "";
    }
    if (flows.size !== 0) flows.enter(envelope, nowMs);
    return envelope;
  }

  #head(contract: ServiceContract, method: MethodContract, cause: Cause | undefined, options: SendOptions): Head {
    const { router, horizons } = this.#options;
    const agent = options.agent ?? cause?.agent ?? this.#options.agent;
    const flow = horizons?.byFlow === true ? (options.flow ?? cause?.flow)?.name : undefined;
    const { version } = options;
    if (version === undefined || router.exactVersion === undefined || EXACT.test(version))
      return this.#heads.head(contract, method, agent, options, flow);
    const component = destinationOf(contract, options, router.network);
    const exact = router.exactVersion(component, version, options.flow ?? cause?.flow);
    return this.#heads.head(contract, method, agent, options, flow, exact);
  }
}

function deadlineOf(
  kind: Kind,
  method: MethodContract,
  nowMs: number,
  cause: Cause | undefined,
  options: SendOptions,
): number {
  let timeoutMs = options.timeoutMs ?? method.timeoutMs;
  if (options.timeoutMs !== undefined) assertRange(method, "timeoutMs", options.timeoutMs, CALL_TIMEOUT_MAX_MS);
  // A stream is bounded by its idle deadline; it has an end in time only where somebody asks for one.
  if (timeoutMs === 0) timeoutMs = kind === Kind.streamOpen ? Number.POSITIVE_INFINITY : CALL_TIMEOUT_DEFAULT_MS;
  let deadline = nowMs + timeoutMs;
  if (cause !== undefined && cause.deadline !== 0 && cause.deadline < deadline && kind !== Kind.broadcast)
    deadline = cause.deadline;
  return deadline === Number.POSITIVE_INFINITY ? 0 : deadline;
}

function pathOf(cause: Cause, head: Head): readonly string[] {
  const { chain } = cause;
  if (chain.length === 0) return NO_PATH;
  if (chain.length >= CALL_DEPTH_MAX) {
    const text = `Cannot call "${head.component}.${head.method}": the chain of calls has ${chain.length} instances, the limit is ${CALL_DEPTH_MAX}`;
    throw failure("call_too_deep", text, { details: { path: [...chain] } });
  }
  return chain.slice(0, -1); // The last of the chain is the source, which the head names.
}

function withdrawn(head: Head): OrreryError {
  const text = `Cannot call "${head.component}.${head.method}": the message that asks for it was given up`;
  return failure("withdrawn", text);
}

function expired(head: Head): OrreryError {
  return failure(
    "expired",
    `Cannot call "${head.component}.${head.method}": the time of the message that asks for it is over`,
  );
}

function assertCredit(method: MethodContract, credit: number): void {
  if (Number.isInteger(credit)) assertRange(method, "credit", credit, STREAM_CREDIT_MAX);
  else throw outOfRange(method, "credit", credit, `a whole number from 1 to ${STREAM_CREDIT_MAX}`);
}

function assertRange(method: MethodContract, option: string, value: number, max: number): void {
  if (Number.isFinite(value) && value >= 1 && value <= max) return;
  throw outOfRange(method, option, value, `a number from 1 to ${max}`);
}

function outOfRange(method: MethodContract, option: string, value: number, wanted: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot call "${method.name}": ${option} is ${value}, write ${wanted}`);
}
