import { OrreryError, type RelayHost, type RelaySeat } from "@orrery/core";
import {
  bounce,
  CALL_DEPTH_MAX,
  createEnvelope,
  type Envelope,
  failure,
  flowOf,
  type Head,
  isExpired,
  Kind,
  NO_PATH,
  type Port,
} from "@orrery/core/internal";
import { type Arrival, Crossing, noteArrival } from "./crossing.ts";
import { Departures, type Waiting } from "./departures.ts";
import { qualify } from "./qualify.ts";
import type { Side } from "./side.ts";

/** Where a message goes on, as its gateway decides. */
export interface Onward {
  /** The network that it goes into; where it is the one that it came from, it is given back. */
  readonly to: Side;
  readonly head: Head;
}

/** Options of a foot. */
export interface FootOptions {
  readonly side: Side;
  readonly host: RelayHost;
  /** Decides where a message goes; undefined for one that is let go. @throws OrreryError for one that comes back. */
  readonly decide: (arrival: Arrival) => Onward | undefined;
  /** Where a message goes that the next network has no room for, and that is to stay in its own then. */
  readonly giveBack: (arrival: Arrival) => Onward;
}

/**
 * A gateway in one of its networks: takes messages there, and passes them on by way of its foot in another. Owns: what is on its way from here,
 * by the way it came and its id. I1: every message that expects an answer gets one, unless it was to be let go, or was given up. I2: what is
 * refused here has not left.
 */
export class Foot implements RelaySeat {
  readonly #options: FootOptions;
  readonly #departures = new Departures();
  #isDraining = false;

  constructor(options: FootOptions) {
    this.#options = options;
  }

  get host(): RelayHost {
    return this.#options.host;
  }

  accept(envelope: Envelope, port: Port): void {
    const { host, decide, side } = this.#options;
    const { head } = envelope;
    if (head === undefined) {
      const text = `Cannot pass on message ${envelope.id}: it has no head and no route declared on its connection, send the head again`;
      bounce(envelope, port, failure("unknown_route", text), host.node);
      return;
    }
    const arrival: Arrival = { envelope, head, port, host };
    noteArrival(arrival, "received");
    try {
      this.#assertTaking(arrival);
      const onward = decide(arrival);
      if (onward === undefined) side.counts.dropped++;
      else this.#pass(arrival, onward);
    } catch (thrown) {
      this.#refuse(arrival, thrown); // I2
    }
  }

  follow(envelope: Envelope, port: Port): void {
    const found = this.#departures.find(port, envelope.id);
    if (found === undefined) return;
    if (envelope.kind === Kind.cancel) found.giveUp(failure("cancelled", "The caller gave up"));
    else if (found instanceof Crossing) found.credit(envelope);
  }

