import type { Choices } from "../chance/choices.ts";
import { BREAK_AFTER_MS, TICKS_PER_MS } from "../limits.ts";
import { Phase } from "../order/event-key.ts";
import type { EventPlan, PlannedEvent } from "../order/event-queue.ts";
import type { Scheduler } from "../order/scheduler.ts";
import { type Arrival, type Cable, type CableHub, createCable } from "./cable.ts";
import type { Frame } from "./frame.ts";
import type { LinkModel } from "./link-model.ts";
import { createMessageRules, type MessageRules, type Verdict } from "./message-rules.ts";

/** A node as the network sees it. */
export interface Place {
  readonly name: string;
  /** Number among the nodes of the world, from 1. */
  readonly number: number;
  /** Machine that it runs on. */
  readonly machine: string;
  /** Network that its machine is in, such as a data centre. */
  readonly zone: string;
}

/** A frame on its way to a node that another process hosts. */
export interface OutboundFrame {
  readonly plan: EventPlan;
  readonly from: Place;
  readonly to: Place;
  readonly frame: Frame;
}

/** Options of a modelled network. */
export interface SimNetworkOptions {
  readonly scheduler: Scheduler;
  readonly choices: Choices;
  /** The model of each direction between two nodes. */
  readonly model: (from: Place, to: Place) => LinkModel;
  /** How long a connection lives on while nothing gets through, in ms. Default: 10,000. */
  readonly breakAfterMs?: number;
  /** Takes a frame for a node of another process; false for one of this process. Default: all are here. */
  readonly sendAway?: (outbound: OutboundFrame) => void;
  /** Whether a node is of this process. Default: all are. */
  readonly isHere?: (place: Place) => boolean;
  /** Told of what will never arrive. */
  readonly onLost?: (from: Place, to: Place, frame: Frame, why: string) => void;
}

/** What frames come to: an end point of one life of a node. */
export interface Endpoint {
  readonly place: Place;
  /** Whether it listens at an address. */
  listensAt(address: string): boolean;
  /** Takes a frame; false when it is none of its business. */
  receive(from: Place, frame: Frame): boolean;
  /** Ends the connections with a node that nothing gets through to any more. */
  broken(place: Place, reason: string): void;
}

/** The network of a world. Owns: whose address is whose, the cables between nodes, and which of them are cut. */
export interface SimNetwork {
  readonly scheduler: Scheduler;
  /** What happens to single messages. */
  readonly rules: MessageRules;
  /** Says where an address leads, whether anybody listens there or not. */
  name(address: string, place: Place): void;
  /** Where an address leads; undefined for one that nobody ever had. */
  placeOf(address: string): Place | undefined;
  /** Whether somebody of this process listens at an address. */
  isTaken(address: string): boolean;
  /** Joins an end point to the network. */
  join(endpoint: Endpoint): void;
  leave(endpoint: Endpoint): void;
  send(from: Place, to: Place, frame: Frame): void;
  /** Hands over a frame that has arrived. */
  arrive(from: Place, to: Place, frame: Frame): void;
  cable(from: Place, to: Place): Cable;
  /** How frames pass at present, without laying a cable. */
  modelOf(from: Place, to: Place): LinkModel;
  /** Cuts one direction between two nodes. What is put into a cut cable waits there, and connections break after a while. */
  cut(from: Place, to: Place): void;
  /** Mends what was cut in one direction, or all that is cut, in the order in which it was. */
  mend(from?: Place, to?: Place): void;
  /** Holds back one direction, without an end: connections stay. */
  clog(from: Place, to: Place): void;
  unclog(from: Place, to: Place): void;
  /** Mends and unclogs all, and lets messages pass as at the beginning. */
  recover(): void;
}

/** Makes a network with nobody in it. */
export function createSimNetwork(options: SimNetworkOptions): SimNetwork {
  return new CabledNetwork(options);
}

interface Line {
  readonly from: Place;
  readonly to: Place;
  readonly cable: Cable;
  isClogged: boolean;
  /** The breaking of its connections, planned while it is cut. */
  breaking: PlannedEvent | undefined;
}

/** I1: a cable is held while its line is cut or clogged. */
class CabledNetwork implements SimNetwork, CableHub {
  readonly choices: Choices;
  readonly scheduler: Scheduler;
  readonly rules: MessageRules;
  readonly #options: SimNetworkOptions;
  readonly #addresses = new Map<string, Place>();
  readonly #endpoints = new Map<string, Set<Endpoint>>();
  readonly #lines = new Map<number, Line>();

