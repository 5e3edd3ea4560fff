import { NEWS_MAX } from "./limits.ts";

/** How a piece of news is passed on. */
export interface NewsOptions {
  /** Newer news of the same key takes its place. */
  readonly key: string;
  /** The encoded entry. */
  readonly bytes: Uint8Array;
  /** Times it is told, by the size of the network when it is. */
  readonly repeats: (members: number) => number;
}

/** News that waits to be passed on, each piece a bounded number of times: what was told least goes first. */
export interface NewsQueue {
  readonly size: number;
  add(news: NewsOptions): void;
  /** Takes as much as fits into some bytes, and counts it as told. */
  take(options: { readonly bytesMax: number; readonly members: number }): readonly Uint8Array[];
  /** The same without counting: for what goes along with an answer, of which one asker may want many. */
  peek(bytesMax: number): readonly Uint8Array[];
}

/** Makes a queue with nothing in it. */
export function createNewsQueue(): NewsQueue {
  return new TieredNews();
}

/** I1: a piece is in the tier of the number of times it was told. I2: there are at most `NEWS_MAX`, and one for each key. */
class TieredNews implements NewsQueue {
  readonly #tiers: Map<string, NewsOptions>[] = [new Map()];
  readonly #tierOf = new Map<string, number>();

  get size(): number {
    return this.#tierOf.size;
  }

  add(news: NewsOptions): void {
    this.#remove(news.key); // I2
    if (this.size >= NEWS_MAX) this.#dropOne();
    this.#put(news, 0);
  }

  take({ bytesMax, members }: { readonly bytesMax: number; readonly members: number }): readonly Uint8Array[] {
    const fitting = this.#fitting(bytesMax);
    for (const { news, told } of fitting) {
      this.#remove(news.key);
      if (told < news.repeats(members)) this.#put(news, told);
    }
    return fitting.map(({ news }) => news.bytes);
  }

  peek(bytesMax: number): readonly Uint8Array[] {
    return this.#fitting(bytesMax).map(({ news }) => news.bytes);
  }

  #fitting(bytesMax: number): readonly { readonly news: NewsOptions; readonly told: number }[] {
    const fitting: { readonly news: NewsOptions; readonly told: number }[] = [];
    let bytesLeft = bytesMax;
    for (const [tier, pieces] of this.#tiers.entries()) {
      for (const news of pieces.values()) {
        if (bytesLeft < SMALLEST) return fitting;
        if (news.bytes.length > bytesLeft) continue;
        bytesLeft -= news.bytes.length + OVERHEAD;
        fitting.push({ news, told: tier + 1 });
      }
    }
    return fitting;
  }

  #put(news: NewsOptions, tier: number): void {
    while (this.#tiers.length <= tier) this.#tiers.push(new Map());
    this.#tiers[tier]?.set(news.key, news);
    this.#tierOf.set(news.key, tier); // I1
  }

  #remove(key: string): void {
    const tier = this.#tierOf.get(key);
    if (tier === undefined) return;
    this.#tiers[tier]?.delete(key);
    this.#tierOf.delete(key);
  }

  #dropOne(): void {
    const [key] = this.#tiers.findLast((pieces) => pieces.size > 0)?.keys() ?? [];
    if (key !== undefined) this.#remove(key);
  }
}

/** Bytes of the field around an entry. */
const OVERHEAD = 3;

/** Bytes that entries take in a message, as they are counted here. */
export function spaceOf(entries: readonly Uint8Array[]): number {
  return entries.reduce((sum, { length }) => sum + length + OVERHEAD, 0);
}

/** No entry has fewer bytes. */
const SMALLEST = 16;

/** How often news is told in a network of so many nodes, a factor before the logarithm. */
export function repeatsFor(factor: number): (members: number) => number {
  return (members) => factor * Math.max(1, Math.ceil(Math.log10(members + 1)));
}
