import type { Envelope } from "./envelope.ts";
import { createFifo, type Fifo } from "./fifo.ts";
import { OrreryError } from "./orrery-error.ts";
import {
  isControl,
  type Link,
  type LinkListener,
  type Message,
  type MessageListener,
  type SendResult,
  type Transport,
} from "./transport.ts";

/** Messages that may wait on one direction of a memory link. */
const WAITING_MAX = 65_536;

/** A network within one process: memory transports of one hub reach one another by address. */
export interface MemoryHub {
  /** Makes a transport that is joined to this hub. */
  transport(options?: MemoryTransportOptions): Transport;
}

/** Options of a memory transport. */
export interface MemoryTransportOptions {
  /** Whether bodies cross as values, copied by the contract, or encoded as on a wire. Default: values. */
  readonly bodies?: "values" | "bytes";
}

/**
 * Makes a hub. Addresses are `memory://name`. No port is opened and no byte leaves the process; messages arrive in a microtask of their
 * own, in order, and what a message carries is the same as over a wire.
 */
export function createMemoryHub(): MemoryHub {
  const places: Places = { listeners: new Map(), lonely: new Set(), names: 0 };
  return { transport: (options = {}) => new MemoryTransport(places, options) };
}

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
  other: MemoryLink | undefined;
  readonly waiting: Fifo<Message> = createFifo();
  flushing = false;

  constructor(owner: MemoryTransport, id: number, remote: string, direction: "in" | "out") {
    this.owner = owner;
    this.id = id;
    this.remote = remote;
    this.direction = direction;
  }

  get up(): boolean {
    return this.other !== undefined;
  }

  allows(): boolean {
    return true;
  }
}

class MemoryTransport implements Transport {
  readonly scheme = "memory";
  readonly carriesValues: boolean;
  readonly #places: Places;
  readonly #addresses: string[] = [];
  readonly #links = new Set<MemoryLink>();
  readonly #byAddress = new Map<string, MemoryLink>();
  #lastId = 0;
  #closed = false;
  #onMessage: MessageListener = () => undefined;
  #onLink: LinkListener = () => undefined;

  constructor(places: Places, options: MemoryTransportOptions) {
    this.#places = places;
    this.carriesValues = (options.bodies ?? "values") === "values";
  }

  async listen(address: string): Promise<string> {
    const bound = address === "memory://*" ? `memory://node-${++this.#places.names}` : address;
    if (!/^memory:\/\/[^\s/]+$/.test(bound))
      throw new OrreryError("invalid_argument", `Cannot listen at "${address}": write memory://name`);
    if (this.#places.listeners.has(bound))
      throw new OrreryError("unavailable", `Cannot listen at "${address}": it is taken, choose another name`);
    this.#places.listeners.set(bound, this);
    this.#addresses.push(bound);
    for (const link of [...this.#places.lonely]) if (link.remote === bound) link.owner.#join(link);
    return bound;
  }

  connect(address: string): Link {
    const known = this.#byAddress.get(address);
    if (known !== undefined) return known;
    const link = this.#newLink(address, "out");
    this.#byAddress.set(address, link);
    this.#join(link);
    return link;
  }

  send(link: Link, message: Message): SendResult {
    const own = link as MemoryLink;
    if (this.#closed || !this.#links.has(own)) return "closed";
    if (own.waiting.size >= WAITING_MAX) return "overloaded";
    own.waiting.push(message);
    if (own.other !== undefined) {
      if (!isControl(message)) message.left = true;
      this.#flushSoon(own);
    }
    return "accepted";
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    for (const link of this.#links) this.#flush(link);
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

  #newLink(remote: string, direction: "in" | "out"): MemoryLink {
    const link = new MemoryLink(this, ++this.#lastId, remote, direction);
    this.#links.add(link);
    return link;
  }

  #join(link: MemoryLink): void {
    const there = this.#places.listeners.get(link.remote);
    if (there === undefined || there.#closed) {
      this.#places.lonely.add(link);
      return;
    }
    this.#places.lonely.delete(link);
    const other = there.#newLink(this.#addresses[0] ?? "memory://client", "in");
    other.other = link;
    link.other = other;
    queueMicrotask(() => {
      if (link.other !== other) return;
      there.#onLink({ kind: "up", link: other });
      this.#onLink({ kind: "up", link });
      this.#flushSoon(link);
    });
  }

  #flushSoon(link: MemoryLink): void {
    if (link.flushing) return;
    link.flushing = true;
    queueMicrotask(() => this.#flush(link));
  }

  #flush(link: MemoryLink): void {
    link.flushing = false;
    const { other } = link;
    if (other === undefined) return;
    for (let message = link.waiting.shift(); message !== undefined; message = link.waiting.shift()) {
      if (!isControl(message)) message.left = true;
      other.owner.#onMessage(other, isControl(message) ? message : received(message));
    }
  }

  #drop(link: MemoryLink, reason: string): void {
    const { other } = link;
    link.other = undefined;
    if (link.direction === "in" || this.#closed) this.#links.delete(link);
    if (this.#closed) this.#places.lonely.delete(link);
    else if (link.direction === "out") this.#places.lonely.add(link);
    this.#onLink({ kind: "down", link, reason });
    if (other?.other === link) other.owner.#drop(other, reason);
  }
}

/** The receiver's own envelope: it counts the deadline down on its own, and neither side sees what the other notes on it. */
function received(envelope: Envelope): Envelope {
  return { ...envelope, left: false };
}
