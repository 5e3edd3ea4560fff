import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Digest } from "../lease/terms.ts";
import { createQuoteBook, type OpenQuote } from "./quote-book.ts";

/** A quote that is good until a time, in seconds. */
function quoteOf(number: number, { asker = "anonymous", expires = 1_000 } = {}): OpenQuote {
  const lease: Digest = `0x${String(number).padStart(64, "0")}`;
  return { lease, asker, quote: { terms: { expires } }, session: {} } as unknown as OpenQuote;
}

describe("createQuoteBook", () => {
  it("forgets quotes two minutes after they are over, and those that were taken", () => {
    let nowS = 0;
    const book = createQuoteBook({ now: () => nowS * 1_000 });
    const [one, two] = [quoteOf(1), quoteOf(2, { expires: 2_000 })];
    book.add(one);
    book.add(two);
    nowS = 1_119;
    assert.equal(book.find(one.lease), one);
    nowS = 1_121;
    assert.equal(book.find(one.lease), undefined);
    assert.equal(book.find(two.lease), two);
    book.take(two.lease);
    assert.equal(book.find(two.lease), undefined);
    assert.equal(book.count(), 0);
  });

  it("has so many at most, and takes the oldest of whoever has the most", () => {
    const book = createQuoteBook({ now: () => 0 }, 4);
    const honest = quoteOf(1, { asker: "wallet:0x1" });
    book.add(honest);
    const flood = Array.from({ length: 9 }, (_, at) => quoteOf(10 + at));
    for (const quote of flood) book.add(quote);
    assert.equal(book.count(), 4);
    assert.equal(book.find(honest.lease), honest);
    assert.deepEqual(
      flood.map(({ lease }) => book.find(lease) !== undefined),
      [...Array(6).fill(false), true, true, true],
    );
  });
});
