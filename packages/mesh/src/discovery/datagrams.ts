import type { DirectoryHost } from "@orrery/core";
import type { Link } from "@orrery/core/internal";
import type { DatagramCarrier } from "./datagram-carrier.ts";

/** Addresses to which something was said, or that said something, which are remembered; those that were met first go. */
const KNOWN_MAX = 4_096;

/** The other side of datagrams, in the form of a link: nothing is ever open, and what is sent may be lost. */
export class DatagramLink implements Link {
  readonly id: number;
  readonly remote: string;
  readonly direction = "in";
  readonly up = true;
  readonly sameHost = false;
  /** With the key of the other side, where there are keys. */
  readonly address: string;

  constructor(id: number, address: string) {
    this.id = id;
    this.address = address;
    this.remote = address.replace(/\?.*/, "");
  }

  allows(): boolean {
    return true;
  }
}

/** Datagrams of one node's gossip. */
export interface Datagrams {
  /** Addresses at which it hears; none before it is open. */
  readonly addresses: readonly string[];
  /** Datagrams that were sent. */
  readonly sent: number;
  readonly refused: number;
  /** The way to who has these addresses; undefined where no datagram goes there. */
  linkTo(addresses: readonly string[]): DatagramLink | undefined;
  /** Sends; false for what is too large, or goes nowhere. */
  send(link: DatagramLink, bytes: Uint8Array): boolean;
  /** Begins to hear. */
  open(onMessage: (link: Link, bytes: Uint8Array) => void): Promise<void>;
  close(): void;
}

/** Lets gossip go by a carrier. */
export function createDatagrams(carrier: DatagramCarrier, host: DirectoryHost): Datagrams {
  return new CarriedDatagrams(carrier, host);
}

class CarriedDatagrams implements Datagrams {
  readonly #carrier: DatagramCarrier;
  readonly #host: DirectoryHost;
  readonly #links = new Map<string, DatagramLink>();
  #lastId = 0;
  addresses: readonly string[] = [];
  sent = 0;

  constructor(carrier: DatagramCarrier, host: DirectoryHost) {
    this.#carrier = carrier;
    this.#host = host;
  }

  get refused(): number {
    return this.#carrier.refused;
  }

  linkTo(addresses: readonly string[]): DatagramLink | undefined {
    if (this.addresses.length === 0) return undefined;
    const address = addresses.find((one) => one.startsWith("udp://"));
    return address === undefined ? undefined : this.#linkOf(address);
  }

  send(link: DatagramLink, bytes: Uint8Array): boolean {
    if (bytes.length > this.#carrier.bytesMax || !this.#carrier.send(link.address, bytes)) return false;
    this.sent++;
    return true;
  }

  async open(onMessage: (link: Link, bytes: Uint8Array) => void): Promise<void> {
    this.addresses = await this.#carrier.open({
      opened: this.#host.addresses(),
      clock: this.#host.clock,
      onDatagram: (from, bytes) => onMessage(this.#linkOf(from), bytes),
    });
  }

  close(): void {
    this.addresses = [];
    this.#carrier.close();
  }

  #linkOf(address: string): DatagramLink {
    const known = this.#links.get(address);
    if (known !== undefined) return known;
    const link = new DatagramLink(++this.#lastId, address);
    this.#links.set(address, link);
    const [oldest] = this.#links.keys();
    if (this.#links.size > KNOWN_MAX && oldest !== undefined) this.#links.delete(oldest);
    return link;
  }
}
