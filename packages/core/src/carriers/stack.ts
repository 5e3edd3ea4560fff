import { messageOf } from "../thrown-text.ts";
import type { Link, LinkEvent, Message } from "../transport.ts";
import type { Carrier } from "./carrier-plan.ts";
import { TransportPort } from "./transport-port.ts";

/** A carrier that is not used, and why. */
export interface PuntedCarrier {
  readonly address: string;
  readonly reason: string;
}

/** How a peer is reached. */
export interface Route {
  /** The carrier: first part of its addresses, such as `tcp` or `ipc`. */
  readonly carrier: string;
  /** Better carriers to the peer, which are not used, best first. */
  readonly punted: readonly PuntedCarrier[];
}

/** Options of a stack. */
export interface StackOptions {
  /** How the place is called. */
  readonly place: string;
  /** Best first, at least one. */
  readonly carriers: readonly Carrier[];
  /** A link is given up. */
  readonly onDrop: (link: Link) => void;
  /** What was asked over one link goes over another. */
  readonly onMove: (from: Link, to: Link) => void;
}

/** A try at a better carrier, while the last one is not up either. */
interface Probe {
  readonly index: number;
  readonly link: Link;
}

/**
 * The carriers to one place. Owns: a port, and which carrier it goes by. I1: the port goes by one carrier, and by another only while none is
 * up: then nothing is under way, and what has not left is taken along. I2: a carrier is left for the one below when a try to connect
 * failed; the last is never left but for one above that is up. I3: when a lower one comes up, those above are tried before a byte goes by it.
 */
export class CarrierStack {
  readonly port: TransportPort;
  readonly #options: StackOptions;
  readonly #reasons: string[];
  /** Carriers that were tried and failed since one was up. */
  readonly #failed = new Set<number>();
  /** Why a carrier took no address at all. */
  #refusal: unknown;
  #current = 0;
  #probe: Probe | undefined;
  /** What is to be sent when others know that the link is up. */
  #unsent: readonly Message[] = [];
  #isClosed = false;
  #onTake: (link: Link) => void = () => undefined;

  constructor(options: StackOptions) {
    this.#options = options;
    const { carriers, place } = options;
    this.#reasons = carriers.map(() => "");
    const first = this.#firstFrom(0);
    if (first === undefined) throw this.#refusal;
    const { transport } = carriers[first.index] as Carrier;
    // Bodies go along from carrier to carrier, so they are bytes unless no carrier needs that.
    const carriesValues = carriers.every((carrier) => carrier.transport.carriesValues);
    this.port = new TransportPort({ link: first.link, transport, carriesValues, place });
    this.#current = first.index;
  }

  /** Begins; names the one to whom each link is told whose news are the stack's from there on, and whose messages are the port's. */
  begin(onTake: (link: Link) => void): void {
    this.#onTake = onTake;
    this.#follow(this.port.link);
  }

  /** Carriers that are better than the one in use, or that comes up, and why each is not used. */
  get punted(): readonly PuntedCarrier[] {
    return this.#options.carriers
      .slice(0, this.#current)
      .map(({ address }, index) => ({ address, reason: this.#reasons[index] ?? "" }));
  }

  /** Takes news of a link; false when nobody else is to hear of it. */
  hears({ kind, link }: LinkEvent): boolean {
    if (this.#isClosed) return link === this.port.link;
    if (kind === "down") return link === this.port.link;
    if (link === this.#probe?.link) this.#moveTo(this.#probe);
    else if (link !== this.port.link) return false;
    else {
      const better = this.#probe ?? this.#plausibleBelow(this.#current);
      if (better !== undefined) {
        this.#moveTo(better); // I3
        this.#sendUnsent();
        return false;
      }
    }
    this.#failed.clear();
    return true;
  }

  /** Others have heard the news. */
  heard(): void {
    this.#sendUnsent();
  }

  /** Gives up what is not up. */
  forget(): boolean {
    if (this.port.link.up || this.port.link.forget?.() !== true) return false;
    this.#options.onDrop(this.port.link);
    this.close();
    return true;
  }

  close(): void {
    this.#isClosed = true;
    this.#endProbe();
  }

  /** The first carrier that does not punt at once, from an index on, at the latest the last; undefined when that takes no such address. */
  #firstFrom(start: number): Probe | undefined {
    const { length } = this.#options.carriers;
    for (let index = start; index < length; index++) {
      const link = this.#connect(index);
      if (link !== undefined && (index === length - 1 || !this.#punts(index, link))) return { index, link };
    }
    return undefined;
  }

  /** The best carrier above an index that has not failed and does not punt at once. */
  #plausibleBelow(end: number): Probe | undefined {
    for (let index = 0; index < end; index++) {
      if (this.#failed.has(index)) continue;
      const link = this.#connect(index);
      if (link !== undefined && !this.#punts(index, link)) return { index, link };
    }
    return undefined;
  }

  #connect(index: number): Link | undefined {
    const { transport, address } = this.#options.carriers[index] as Carrier;
    try {
      return transport.connect(address);
    } catch (error) {
      this.#refusal = error;
      this.#reasons[index] = messageOf(error);
      return undefined;
    }
  }

  /** Whether a link has failed already; it is given up then. */
  #punts(index: number, link: Link): boolean {
    if (link.up || !link.trouble || link.drop === undefined) return false;
    this.#reasons[index] = link.trouble;
    link.drop();
    return true;
  }

  #fail(index: number, reason: string): void {
    this.#reasons[index] = reason;
    this.#failed.add(index);
  }

  #take({ index, link }: Probe): void {
    this.#current = index;
    this.#reasons[index] = "";
    this.port.link = link;
    this.port.transport = (this.#options.carriers[index] as Carrier).transport;
    this.#follow(link);
  }

  #follow(link: Link): void {
    this.#onTake(link);
    link.watch?.((trouble) => this.#troubled(link, trouble));
  }

  /** Leaves the carrier of the moment, with what has not left, for another. I1: it is not up, or nothing went by it yet. */
  #moveTo(next: Probe): void {
    const { link } = this.port;
    this.#unsent = [...this.#unsent, ...(link.drop?.() ?? [])];
    if (this.#probe === next) this.#probe = undefined;
    this.#take(next);
    this.#options.onMove(link, next.link);
    this.#options.onDrop(link);
  }

  #sendUnsent(): void {
    const unsent = this.#unsent;
    this.#unsent = [];
    // What is not taken is one that its sender's deadline ends, unsent.
    for (const message of unsent) this.port.transport.send(this.port.link, message);
  }

  #troubled(link: Link, trouble: string): void {
    if (this.#isClosed) return;
    if (link === this.#probe?.link) {
      this.#fail(this.#probe.index, trouble);
      this.#endProbe();
      this.#look();
      return;
    }
    if (link !== this.port.link) return;
    if (this.#current < this.#options.carriers.length - 1 && link.drop !== undefined) {
      this.#fail(this.#current, trouble);
      const next = this.#firstFrom(this.#current + 1);
      if (next === undefined) return;
      this.#moveTo(next); // I2
      this.#sendUnsent();
      return;
    }
    this.#failed.clear();
    this.#look();
  }

  /** Tries the best carrier above that has not failed since the last of them did. */
  #look(): void {
    if (this.#probe !== undefined) return;
    this.#probe = this.#plausibleBelow(this.#current);
    if (this.#probe !== undefined) this.#follow(this.#probe.link);
  }

  #endProbe(): void {
    const { link } = this.#probe ?? {};
    this.#probe = undefined;
    if (link === undefined) return;
    link.drop?.();
    this.#options.onDrop(link);
  }
}
