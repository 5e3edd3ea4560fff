import type { Clock } from "./clock.ts";
import { isExpired, markLeft, receivedEnvelope } from "./envelope.ts";
import { createFifo, type Fifo } from "./fifo.ts";
import { MEMORY_WAITING_MAX } from "./limits.ts";
import { OrreryError } from "./orrery-error.ts";
import { createSystemClock } from "./system-clock.ts";
import {
  isControl,
  type Link,
  type LinkListener,
  type Message,
  type MessageListener,
  type SendResult,
  type Transport,
} from "./transport.ts";

/** A network within one process: memory transports of one hub reach one another by address. */
export interface MemoryHub {
  /** Makes a transport that is joined to this hub. */
  transport(options?: MemoryTransportOptions): Transport;
  /** Breaks every connection to an address, as a cable that is cut: its links go down, and those going out come up again. */
  sever(address: string): void;
}

/** Options of a memory transport. */
export interface MemoryTransportOptions {
  /** Whether bodies cross as values, copied by the contract, or encoded as on a wire. Default: values. */
  readonly bodies?: "values" | "bytes";
  /** The clock of the node that uses the transport, by which waiting messages expire. Default: the machine's. */
  readonly clock?: Clock;
}

/**
 * Makes a hub. Addresses are `memory://name`. No port is opened and no byte leaves the process; messages arrive in a microtask of their
 * own, in order, and what a message carries is the same as over a wire.
 */
export function createMemoryHub(): MemoryHub {
  const places: Places = { listeners: new Map(), lonely: new Set(), names: 0 };
  return {
    transport: (options = {}) => new MemoryTransport(places, options),
    sever: (address) => places.listeners.get(address)?.sever(address),
  };
}

