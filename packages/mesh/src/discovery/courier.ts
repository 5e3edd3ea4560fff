import type { DirectoryHost } from "@orrery/core";
import type { Link, Port } from "@orrery/core/internal";
import { encodeGossip, type Said } from "./gossip-codec.ts";
import { DOWN_WAITING_MAX, NEWS_BYTES_MAX, PAGE_BYTES_MAX } from "./limits.ts";
import type { Member } from "./member.ts";
import type { NewsQueue } from "./news-queue.ts";
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
  /** Size of the network. */
  readonly members: () => number;
}

/** Makes a courier. */
export function createCourier(options: CourierOptions): Courier {
  return new LinkCourier(options);
}

/** I1: on a link that is not up, at most `DOWN_WAITING_MAX` messages wait. */
class LinkCourier implements Courier {
  readonly #options: CourierOptions;
  readonly #waiting = new WeakMap<Link, number>();
  readonly #ports = new WeakMap<
    Member,
    { readonly addresses: readonly string[]; readonly isThere: boolean; readonly port: Port | undefined }
  >();
  readonly counts = { messages: 0, bytes: 0 };

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  tell(member: Member, said: Said, about?: Member): boolean {
    const link = this.#portTo(member)?.link;
    return link !== undefined && this.reply(link, said, about);
  }

  tellAt(address: string, said: Said, entries: readonly Uint8Array[] = []): boolean {
    const link = this.#port(address)?.link;
    return link !== undefined && this.#send(link, said, entries);
  }

  reply(link: Link, said: Said, about?: Member): boolean {
    const first = about === undefined ? [] : [about.bytes];
    if (about !== undefined && about.bytes.length > NEWS_BYTES_MAX) return this.#send(link, said, first);
    const bytesMax = NEWS_BYTES_MAX - (about?.bytes.length ?? 0);
    const { news, members, own } = this.#options;
    // Answers and probes may go to one node again and again, so only rounds of news count as telling.
    const isRound = said.kind === "news" && about === undefined;
    const along = isRound ? news.take({ bytesMax, members: members() }) : news.peek(bytesMax);
    const more = own === undefined ? [] : along;
    return this.#send(link, said, [...first, ...more]);
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
    return host.send(link, bytes) === "accepted";
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
    const known = this.#ports.get(member);
    if (known?.addresses === member.addresses && known.isThere === member.isThere) return known.port;
    const { addresses } = member;
    const address = addresses.find(this.#options.host.reaches);
    const port = address === undefined ? undefined : this.#port(address);
    this.#ports.set(member, { addresses, isThere: member.isThere, port });
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
