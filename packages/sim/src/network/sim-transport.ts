import { type Clock, OrreryError } from "@orrery/core";
import {
  isControl,
  isExpired,
  type Link,
  type LinkListener,
  type Message,
  type MessageListener,
  markLeft,
  receivedEnvelope,
  type SendResult,
  type Transport,
} from "@orrery/core/internal";
import { LINGER_MS, LINK_MESSAGES_MAX, RECONNECT_MAX_MS, RECONNECT_MIN_MS } from "../limits.ts";
import type { Frame } from "./frame.ts";
import { SimLink } from "./sim-link.ts";
import type { Endpoint, Place, SimNetwork } from "./sim-network.ts";

/** A transport over a modelled network. Addresses are `sim://name`. */
export interface SimTransport extends Transport, Endpoint {
  /** Ends without a word to its own node, as a process that is killed: the others learn of it from its machine. */
  kill(): void;
}

/** Options of a modelled transport. */
export interface SimTransportOptions {
  readonly network: SimNetwork;
  readonly place: Place;
  /** Clock of the node that uses it. */
  readonly clock: Clock;
  /** Tells the lives of one place apart, where it has several. Default: 1. */
  readonly life?: number;
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
  readonly #network: SimNetwork;
  readonly #clock: Clock;
  readonly #life: number;
  readonly #addresses = new Set<string>();
  readonly #links = new Set<SimLink>();
  readonly #byAddress = new Map<string, SimLink>();
  /** Links by the name of their connection: those that dialled it, and those that accepted it. */
  readonly #dialled = new Map<string, SimLink>();
  readonly #accepted = new Map<string, SimLink>();
  /** What is called when the other side has heard that a connection ended. */
  readonly #unheard = new Map<string, () => void>();
  #lastId = 0;
  #connections = 0;
  #state: "open" | "closed" | "dead" = "open";
  #onMessage: MessageListener = () => undefined;
  #onLink: LinkListener = () => undefined;

  constructor({ network, place, clock, life = 1 }: SimTransportOptions) {
    this.#network = network;
    this.#clock = clock;
    this.#life = life;
    this.place = place;
    network.join(this);
  }

  async listen(address: string): Promise<string> {
    this.#assertOpen(`listen at "${address}"`);
    assertAddress(address, `listen at "${address}"`);
    if (this.#network.isTaken(address))
      throw new OrreryError("unavailable", `Cannot listen at "${address}": it is taken, choose another name`);
    this.#network.name(address, this.place);
    this.#addresses.add(address);
    return address;
  }

  connect(address: string): Link {
    const known = this.#byAddress.get(address);
    if (known !== undefined) return known;
    this.#assertOpen(`connect to "${address}"`);
    assertAddress(address, `connect to "${address}"`);
    const link = this.#newLink(address, "out");
    this.#byAddress.set(address, link);
    link.forget = () => this.#forget(link);
    this.#dial(link);
    return link;
  }

  send(link: Link, message: Message): SendResult {
    const own = link as SimLink;
    if (this.#state !== "open" || !this.#links.has(own)) return "closed";
    if (backlogOf(own) >= LINK_MESSAGES_MAX) {
      this.#dropExpired(own);
      if (backlogOf(own) >= LINK_MESSAGES_MAX) return "overloaded";
    }
    if (own.up && own.waiting.length === 0) this.#put(own, message);
    else own.waiting.push(message);
    return "accepted";
  }

  async close(): Promise<void> {
    if (this.#state !== "open") return;
    this.#state = "closed";
    const give = new AbortController();
    const late = this.#clock.sleep(LINGER_MS, give.signal).catch(() => undefined);
    const heard = this.#leave("closed");
    await Promise.race([Promise.all(heard), late]);
    give.abort();
    this.#network.leave(this);
  }

  kill(): void {
    if (this.#state === "dead") return;
    this.#onLink = () => undefined;
    this.#onMessage = () => undefined;
    this.#state = "dead";
    this.#leave("its process ended");
    this.#network.leave(this);
  }

  listensAt(address: string): boolean {
    return this.#state === "open" && this.#addresses.has(address);
  }

  receive(from: Place, frame: Frame): boolean {
    const { connection } = frame;
    switch (frame.kind) {
      case "dial":
        this.#accept(from, frame);
        return true;
      case "accepted":
        return this.#with(this.#dialled.get(connection), (link) => this.#raise(link));
      case "refused":
        return this.#with(this.#dialled.get(connection), (link) => {
          link.refusals++;
          this.#drop(link, `nobody listens at "${link.remote}"`);
        });
      case "message":
        return this.#with(this.#sideOf(frame), (link) => this.#arrived(link, frame.message, frame.budgetMs));
      case "hangup": {
        const link = this.#sideOf(frame);
        if (link === undefined) return false;
        this.#drop(link, frame.reason);
        this.#network.send(this.place, from, { kind: "heard", connection, toDialler: !frame.toDialler });
        return true;
      }
      case "heard": {
        const heard = this.#unheard.get(connection);
        this.#unheard.delete(connection);
        heard?.();
        return heard !== undefined;
      }
    }
  }

  broken(place: Place, reason: string): void {
    for (const link of [...this.#links]) if (link.connection !== "" && link.place === place) this.#drop(link, reason);
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
    const place = this.#network.placeOf(link.remote);
    if (place === undefined) {
      this.#failed(link, `nobody listens at "${link.remote}"`);
      return;
    }
    const { name } = this.place;
    const connection = `${name}/${this.#life}/${++this.#connections}`;
    link.connection = connection;
    this.#lead(link, place);
    this.#dialled.set(connection, link);
    const [back = `sim://${name}`] = this.#addresses;
    this.#network.send(this.place, place, { kind: "dial", connection, address: link.remote, back });
  }

  #accept(from: Place, { connection, back }: Frame & { readonly kind: "dial" }): void {
    const link = this.#newLink(back, "in");
    link.connection = connection;
    this.#lead(link, from);
    this.#accepted.set(connection, link);
    this.#network.send(this.place, from, { kind: "accepted", connection });
    this.#raise(link);
  }

  #lead(link: SimLink, place: Place): void {
    link.place = place;
    link.cable = this.#network.cable(this.place, place);
    link.sameHost = place.machine === this.place.machine;
  }

  #with(link: SimLink | undefined, act: (link: SimLink) => void): boolean {
    if (link === undefined) return false;
    act(link);
    return true;
  }

  /** This side's link of the connection of a frame, while it has not ended here. */
  #sideOf({ connection, toDialler }: { readonly connection: string; readonly toDialler: boolean }) {
    return toDialler ? this.#dialled.get(connection) : this.#accepted.get(connection);
  }