const ADDRESS = /^memory:\/\/[^\s/?#*]+$/;

/** Who listens where, and who waits for somebody to. */
interface Places {
  readonly listeners: Map<string, MemoryTransport>;
  readonly lonely: Set<MemoryLink>;
  names: number;
}

class MemoryLink implements Link {
  readonly id: number;
  readonly remote: string;
  readonly direction: "in" | "out";
  readonly sameHost = true;
  readonly owner: MemoryTransport;
  /** Address of the listener that the link leads to or came by. */
  readonly place: string;
  other: MemoryLink | undefined;
  up = false;
  readonly waiting: Fifo<Message> = createFifo();
  flushing = false;
  heardMs = 0;
  trouble = "";
  refusals = 0;
  /** Told that nobody listens there. */
  onTrouble: (trouble: string) => void = () => undefined;

  constructor(owner: MemoryTransport, options: Pick<MemoryLink, "id" | "remote" | "direction" | "place">) {
    this.owner = owner;
    this.id = options.id;
    this.remote = options.remote;
    this.direction = options.direction;
    this.place = options.place;
  }

  allows(): boolean {
    return true;
  }

  watch(onTrouble: (trouble: string) => void): void {
    this.onTrouble = onTrouble;
  }

  drop(): readonly Message[] {
    return this.direction === "out" ? this.owner.giveUp(this) : [];
  }
}

/**
 * One place of the hub. Owns: its links, and what waits on each.
 * I1: `up` and `down` take turns on each link, and messages come only between them. I2: `left` is set just before a message is handed
 * over, so what waits on a link going out outlives its connections. I3: an envelope whose time is over is never handed over.
 */
class MemoryTransport implements Transport {
  readonly scheme = "memory";
  readonly carriesValues: boolean;
  readonly #places: Places;
  readonly #clock: Clock;
  readonly #addresses: string[] = [];
  readonly #links = new Set<MemoryLink>();
  readonly #byAddress = new Map<string, MemoryLink>();
  #lastId = 0;
  #closed = false;
  #onMessage: MessageListener = () => undefined;
  #onLink: LinkListener = () => undefined;

  constructor(places: Places, options: MemoryTransportOptions) {
    this.#places = places;
    this.#clock = options.clock ?? createSystemClock();
    this.carriesValues = (options.bodies ?? "values") === "values";
  }

  async listen(address: string): Promise<string> {
    this.#assertOpen(`listen at "${address}"`);
    const bound = address === "memory://*" ? `memory://node-${++this.#places.names}` : address;
    assertAddress(bound, `listen at "${address}"`);
    if (this.#places.listeners.has(bound))
      throw new OrreryError("unavailable", `Cannot listen at "${address}": it is taken, choose another name`);
    this.#places.listeners.set(bound, this);
    this.#addresses.push(bound);
    for (const link of [...this.#places.lonely]) if (link.place === bound) link.owner.#join(link);
    return bound;
  }

  connect(address: string): Link {
    const known = this.#byAddress.get(address);
    if (known !== undefined) return known;
    this.#assertOpen(`connect to "${address}"`);
    assertAddress(address, `connect to "${address}"`);
    const link = this.#newLink({ remote: address, direction: "out", place: address });
    this.#byAddress.set(address, link);
    this.#join(link);
    return link;
  }

  send(link: Link, message: Message): SendResult {
    const own = link as MemoryLink;
    if (this.#closed || !this.#links.has(own)) return "closed";
    if (own.waiting.size >= MEMORY_WAITING_MAX) this.#dropExpired(own);
    if (own.waiting.size >= MEMORY_WAITING_MAX) return "overloaded";
    own.waiting.push(message);
    if (own.other !== undefined) this.#flushSoon(own);
    return "accepted";
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    for (const link of [...this.#links]) this.#flush(link);
    this.#closed = true;
    for (const address of this.#addresses) this.#places.listeners.delete(address);
    for (const link of [...this.#links]) this.#drop(link, "closed");
  }

  onMessage(listener: MessageListener): void {
    this.#onMessage = listener;
  }

  onLink(listener: LinkListener): void {
    this.#onLink = listener;
  }

  /** Drops what came in by an address. */
  sever(address: string): void {
    for (const link of [...this.#links])
      if (link.direction === "in" && link.place === address) this.#drop(link, "severed");
  }

  /** Ends a link going out without a word, and gives back what has not left. */
  giveUp(link: MemoryLink): readonly Message[] {
    const unsent: Message[] = [];
    for (let message = link.waiting.shift(); message !== undefined; message = link.waiting.shift())
      unsent.push(message);
    const { other } = link;
    link.other = undefined;
    link.up = false;
    this.#links.delete(link);
    this.#places.lonely.delete(link);
    if (this.#byAddress.get(link.place) === link) this.#byAddress.delete(link.place);
    if (other?.other === link) other.owner.#drop(other, "given up");
    return unsent;
  }

  #newLink(options: Pick<MemoryLink, "remote" | "direction" | "place">): MemoryLink {
    const link = new MemoryLink(this, { ...options, id: ++this.#lastId });
    this.#links.add(link);
    return link;
  }

  /** Joins a link going out to the listener at its address, or lets it wait for one. */
  #join(link: MemoryLink): void {
    const there = this.#places.listeners.get(link.place);
    if (there === undefined) {
      this.#places.lonely.add(link);
      link.trouble = `nobody listens at "${link.place}" in this process`;
      link.refusals++;
      link.onTrouble(link.trouble);
      return;
    }
    this.#places.lonely.delete(link);
    link.trouble = "";
    const remote = this.#addresses[0] ?? "memory://client";
    const other = there.#newLink({ remote, direction: "in", place: link.place });
    other.other = link;
    link.other = other;
    queueMicrotask(() => {
      if (link.other !== other) return; // It was dropped before anybody knew of it.
      there.#raise(other);
      this.#raise(link);
      this.#flushSoon(link);
    });
  }

  #raise(link: MemoryLink): void {
    if (link.other === undefined) return;
    link.up = true;
    this.#onLink({ kind: "up", link });
  }

  #flushSoon(link: MemoryLink): void {
    if (link.flushing) return;
    link.flushing = true;
    queueMicrotask(() => this.#flush(link));
  }

  #flush(link: MemoryLink): void {
    link.flushing = false;
    const { other } = link;
    if (other === undefined || !link.up) return; // I1: going up flushes.
    const nowMs = this.#clock.monotonic();
    other.heardMs = nowMs;
    while (link.other === other) {
      const message = link.waiting.shift();
      if (message === undefined) break;
      if (isControl(message)) other.owner.#onMessage(other, message);
      else if (!isExpired(message, nowMs)) {
        markLeft(message); // I2
        other.owner.#onMessage(other, receivedEnvelope(message, message.deadlineMs));
      }
    }
  }

  #dropExpired(link: MemoryLink): void {
    const nowMs = this.#clock.monotonic();
    link.waiting.keep((message) => isControl(message) || !isExpired(message, nowMs));
  }

  #drop(link: MemoryLink, reason: string): void {
    const { other, up } = link;
    link.other = undefined;
    link.up = false;
    if (link.direction === "in" || this.#closed) this.#links.delete(link);
    if (this.#closed) this.#places.lonely.delete(link);
    else if (link.direction === "out") this.#rejoinSoon(link);
    if (up) this.#onLink({ kind: "down", link, reason });
    if (other?.other === link) other.owner.#drop(other, reason);
  }

  #rejoinSoon(link: MemoryLink): void {
    this.#places.lonely.add(link);
    queueMicrotask(() => {
      if (this.#places.lonely.has(link)) this.#join(link);
    });
  }

  #assertOpen(action: string): void {
    if (this.#closed) throw new OrreryError("unavailable", `Cannot ${action}: the transport is closed, make another`);
  }
}

function assertAddress(address: string, action: string): void {
  if (!ADDRESS.test(address)) throw new OrreryError("invalid_argument", `Cannot ${action}: write memory://name`);
}
