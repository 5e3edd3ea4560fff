import type { Clock } from "@orrery/core";
import type { Digest } from "../lease/terms.ts";
import type { Quote } from "../quote/quote.ts";
import { QUOTES_MAX } from "./limits.ts";
import type { PodSession } from "./pod-session.ts";

/** A quote that can be taken, and the keys that a pod by it will have. */
export interface OpenQuote {
  readonly lease: Digest;
  readonly quote: Quote;
  readonly session: PodSession;
  /** Agent that asked for it. */
  readonly asker: string;
}

/**
 * Quotes that can be taken still. I1: there are so many at most; beyond it the oldest of whoever has the most goes, so that nobody takes away those of all
 * others. I2: one that is over is gone, keys and all.
 */
export interface QuoteBook {
  add(quote: OpenQuote): void;
  /** The quote that a lease is opened by; undefined where it was never made, is over, or had to go. */
  find(lease: Digest): OpenQuote | undefined;
  /** Forgets one that was taken. */
  take(lease: Digest): void;
  count(): number;
}

/** Seconds for which a quote that is over is kept: a lease that was opened in the last moment is started still. */
const LATE_S = 120;

/** Makes one without quotes. */
export function createQuoteBook(clock: Pick<Clock, "now">, max = QUOTES_MAX): QuoteBook {
  const quotes = new Map<Digest, OpenQuote>();
  const forget = () => {
    const nowS = clock.now() / 1_000;
    for (const [lease, { quote }] of quotes) if (quote.terms.expires + LATE_S < nowS) quotes.delete(lease); // I2
  };
  const makeRoom = () => {
    const counts = new Map<string, number>();
    for (const { asker } of quotes.values()) counts.set(asker, (counts.get(asker) ?? 0) + 1);
    const most = Math.max(...counts.values());
    const oldest = quotes.values().find(({ asker }) => counts.get(asker) === most);
    if (oldest !== undefined) quotes.delete(oldest.lease);
  };
  return {
    add: (quote) => {
      forget();
      if (quotes.size >= max) makeRoom(); // I1
      quotes.set(quote.lease, quote);
    },
    find: (lease) => {
      forget();
      return quotes.get(lease);
    },
    take: (lease) => void quotes.delete(lease),
    count: () => quotes.size,
  };
}