  portLost(port: Port): void {
    const reason = failure("connection_lost", `The connection to "${port.link?.remote ?? ""}" was lost`);
    for (const one of this.#departures.from(port)) one.giveUp(reason);
  }

  async drain(timeoutMs: number): Promise<void> {
    const { host, side } = this.#options;
    this.#isDraining = true;
    const text = `Cannot go on with a stream: gateway "${host.node}" is shutting down`;
    for (const one of side.underWay)
      if (one.envelope.kind === Kind.streamOpen) one.end(failure("draining", text, { where: host.node }));
    const give = new AbortController();
    const late = host.clock.sleep(timeoutMs, give.signal).catch(() => undefined);
    await Promise.race([side.whenIdle(), late]);
    give.abort();
  }

  /** This life of the foot is over: what went through it, either way, has lost a connection. */
  end(): void {
    const text = `The gateway's node "${this.host.node}" has ended`;
    for (const one of [...this.#options.side.underWay]) one.end(failure("connection_lost", text));
  }

  #assertTaking({ envelope, head }: Arrival): void {
    const { node, clock } = this.host;
    const name = `"${head.component}.${head.method}"`;
    if (this.#isDraining) throw failure("draining", `Cannot pass on ${name}: gateway "${node}" is shutting down`);
    if (isExpired(envelope, clock.monotonic())) throw failure("expired", `Cannot pass on ${name}: its time is over`);
  }

  #pass(arrival: Arrival, onward: Onward): void {
    const { to, head } = onward;
    const host = to.host;
    if (host === undefined) {
      const text = `Cannot pass on "${arrival.head.component}.${head.method}": the gateway is not in network "${to.network}" yet`;
      throw failure("not_ready", text);
    }
    const envelope = this.#onward(arrival, onward, host);
    if (envelope.kind === Kind.broadcast) {
      this.#spread(envelope, head, host);
      return;
    }
    let port: Port;
    try {
      port = host.router.pick(head, envelope);
    } catch (thrown) {
      if (!this.#passElsewhere(arrival, onward, thrown)) throw thrown;
      return;
    }
    this.#depart(arrival, onward, { host, envelope, port });
  }

  /** What to do with a message that there is no way for now: waits for one, or gives it back. False for neither. */
  #passElsewhere(arrival: Arrival, onward: Onward, thrown: unknown): boolean {
    const { reason, details } = thrown as OrreryError;
    if (reason === "not_connected") {
      void this.#passLater(arrival, onward, thrown);
      return true;
    }
    const isTooMuch = reason === "throttled" && details?.["beyond"] === "local";
    const isTooFar = reason === "horizon_exceeded" && arrival.head.horizon?.beyond === "local";
    if ((!isTooMuch && !isTooFar) || onward.to === this.#options.side) return false;
    try {
      this.#pass(arrival, this.#options.giveBack(arrival));
    } catch {
      return false;
    }
    this.#options.side.counts.local++;
    return true;
  }

  /** Waits for a connection while the message has time. */
  async #passLater(arrival: Arrival, onward: Onward, thrown: unknown): Promise<void> {
    const { envelope, port } = arrival;
    const { router } = onward.to.host ?? {};
    const { clock } = this.host;
    const controller = new AbortController();
    const waiting: Waiting = { giveUp: () => controller.abort() };
    const withinMs = envelope.deadlineMs === 0 ? envelope.idleMs : envelope.deadlineMs - clock.monotonic();
    this.#departures.add(port, envelope.id, waiting);
    const wait = { withinMs, signal: controller.signal };
    const isThere = (await router?.whenReachable?.(onward.head.component, wait)) === true;
    this.#departures.remove(port, envelope.id, waiting);
    if (controller.signal.aborted) return;
    try {
      if (!isThere) throw thrown;
      this.#pass(arrival, onward);
    } catch (again) {
      this.#refuse(arrival, again);
    }
  }

  #depart(
    arrival: Arrival,
    { to }: Onward,
    { host, envelope, port }: { readonly host: RelayHost; readonly envelope: Envelope; readonly port: Port },
  ): void {
    const { side } = this.#options;
    if (port.carriesValues !== (envelope.bytes === undefined)) {
      const text = `Cannot pass on "${arrival.head.component}.${arrival.head.method}": only one of the two carriers takes bytes, use such as do`;
      throw failure("contract_mismatch", text);
    }
    const onEnd = (one: Crossing) => {
      this.#departures.remove(arrival.port, arrival.envelope.id, one);
      side.ended(one);
      to.ended(one);
    };
    const crossing = new Crossing({ arrival, host, envelope, port, onEnd });
    this.#departures.add(arrival.port, arrival.envelope.id, crossing);
    side.began(crossing);
    to.began(crossing);
    side.counts.passed++;
    crossing.open();
  }

  #spread(envelope: Envelope, head: Head, host: RelayHost): void {
    this.#options.side.counts.passed++;
    for (const port of host.router.all(head))
      if (port.carriesValues === (envelope.bytes === undefined))
        host.caller.publish(port, { ...envelope, id: host.caller.nextId() }, undefined);
  }

  /** What leaves in the place of what came: the same, but for what each network has by itself. */
  #onward({ envelope, head: { source }, head, host: from }: Arrival, onward: Onward, host: RelayHost): Envelope {
    const rename = (name: string) => qualify(name, this.#options.side.network, onward.to.network);
    const flow = flowOf(envelope, head);
    const leftMs = envelope.deadlineMs === 0 ? 0 : envelope.deadlineMs - from.clock.monotonic();
    const isCall = envelope.kind === Kind.request || envelope.kind === Kind.streamOpen;
    const path = isCall
      ? [...envelope.path, ...(source.instance === "" ? [] : [source.instance])].map(rename)
      : NO_PATH;
    if (path.length > CALL_DEPTH_MAX) {
      const text = `Cannot pass on "${head.component}.${head.method}": the chain of calls has ${path.length} instances, the limit is ${CALL_DEPTH_MAX}`;
      throw failure("call_too_deep", text, { details: { path: [...path] } });
    }
    return {
      ...createEnvelope(envelope.kind, host.caller.nextId(), onward.head),
      deadlineMs: leftMs === 0 ? 0 : host.clock.monotonic() + leftMs,
      budgetMs: leftMs,
      bytes: envelope.bytes,
      value: envelope.value,
      credit: envelope.credit,
      idleMs: envelope.idleMs,
      path,
      flow: Object.freeze({ ...flow, node: rename(flow.node) }),
      trace: envelope.trace,
      attempt: envelope.attempt,
      idempotencyKey: envelope.idempotencyKey,
      shardKey: envelope.shardKey,
      orderKey: envelope.orderKey,
      wire: envelope.wire,
      seal: envelope.seal,
      unknown: envelope.unknown,
    };
  }

  #refuse(arrival: Arrival, thrown: unknown): void {
    const { envelope, port, host } = arrival;
    const { side } = this.#options;
    const text = `Cannot pass on "${arrival.head.component}.${arrival.head.method}": the gateway failed`;
    const error = thrown instanceof OrreryError ? thrown : failure("handler_threw", text, { cause: thrown });
    if (error.reason === "dropped") {
      side.counts.dropped++;
      return; // Nobody is told: that is what it is for.
    }
    side.counts.refused++;
    noteArrival(arrival, "replied", error.kind);
    bounce(envelope, port, error, host.node); // I1
  }
}
