import type { DirectoryHost } from "@orrery/core";
import type { Link, Port } from "@orrery/core/internal";
import { DatagramLink, type Datagrams } from "./datagrams.ts";
import { encodeGossip, type Said } from "./gossip-codec.ts";
import { DATAGRAM_NEWS_BYTES_MAX, DOWN_WAITING_MAX, NEWS_BYTES_MAX, PAGE_BYTES_MAX } from "./limits.ts";
import type { LoadNews } from "./load-news.ts";
import type { Member } from "./member.ts";
import { type NewsQueue, spaceOf } from "./news-queue.ts";
import type { OwnRecord } from "./own-record.ts";

/** What was said to others so far. */
export interface CourierCounts {
  readonly messages: number;
  readonly bytes: number;
}

/** Says things to other directories, with news along. */
export interface Courier {
  readonly counts: CourierCounts;
  /** Says something to a member; false when it cannot be reached now. `about` is told along first. */
  tell(member: Member, said: Said, about?: Member): boolean;
  /** Says by a link what was said by a datagram, which may be lost; false, and nothing happens, where it was said by a link. */
  insist(member: Member, said: Said): boolean;
  /** Says something at an address. */
  tellAt(address: string, said: Said, entries?: readonly Uint8Array[]): boolean;
  /** Says something at the other end of a link. */
  reply(link: Link, said: Said, about?: Member): boolean;
  /** Sends encoded entries, in pages. */
  sendPages(link: Link, entries: readonly Uint8Array[]): void;
}

/** Options of a courier. */
export interface CourierOptions {
  readonly host: DirectoryHost;
  /** Name of the network; empty for none. */
  readonly network: string;
  /** Whose name stands on what is said; nobody's for one that only looks. */
  readonly own: OwnRecord | undefined;
  readonly news: NewsQueue;
  readonly loads: LoadNews;
  /** Size of the network. */
  readonly members: () => number;
  /** Carries what is small and may be lost. Default: links carry everything. */
  readonly datagrams?: Datagrams | undefined;
  /** Who has an address. */
  readonly memberAt?: (address: string) => Member | undefined;
}

/** Makes a courier. */
export function createCourier(options: CourierOptions): Courier {
  return new LinkCourier(options);
}

/** I1: on a link that is not up, at most `DOWN_WAITING_MAX` messages wait. */
class LinkCourier implements Courier {
  readonly #options: CourierOptions;
  readonly #waiting = new WeakMap<Link, number>();
  /** By the addresses that a member has told: with them it forgets the port, too. */
  readonly #ports = new WeakMap<readonly string[], { readonly isThere: boolean; readonly port: Port | undefined }>();
  readonly counts = { messages: 0, bytes: 0 };

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  tell(member: Member, said: Said, about?: Member): boolean {
    // What begins a comparison leads to much, which goes back the same way.
    const direct = said.kind === "digest" ? undefined : this.#options.datagrams?.linkTo(member.addresses);
    if (direct !== undefined) return this.reply(direct, said, about);
    const link = this.#portTo(member)?.link;
    return link !== undefined && this.reply(link, said, about);
  }

  insist(member: Member, said: Said): boolean {
    if (this.#options.datagrams?.linkTo(member.addresses) === undefined) return false;
    const link = this.#portTo(member)?.link;
    return link !== undefined && this.#send(link, said, []);
  }

  tellAt(address: string, said: Said, entries: readonly Uint8Array[] = []): boolean {
    const link = this.#port(address)?.link;
    return link !== undefined && this.#send(link, said, entries);
  }

  reply(link: Link, said: Said, about?: Member): boolean {
    const first = about === undefined ? [] : [about.bytes];
    const most = link instanceof DatagramLink ? DATAGRAM_NEWS_BYTES_MAX : NEWS_BYTES_MAX;
    if (about !== undefined && about.bytes.length > most) return this.#send(link, said, first);
    const bytesMax = most - (about?.bytes.length ?? 0);
    const isRound = said.kind === "news" && about === undefined;
    const along = this.#options.own === undefined ? [] : this.#along(bytesMax, isRound);
    if (isRound && along.length === 0) return false; // There is nothing that may be said now.
    return this.#send(link, said, [...first, ...along]);
  }

  /** What goes along with a message: news first, and of loads what fits besides. */
  #along(bytesMax: number, isRound: boolean): readonly Uint8Array[] {
    const { news, loads, members } = this.#options;
    // Answers and probes may go to one node again and again, so only rounds of news count as telling; loads may be missed.
    const told = isRound ? news.take({ bytesMax, members: members() }) : news.peek(bytesMax);
    return [...told, ...loads.take(bytesMax - spaceOf(told))];
  }

  sendPages(link: Link, entries: readonly Uint8Array[]): void {
    let page: Uint8Array[] = [];
    let bytes = 0;
    for (const entry of entries) {
      if (bytes > 0 && bytes + entry.length > PAGE_BYTES_MAX) {
        this.#send(link, { kind: "page" }, page);
        page = [];
        bytes = 0;
      }
      page.push(entry);
      bytes += entry.length;
    }
    if (page.length > 0) this.#send(link, { kind: "page" }, page);
  }

  #send(link: Link, said: Said, entries: readonly Uint8Array[]): boolean {
    if (!this.#mayWait(link)) return false;
    const { own, host, network } = this.#options;
    const { node: from = "", incarnation = 0 } = own ?? {};
    const bytes = encodeGossip({ from, incarnation, network, said, entries });
    this.counts.messages++;
    this.counts.bytes += bytes.length;
    return link instanceof DatagramLink ? this.#sendDatagram(link, bytes) : host.send(link, bytes) === "accepted";
  }

  /** What is too large for a datagram goes by a link, if it is known who is there. */
  #sendDatagram(to: DatagramLink, bytes: Uint8Array): boolean {
    const { datagrams, memberAt, host } = this.#options;
    if (datagrams?.send(to, bytes) === true) return true;
    const member = memberAt?.(to.address);
    const link = member && this.#portTo(member)?.link;
    return link !== undefined && this.#mayWait(link) && host.send(link, bytes) === "accepted";
  }

  #mayWait(link: Link): boolean {
    if (link.up) {
      this.#waiting.delete(link);
      return true;
    }
    const waiting = this.#waiting.get(link) ?? 0;
    if (link.direction === "in" || waiting >= DOWN_WAITING_MAX) return false; // I1
    this.#waiting.set(link, waiting + 1);
    return true;
  }

  #portTo(member: Member): Port | undefined {
    const { addresses, isThere } = member;
    const known = this.#ports.get(addresses);
    if (known?.isThere === isThere) return known.port;
    const address = addresses.find(this.#options.host.reaches);
    const port = address === undefined ? undefined : this.#port(address);
    this.#ports.set(addresses, { isThere, port });
    return port;
  }

  /** The port to an address; undefined for what is no address. */
  #port(address: string): Port | undefined {
    try {
      return this.#options.host.port(address);
    } catch {
      return undefined;
    }
  }
}
