import { type Clock, OrreryError } from "@orrery/core";
import {
  isControl,
  isExpired,
  type Link,
  type LinkListener,
  type Message,
  type MessageListener,
  receivedEnvelope,
  type SendResult,
  type Transport,
} from "@orrery/core/internal";
import { LINGER_MS, LINK_MESSAGES_MAX, RECONNECT_MAX_MS, RECONNECT_MIN_MS } from "./limits.ts";
import { type Connection, SimLink } from "./sim-link.ts";
import type { Endpoint, Place, SimNetwork } from "./sim-network.ts";

/** A transport over a modelled network. Addresses are `sim://name`. */
export interface SimTransport extends Transport, Endpoint {
  /** Ends without a word to its own node, as a process that is killed: the others learn of it from its machine. */
  kill(): void;
}

/** Options of a modelled transport. */
export interface SimTransportOptions {
  readonly network: SimNetwork<SimTransport>;
  readonly place: Place;
  /** Clock of the node that uses it. */
  readonly clock: Clock;
  /** Told of each message that arrives, before it is handed over. */
  readonly onArrival?: (from: Place, to: Place, message: Message) => void;
}

/** Makes a transport of a modelled network. Bodies cross as bytes; a connection is made, kept in order, and broken as one of TCP is. */
export function createSimTransport(options: SimTransportOptions): SimTransport {
  return new NetworkTransport(options);
}

