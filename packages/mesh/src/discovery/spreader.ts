import type { Clock, Random, Timer } from "@orrery/core";
import type { Alarms } from "./alarms.ts";
import type { Courier } from "./courier.ts";
import { drawSome } from "./draw-some.ts";
import type { Entry } from "./entry.ts";
import { encodeEntry } from "./entry-codec.ts";
import { FANOUT, NEWS_BYTES_MAX, NEWS_REPEATS } from "./limits.ts";
import type { LoadNews } from "./load-news.ts";
import type { Member } from "./member.ts";
import type { MemberTable } from "./member-table.ts";
import { type NewsQueue, repeatsFor } from "./news-queue.ts";
import type { GossipTiming } from "./timing.ts";

/** Options of a spreader. */
export interface SpreaderOptions {
  readonly alarms: Alarms;
  readonly clock: Clock;
  readonly random: Random;
  readonly table: MemberTable;
  readonly courier: Courier;
  readonly news: NewsQueue;
  readonly loads: LoadNews;
  readonly timing: GossipTiming;
}

/** Passes news on to neighbours, at once when nothing was told lately, else in rounds; silent when there is none. */
export interface Spreader {
  /** What a node is, or how it stands. `apart` keeps news of one node from taking each other's place. */
  spread(node: string, bytes: Uint8Array, apart?: string): void;
  /** What a node's load is; where it came with the node's place, which is told seldom, as other news. */
  spreadLoad(member: Member, bytes: Uint8Array): void;
}

/** Makes a spreader. */
export function createSpreader(options: SpreaderOptions): Spreader {
  return new RoundSpreader(options);
}

const NEWS = repeatsFor(NEWS_REPEATS);

class RoundSpreader implements Spreader {
  readonly #options: SpreaderOptions;
  #lastMs = Number.NEGATIVE_INFINITY;
  #next: Timer | undefined;

  constructor(options: SpreaderOptions) {
    this.#options = options;
  }

  spread(node: string, bytes: Uint8Array, apart = ""): void {
    this.#options.news.add({ key: `${node}\n${apart}`, bytes, repeats: NEWS });
    this.#plan();
  }

  spreadLoad({ node, isPlaced }: Member, bytes: Uint8Array): void {
    if (isPlaced) this.spread(node, bytes, "place");
    else this.#options.loads.add(node, bytes);
    this.#plan();
  }

  #plan(): void {
    const { alarms, clock, timing } = this.#options;
    if (this.#next !== undefined) return;
    const waitMs = this.#lastMs + timing.gossipMs - clock.monotonic();
    this.#next = alarms.after(Math.max(0, waitMs), () => this.#round());
  }

  #round(): void {
    const { clock, random, table, courier, news, loads } = this.#options;
    this.#next = undefined;
    this.#lastMs = clock.monotonic();
    for (const neighbour of drawSome(table.neighbours(), FANOUT, random))
      if (news.size + loads.size > 0) courier.tell(neighbour, { kind: "news" });
    if (news.size + loads.size > 0) this.#plan();
  }
}

/** Encodes an entry for news: without its body where that is too large to go along, so that who needs it asks. */
export function encodeNews(entry: Entry): Uint8Array {
  const bytes = encodeEntry(entry);
  return bytes.length <= NEWS_BYTES_MAX ? bytes : encodeEntry({ ...entry, advert: undefined, load: undefined });
}

/** Where a member stands, without what it serves. */
export function headOf({ entry }: Member): Entry {
  return { ...entry, advert: undefined, load: undefined };
}
