import type { Random, Timer } from "@orrery/core";
import type { Link } from "@orrery/core/internal";
import type { Alarms } from "./alarms.ts";
import type { Courier } from "./courier.ts";
import { drawSome, shuffled } from "./draw-some.ts";
import { encodeEntry } from "./entry-codec.ts";
import type { Said } from "./gossip-codec.ts";
import { JOINS_MAX } from "./limits.ts";
import type { LoadNews } from "./load-news.ts";
import type { Member } from "./member.ts";
import type { MemberTable } from "./member-table.ts";
import type { OwnRecord } from "./own-record.ts";
import type { GossipTiming } from "./timing.ts";

/** Options of a syncer. */
export interface SyncerOptions {
  readonly alarms: Alarms;
  readonly random: Random;
  readonly table: MemberTable;
  readonly courier: Courier;
  readonly loads: LoadNews;
  /** Absent for one that only looks. */
  readonly own: OwnRecord | undefined;
  readonly timing: GossipTiming;
  readonly seeds: readonly string[];
  /** Told now and then which addresses are of use: others may be given up. */
  readonly onSweep: (isOfUse: (address: string) => boolean) => void;
}

/** What another knows, as sums. */
export type Digest = Omit<Said & { readonly kind: "digest" }, "kind">;

/**
 * Compares all that is known with others: with a neighbour now and then, with seeds at the beginning and while nobody is known, and with
 * nodes that are gone, so that a network that fell apart becomes one again.
 */
export interface Syncer {
  start(): void;
  /** Adds addresses at which to look for the network, and looks. */
  join(addresses: readonly string[]): void;
  /** Takes what another knows, and sends what differs. */
  compare(link: Link, digest: Digest): void;
  /** Sends all that is known of some nodes. */
  answerWant(link: Link, nodes: readonly string[]): void;
  /** Somebody waits for news: one that only looks, looks more often for a while. */
  hurry(): void;
}

/** Makes a syncer. */
export function createSyncer(options: SyncerOptions): Syncer {
  return new DigestSyncer(options);
}

/** How often one that only looks does so at least, and while somebody waits, in ms. */
const LOOK_MAX_MS = 5_000;
const HURRY_MS = 100;

class DigestSyncer implements Syncer {
  readonly #options: SyncerOptions;
  readonly #places: Set<string>;
  #intervalMs: number;
  #turn: Timer | undefined;
  #retry: Timer | undefined;

  constructor(options: SyncerOptions) {
    this.#options = options;
    this.#places = new Set(options.seeds);
    this.#intervalMs = options.timing.syncMinMs;
  }

  start(): void {
    this.#lookAround();
    this.#planTurn();
  }

  join(addresses: readonly string[]): void {
    for (const address of addresses) this.#places.add(address);
    if (this.#turn !== undefined) this.#lookAround();
  }

  compare(link: Link, { buckets, loads, isAnswer }: Digest): void {
    const { table, courier, own, timing } = this.#options;
    const differing = differenceOf(table.sums, buckets);
    if (own !== undefined) {
      const late = differenceOf(table.loadSums, loads).filter((bucket) => !differing.includes(bucket));
      const whole = differing.flatMap((bucket) => table.inBucket(bucket).map(({ bytes }) => bytes));
      courier.sendPages(link, [...whole, ...this.#loadsOf(late.flatMap((bucket) => table.inBucket(bucket)))]);
    }
    if (!isAnswer) {
      if (own !== undefined) courier.reply(link, this.#digest(true));
      return;
    }
    const mostMs = own === undefined ? Math.min(LOOK_MAX_MS, timing.syncMaxMs) : timing.syncMaxMs;
    this.#intervalMs = differing.length > 0 ? timing.syncMinMs : Math.min(mostMs, this.#intervalMs * 2);
  }

  answerWant(link: Link, nodes: readonly string[]): void {
    const { table, courier } = this.#options;
    courier.sendPages(
      link,
      nodes.flatMap((node) => table.get(node)?.bytes ?? []),
    );
  }

  hurry(): void {
    if (this.#options.own !== undefined || this.#turn === undefined) return;
    // Once is enough: were each who waits to put the turn off anew, it would never come.
    if (this.#intervalMs === HURRY_MS) return;
    this.#intervalMs = HURRY_MS;
    this.#turn.cancel();
    this.#planTurn();
  }

  /** Loads of members, by lot as many as may be said: what is missed is found in one of the next comparisons. */
  #loadsOf(members: readonly Member[]): readonly Uint8Array[] {
    const { loads, random } = this.#options;
    const told: Uint8Array[] = [];
    for (const { entry } of shuffled(members, random)) {
      if (entry.load === undefined) continue;
      const bytes = encodeEntry({ ...entry, advert: undefined });
      if (!loads.mayAnswer(bytes.length)) break;
      told.push(bytes);
    }
    return told;
  }

  #planTurn(): void {
    const { alarms, random, table, courier } = this.#options;
    const waitMs = this.#intervalMs * (0.75 + 0.5 * random.next());
    this.#turn = alarms.after(waitMs, () => {
      const [partner] = drawSome(table.neighbours(), 1, random);
      if (partner !== undefined) courier.tell(partner, this.#digest(false));
      this.#planTurn();
    });
  }

  #lookAround(): void {
    const { alarms, random, timing } = this.#options;
    this.#retry?.cancel();
    const isAlone = this.#isAlone();
    const taken = this.#taken();
    const [places, gone] = this.#missing(taken);
    if (!isAlone) this.#options.onSweep((address) => taken.has(address));
    // Seeds first, while there is nobody; afterwards one of all that are missing, whichever.
    const some = isAlone ? drawSome(places, JOINS_MAX, random) : drawSome([...places, ...gone], 1, random);
    const rest = isAlone ? drawSome(gone, JOINS_MAX - some.length, random) : [];
    for (const address of [...some, ...rest]) this.#ask(address);
    const waitMs = isAlone ? timing.syncMinMs : timing.retryMs * (0.75 + 0.5 * random.next());
    this.#retry = alarms.after(waitMs, () => this.#lookAround());
  }

  #ask(address: string): void {
    const { table, courier, own } = this.#options;
    const about = own === undefined ? [] : [table.self.bytes];
    courier.tellAt(address, this.#digest(false), about);
  }

  #digest(isAnswer: boolean): Said {
    const { sums, loadSums } = this.#options.table;
    return { kind: "digest", buckets: sums, loads: loadSums, isAnswer };
  }

  #isAlone(): boolean {
    return this.#options.table.there <= (this.#options.own === undefined ? 0 : 1);
  }

  /** Addresses of nodes that are there. */
  #taken(): ReadonlySet<string> {
    const there = [...this.#options.table.all()].filter(({ isThere }) => isThere);
    return new Set(there.flatMap(({ addresses }) => addresses));
  }

  /** Addresses of places where nobody is known to be, and of nodes that are gone. */
  #missing(taken: ReadonlySet<string>): readonly [readonly string[], readonly string[]] {
    const dead = [...this.#options.table.all()].filter(({ status }) => status === "dead");
    const gone = dead.flatMap(({ addresses }) => addresses.slice(0, 1));
    const isFree = (address: string) => !taken.has(address);
    return [[...this.#places].filter(isFree), gone.filter(isFree)];
  }
}

/** Buckets whose sums differ. */
function differenceOf(own: readonly number[], theirs: readonly number[]): readonly number[] {
  return own.flatMap((sum, bucket) => (sum === theirs[bucket] ? [] : [bucket]));
}