const ADDRESS = /^sim:\/\/[^\s/?#*]+$/;

/**
 * One end point of the network. Owns: its links, and what waits on each.
 * I1: `up` and `down` take turns on each link, and messages come only between them. I2: `left` is set when a message is put into the
 * cable, so what waits on a link going out outlives its connections. I3: an envelope whose time is over is never put into it.
 */
class NetworkTransport implements SimTransport {
  readonly scheme = "sim";
  readonly carriesValues = false;
  readonly place: Place;
  readonly #network: SimNetwork<SimTransport>;
  readonly #clock: Clock;
  readonly #onArrival: SimTransportOptions["onArrival"];
  readonly #addresses: string[] = [];
  readonly #links = new Set<SimLink>();
  readonly #byAddress = new Map<string, SimLink>();
  /** The end point that each connection leads to. */
  readonly #peers = new Map<Connection, NetworkTransport>();
  #lastId = 0;
  #state: "open" | "closed" | "dead" = "open";
  #onMessage: MessageListener = () => undefined;
  #onLink: LinkListener = () => undefined;

  constructor({ network, place, clock, onArrival }: SimTransportOptions) {
    this.#network = network;
    this.#clock = clock;
    this.#onArrival = onArrival;
    this.place = place;
    network.join(this);
  }

  async listen(address: string): Promise<string> {
    this.#assertOpen(`listen at "${address}"`);
    assertAddress(address, `listen at "${address}"`);
    if (!this.#network.listen(address, this))
      throw new OrreryError("unavailable", `Cannot listen at "${address}": it is taken, choose another name`);
    this.#addresses.push(address);
    return address;
  }

  connect(address: string): Link {
    const known = this.#byAddress.get(address);
    if (known !== undefined) return known;
    this.#assertOpen(`connect to "${address}"`);
    assertAddress(address, `connect to "${address}"`);
    const link = this.#newLink(address, "out");
    this.#byAddress.set(address, link);
    this.#dial(link);
    return link;
  }

  send(link: Link, message: Message): SendResult {
    const own = link as SimLink;
    if (this.#state !== "open" || !this.#links.has(own)) return "closed";
    if (own.waiting.length + own.travelling >= LINK_MESSAGES_MAX) this.#dropExpired(own);
    if (own.waiting.length + own.travelling >= LINK_MESSAGES_MAX) return "overloaded";
    if (own.up && own.waiting.length === 0) this.#put(own, message);
    else own.waiting.push(message);
    return "accepted";
  }

  async close(): Promise<void> {
    if (this.#state !== "open") return;
    this.#state = "closed";
    const give = new AbortController();
    const late = this.#clock.sleep(LINGER_MS, give.signal).catch(() => undefined);
    await Promise.race([Promise.all(this.#leave("closed")), late]);
    give.abort();
  }

  kill(): void {
    if (this.#state === "dead") return;
    this.#onLink = () => undefined;
    this.#onMessage = () => undefined;
    this.#state = "dead";
    this.#leave("its process ended");
  }

  broken(place: Place, reason: string): void {
    for (const link of [...this.#links]) {
      const { connection } = link;
      if (connection !== undefined && this.#peers.get(connection)?.place === place) this.#drop(link, reason);
    }
  }

  onMessage(listener: MessageListener): void {
    this.#onMessage = listener;
  }

  onLink(listener: LinkListener): void {
    this.#onLink = listener;
  }

  #newLink(remote: string, direction: "in" | "out"): SimLink {
    const link = new SimLink({ id: ++this.#lastId, remote, direction });
    this.#links.add(link);
    return link;
  }

  #dial(link: SimLink): void {
    const there = this.#network.listener(link.remote) as NetworkTransport | undefined;
    if (there === undefined) {
      this.#failed(link, `nobody listens at "${link.remote}"`);
      return;
    }
    const connection: Connection = { dialler: link, acceptor: undefined };
    link.connection = connection;
    link.sameHost = there.place.machine === this.place.machine;
    this.#peers.set(connection, there);
    this.#cableTo(there).put(() => there.#accept(connection, this));
  }

  #accept(connection: Connection, dialler: NetworkTransport): void {
    const { remote } = connection.dialler;
    if (this.#state !== "open" || this.#network.listener(remote) !== this) {
      this.#cableTo(dialler).put(() => dialler.#refused(connection));
      return;
    }
    const link = this.#newLink(dialler.#addresses[0] ?? `sim://${dialler.place.name}`, "in");
    link.connection = connection;
    link.sameHost = dialler.place.machine === this.place.machine;
    connection.acceptor = link;
    this.#peers.set(connection, dialler);
    this.#cableTo(dialler).put(() => dialler.#connected(connection));
    this.#raise(link);
  }

  #connected(connection: Connection): void {
    const link = connection.dialler;
    if (link.connection === connection) this.#raise(link);
  }

  #refused(connection: Connection): void {
    const link = connection.dialler;
    if (link.connection === connection) this.#drop(link, `nobody listens at "${link.remote}"`);
  }

  #raise(link: SimLink): void {
    link.up = true;
    link.failures = 0;
    link.trouble = "";
    this.#onLink({ kind: "up", link });
    for (const message of link.waiting.splice(0)) {
      if (link.up) this.#put(link, message);
      else link.waiting.push(message);
    }
  }

  #put(link: SimLink, message: Message): void {
    const { connection } = link;
    const there = connection === undefined ? undefined : this.#peers.get(connection);
    if (connection === undefined || there === undefined) return;
    let budgetMs = 0;
    if (!isControl(message)) {
      const nowMs = this.#clock.monotonic();
      if (isExpired(message, nowMs)) return; // I3
      if (message.deadlineMs !== 0) budgetMs = message.deadlineMs - nowMs;
      message.left = true; // I2
    }
    link.travelling++;
    this.#cableTo(there).put(() => {
      if (link.connection === connection) link.travelling--;
      there.#arrived(connection, message, { from: this.place, budgetMs });
    });
  }

  #arrived(connection: Connection, message: Message, { from, budgetMs }: { from: Place; budgetMs: number }): void {
    const link = this.#sideOf(connection);
    if (link?.up !== true) return; // Its connection ended meanwhile: it is lost.
    this.#onArrival?.(from, this.place, message);
    const deadlineMs = budgetMs === 0 ? 0 : this.#clock.monotonic() + budgetMs;
    this.#onMessage(link, isControl(message) ? message : receivedEnvelope(message, deadlineMs));
  }

  #hungUp(connection: Connection, reason: string): void {
    const link = this.#sideOf(connection);
    if (link !== undefined) this.#drop(link, reason);
  }

  /** This side's link of a connection, while it has not ended here. */
  #sideOf(connection: Connection): SimLink | undefined {
    for (const link of [connection.dialler, connection.acceptor])
      if (link !== undefined && this.#links.has(link) && link.connection === connection) return link;
    return undefined;
  }

  #drop(link: SimLink, reason: string): void {
    const { connection, up } = link;
    if (connection !== undefined) this.#peers.delete(connection);
    link.connection = undefined;
    link.up = false;
    link.travelling = 0;
    if (link.direction === "in" || this.#state !== "open") this.#links.delete(link);
    if (link.direction === "out" && this.#state === "open") this.#failed(link, reason);
    if (up) this.#onLink({ kind: "down", link, reason });
  }

  #failed(link: SimLink, trouble: string): void {
    link.trouble = trouble;
    const delayMs = Math.min(RECONNECT_MAX_MS, RECONNECT_MIN_MS * 2 ** link.failures++);
    this.#clock.timer(delayMs, () => {
      if (this.#state === "open" && link.connection === undefined) this.#dial(link);
    });
  }

  /** Ends every link, and gives when each other side has learned of it. */
  #leave(reason: string): readonly Promise<void>[] {
    for (const address of this.#addresses) this.#network.unlisten(address);
    const learned = [...this.#links].flatMap((link) => {
      const { connection } = link;
      const there = connection === undefined ? undefined : this.#peers.get(connection);
      this.#drop(link, reason);
      return connection === undefined || there === undefined ? [] : [this.#hangUp(connection, there, reason)];
    });
    this.#network.leave(this);
    return learned;
  }

  #hangUp(connection: Connection, there: NetworkTransport, reason: string): Promise<void> {
    return new Promise((resolve) => {
      this.#cableTo(there).put(() => {
        there.#hungUp(connection, reason);
        there.#cableTo(this).put(resolve);
      });
    });
  }

  #cableTo(there: NetworkTransport) {
    return this.#network.cable(this.place, there.place);
  }

  #dropExpired(link: SimLink): void {
    const nowMs = this.#clock.monotonic();
    link.waiting = link.waiting.filter((message) => isControl(message) || !isExpired(message, nowMs));
  }

  #assertOpen(action: string): void {
    if (this.#state !== "open")
      throw new OrreryError("unavailable", `Cannot ${action}: the transport is closed, make another`);
  }
}

function assertAddress(address: string, action: string): void {
  if (!ADDRESS.test(address)) throw new OrreryError("invalid_argument", `Cannot ${action}: write sim://name`);
}
