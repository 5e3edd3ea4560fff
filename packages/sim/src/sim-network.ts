import type { Random } from "@orrery/core";
import { type Cable, createCable } from "./cable.ts";
import type { Draws } from "./draws.ts";
import { Phase } from "./event-key.ts";
import { assertLatency, type Latency } from "./latency.ts";
import { BREAK_AFTER_MS, TICKS_PER_MS } from "./limits.ts";
import type { Scheduler } from "./scheduler.ts";

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

/** How messages pass from one node to another. */
export interface LinkModel {
  /** Time on the way. Default: 0.1 ms. */
  readonly latency?: Latency;
}

/** Options of a modelled network. */
export interface SimNetworkOptions {
  readonly scheduler: Scheduler;
  readonly draws: Draws;
  /** The model of each direction between two nodes. */
  readonly model: (from: Place, to: Place) => LinkModel;
  /** How long a connection lives on while nothing gets through, in ms. Default: 10,000. */
  readonly breakAfterMs?: number;
}

/** What can be dialled: an end point that listens somewhere. */
export interface Endpoint {
  readonly place: Place;
  /** Ends the connections with a node that nothing gets through to any more. */
  broken(place: Place, reason: string): void;
}

/** The network of a world. Owns: who listens where, the cables between nodes, and which of them are cut. */
export interface SimNetwork<E extends Endpoint = Endpoint> {
  readonly scheduler: Scheduler;
  listener(address: string): E | undefined;
  /** Opens an address; false when it is taken. */
  listen(address: string, endpoint: E): boolean;
  unlisten(address: string): void;
  /** Joins an end point to the network, so that it hears of connections that break. */
  join(endpoint: E): void;
  leave(endpoint: E): void;
  cable(from: Place, to: Place): Cable;
  /** Cuts one direction between two nodes. What is put into a cut cable waits there. */
  cut(from: string, to: string): void;
  /** Mends all that is cut, in the order in which it was. */
  mend(): void;
}

/** Makes a network with nobody in it. */
export function createSimNetwork<E extends Endpoint>(options: SimNetworkOptions): SimNetwork<E> {
  return new CabledNetwork<E>(options);
}

const LATENCY_MS = 0.1;

class CabledNetwork<E extends Endpoint> implements SimNetwork<E> {
  readonly scheduler: Scheduler;
  readonly #options: SimNetworkOptions;
  readonly #listeners = new Map<string, E>();
  readonly #endpoints = new Set<E>();
  readonly #cables = new Map<string, Cable>();
  /** Cuts that stand, each with how often that direction was cut, so that an old one's end is not taken for a new one's. */
  readonly #cuts = new Map<string, number>();
  #cutCount = 0;

  constructor(options: SimNetworkOptions) {
    this.#options = options;
    this.scheduler = options.scheduler;
  }

  listener(address: string): E | undefined {
    return this.#listeners.get(address);
  }

  listen(address: string, endpoint: E): boolean {
    if (this.#listeners.has(address)) return false;
    this.#listeners.set(address, endpoint);
    return true;
  }

  unlisten(address: string): void {
    this.#listeners.delete(address);
  }

  join(endpoint: E): void {
    this.#endpoints.add(endpoint);
  }

  leave(endpoint: E): void {
    this.#endpoints.delete(endpoint);
  }

  cable(from: Place, to: Place): Cable {
    const key = keyOf(from.name, to.name);
    let cable = this.#cables.get(key);
    if (cable === undefined) {
      cable = this.#lay(from, to, this.#options.draws.stream("latency", key));
      if (this.#cuts.has(key)) cable.hold();
      this.#cables.set(key, cable);
    }
    return cable;
  }

  cut(from: string, to: string): void {
    const key = keyOf(from, to);
    if (this.#cuts.has(key)) return;
    const count = ++this.#cutCount;
    this.#cuts.set(key, count);
    this.#cables.get(key)?.hold();
    const breakAfterMs = this.#options.breakAfterMs ?? BREAK_AFTER_MS;
    const run = () => {
      if (this.#cuts.get(key) === count) this.#break(from, to, `nothing got through for ${breakAfterMs} ms`);
    };
    this.scheduler.after(Math.round(breakAfterMs * TICKS_PER_MS), { phase: Phase.fault, target: 0, origin: 0, run });
  }

  mend(): void {
    const mended = [...this.#cuts.keys()];
    this.#cuts.clear();
    for (const key of mended) this.#cables.get(key)?.release();
  }

  #lay(from: Place, to: Place, random: Random): Cable {
    const latency = this.#options.model(from, to).latency ?? LATENCY_MS;
    assertLatency(latency);
    return createCable({ scheduler: this.scheduler, from: from.number, to: to.number, latency, random });
  }

  /** One direction is enough: without acknowledgements neither side knows of the other. */
  #break(from: string, to: string, reason: string): void {
    for (const one of this.#at(from)) {
      for (const other of this.#at(to)) {
        one.broken(other.place, reason);
        other.broken(one.place, reason);
      }
    }
  }

  #at(name: string): readonly E[] {
    return [...this.#endpoints].filter(({ place }) => place.name === name);
  }
}

function keyOf(from: string, to: string): string {
  return `${from}>${to}`;
}