  #raise(link: SimLink): void {
    if (link.up) return;
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
    const { connection, cable } = link;
    if (connection === "" || cable === undefined) return;
    let budgetMs = 0;
    if (!isControl(message)) {
      const nowMs = this.#clock.monotonic();
      if (isExpired(message, nowMs)) return; // I3
      if (message.deadlineMs !== 0) budgetMs = message.deadlineMs - nowMs;
      markLeft(message); // I2
    }
    const toDialler = link.direction === "in";
    cable.put({ kind: "message", connection, toDialler, message, budgetMs });
  }

  #arrived(link: SimLink, message: Message, budgetMs: number): void {
    if (!link.up) return;
    const deadlineMs = budgetMs === 0 ? 0 : this.#clock.monotonic() + budgetMs;
    this.#onMessage(link, isControl(message) ? message : receivedEnvelope(message, deadlineMs));
  }

  #drop(link: SimLink, reason: string): void {
    const { connection, up } = link;
    this.#dialled.delete(connection);
    if (link.direction === "in") this.#accepted.delete(connection);
    link.connection = "";
    link.up = false;
    if (link.direction === "in" || this.#state !== "open") this.#links.delete(link);
    if (link.direction === "out" && this.#state === "open") this.#failed(link, reason);
    if (up) this.#onLink({ kind: "down", link, reason });
  }

  #failed(link: SimLink, trouble: string): void {
    link.trouble = trouble;
    const delayMs = Math.min(RECONNECT_MAX_MS, RECONNECT_MIN_MS * 2 ** link.failures++);
    this.#clock.timer(delayMs, () => {
      if (this.#state === "open" && link.connection === "" && !link.isForgotten) this.#dial(link);
    });
  }

  #forget(link: SimLink): boolean {
    if (link.up || link.isForgotten || this.#state !== "open") return false;
    link.isForgotten = true;
    this.#dialled.delete(link.connection); // What comes of its last try finds nobody.
    link.connection = "";
    link.waiting = [];
    this.#byAddress.delete(link.remote);
    this.#links.delete(link);
    return true;
  }

  /** Ends every link, and gives when each other side has heard of it. */
  #leave(reason: string): readonly Promise<void>[] {
    return [...this.#links].flatMap((link) => {
      const { connection, place, direction } = link;
      this.#drop(link, reason);
      return connection === "" || place === undefined ? [] : [this.#hangUp(connection, place, direction, reason)];
    });
  }

  async #hangUp(connection: string, place: Place, direction: "in" | "out", reason: string): Promise<void> {
    const heard = new Promise<void>((resolve) => this.#unheard.set(connection, resolve));
    this.#network.send(this.place, place, { kind: "hangup", connection, toDialler: direction === "in", reason });
    await heard;
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

function backlogOf({ waiting, cable }: SimLink): number {
  return waiting.length + (cable?.backlog ?? 0);
}

function assertAddress(address: string, action: string): void {
  if (!ADDRESS.test(address)) throw new OrreryError("invalid_argument", `Cannot ${action}: write sim://name`);
}