  constructor(options: SimNetworkOptions) {
    this.#options = options;
    this.choices = options.choices;
    this.scheduler = options.scheduler;
    this.rules = createMessageRules(() => {
      for (const { cable } of this.#lines.values()) cable.flush();
    });
  }

  name(address: string, place: Place): void {
    this.#addresses.set(address, place);
  }

  placeOf(address: string): Place | undefined {
    return this.#addresses.get(address);
  }

  isTaken(address: string): boolean {
    const place = this.#addresses.get(address);
    return place !== undefined && this.#listener(place, address) !== undefined;
  }

  join(endpoint: Endpoint): void {
    const { name } = endpoint.place;
    const joined = this.#endpoints.get(name) ?? new Set();
    this.#endpoints.set(name, joined.add(endpoint));
  }

  leave(endpoint: Endpoint): void {
    this.#endpoints.get(endpoint.place.name)?.delete(endpoint);
  }

  send(from: Place, to: Place, frame: Frame): void {
    this.#line(from, to).cable.put(frame);
  }

  arrive(from: Place, to: Place, frame: Frame): void {
    if (frame.kind === "dial") {
      const listener = this.#listener(to, frame.address);
      if (listener === undefined) this.send(to, from, { kind: "refused", connection: frame.connection });
      else listener.receive(from, frame);
      return;
    }
    for (const endpoint of this.#endpoints.get(to.name) ?? []) if (endpoint.receive(from, frame)) return;
    const { kind, connection } = frame;
    // Nobody knows the connection any more: the machine says so in the place of a process that is gone.
    if (kind === "hangup") this.send(to, from, { kind: "heard", connection, toDialler: !frame.toDialler });
    else if (kind === "accepted")
      this.send(to, from, { kind: "hangup", connection, toDialler: false, reason: "it was given up" });
    else if (kind === "message")
      this.send(to, from, { kind: "hangup", connection, toDialler: !frame.toDialler, reason: "its process ended" });
  }

  cable(from: Place, to: Place): Cable {
    return this.#line(from, to).cable;
  }

  modelOf(from: Place, to: Place): LinkModel {
    return this.#lines.get(from.number * NUMBERS_MAX + to.number)?.cable.model ?? this.#options.model(from, to);
  }

  cut(from: Place, to: Place): void {
    const line = this.#line(from, to);
    if (line.breaking !== undefined) return;
    line.cable.hold();
    const breakAfterMs = this.#options.breakAfterMs ?? BREAK_AFTER_MS;
    line.breaking = this.scheduler.after(Math.round(breakAfterMs * TICKS_PER_MS), {
      phase: Phase.fault,
      target: 0,
      origin: 0,
      note: `break ${from.name}>${to.name}`,
      run: () => this.#break(from, to, `nothing got through for ${breakAfterMs} ms`),
    });
  }

  mend(from?: Place, to?: Place): void {
    for (const line of this.#lines.values()) {
      if (line.breaking === undefined || (from !== undefined && line.from !== from)) continue;
      if (to !== undefined && line.to !== to) continue;
      this.scheduler.cancel(line.breaking);
      line.breaking = undefined;
      this.#letGo(line);
    }
  }

  clog(from: Place, to: Place): void {
    const line = this.#line(from, to);
    line.isClogged = true;
    line.cable.hold();
  }

  unclog(from: Place, to: Place): void {
    const line = this.#line(from, to);
    line.isClogged = false;
    this.#letGo(line);
  }

  recover(): void {
    this.mend();
    for (const line of this.#lines.values()) {
      line.cable.change(this.#options.model(line.from, line.to));
      if (line.isClogged) this.unclog(line.from, line.to);
    }
  }

  #letGo(line: Line): void {
    if (line.breaking === undefined && !line.isClogged) line.cable.release(); // I1
  }

  #listener(place: Place, address: string): Endpoint | undefined {
    for (const endpoint of this.#endpoints.get(place.name) ?? []) if (endpoint.listensAt(address)) return endpoint;
    return undefined;
  }

  #line(from: Place, to: Place): Line {
    const key = from.number * NUMBERS_MAX + to.number;
    let line = this.#lines.get(key);
    if (line === undefined) {
      const cable = createCable({ from, to, model: this.#options.model(from, to), hub: this });
      line = { from, to, cable, isClogged: false, breaking: undefined };
      this.#lines.set(key, line);
    }
    return line;
  }

  judge(from: Place, to: Place, frame: Frame): Verdict | undefined {
    return this.rules.size === 0 ? undefined : this.rules.judge(from.name, to.name, frame);
  }

  carry(from: Place, to: Place, delayTicks: number, arrival: Arrival): number {
    const { isHere, sendAway } = this.#options;
    if (sendAway === undefined || isHere?.(to) !== false) return this.scheduler.after(delayTicks, arrival).tick;
    const plan = this.scheduler.sendAway(delayTicks, arrival);
    sendAway({ plan, from, to, frame: arrival.frame });
    return plan.tick;
  }

  lost(from: Place, to: Place, frame: Frame, why: string): void {
    this.#options.onLost?.(from, to, frame, why);
  }

  now(): number {
    return this.scheduler.tick;
  }

  /** One direction is enough: without acknowledgements neither side knows of the other. */
  #break(from: Place, to: Place, reason: string): void {
    for (const one of this.#endpoints.get(from.name) ?? []) one.broken(to, reason);
    for (const other of this.#endpoints.get(to.name) ?? []) other.broken(from, reason);
  }
}

/** Above the numbers of all nodes, so that two of them make one number. */
const NUMBERS_MAX = 2 ** 24;
