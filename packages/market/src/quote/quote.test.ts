import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { privateKeyToAccount } from "viem/accounts";
import { NO_DIGEST, NOBODY } from "../lease/terms.ts";
import { RESERVED, USED } from "../meter/prices.ts";
import { createCapacity } from "./capacity.ts";
import { HOUR_S, type PriceList, perHourOf, type Quote, type QuoteRequest, signQuote, termsOf } from "./quote.ts";
import { readQuote, writeQuote } from "./quote-json.ts";
import { type QuoteExpected, verifyQuote } from "./verify-quote.ts";

const KEY = privateKeyToAccount(`0x${"1".repeat(64)}`);
const OTHER = privateKeyToAccount(`0x${"2".repeat(64)}`);
const DOMAIN = { chainId: 31_337, contract: OTHER.address };
const NOW_S = 2_000_000_000;
const LIST: PriceList = {
  prices: { cpu: 1_543n, memory: 7n, storage: 1n, ip: 99n, gpu: 5_000n, egress: 40n, ingress: 3n },
  bondS: 86_400,
  validS: 600,
  conditions: {
    ...{ challengeBond: 10n, beatPeriod: 60, grace: 300, challengeWindow: 3_600, responseWindow: 600 },
    ...{ publisherNotice: 7_200, providerNotice: 86_400, startWindow: 600, restBudget: 3_600 },
    ...{ tier1: 3_600, factor1: 1, tier2: 86_400, factor2: 3, factor3: 10, earningsFactor: 0 },
    ...{ challengerShare: 1_000, quorum: 0, watchers: NO_DIGEST },
  },
};
const REQUEST: QuoteRequest = {
  publisher: OTHER.address,
  manifest: `0x${"7".repeat(64)}`,
  policy: `0x${"8".repeat(64)}`,
  reserved: { cpu: 2_000n, memory: 512n },
  usedAtMost: { egress: 9_000n },
};
const EXPECTED: QuoteExpected = { ...REQUEST, domain: DOMAIN, nowS: NOW_S };

async function quoteOf(request: QuoteRequest = REQUEST): Promise<Quote> {
  const terms = termsOf(LIST, request, { provider: KEY.address, nowS: NOW_S, nonce: 1n });
  const { reserved, usedAtMost } = request;
  return signQuote({ terms, prices: LIST.prices, reserved, usedAtMost, domain: DOMAIN }, { key: KEY });
}

describe("quotes", () => {
  it("are good for what was asked, and read as they were written", async () => {
    const quote = await quoteOf();
    const checks = await verifyQuote(readQuote(writeQuote(quote)), EXPECTED);
    assert.deepEqual(
      checks.filter(({ fault }) => fault !== undefined),
      [],
    );
    assert.equal(checks.length, 10);
    assert.deepEqual(readQuote(writeQuote(quote)), quote);
    const forAnybody = await quoteOf({ ...REQUEST, publisher: NOBODY });
    assert.ok((await verifyQuote(forAnybody, EXPECTED)).every(({ fault }) => fault === undefined));
  });

  it("are refused by name for whatever is not as it should be", async () => {
    const quote = await quoteOf();
    const changed = (part: Partial<Quote["terms"]>): Quote => ({ ...quote, terms: { ...quote.terms, ...part } });
    const resigned = (part: Partial<Quote>) => signQuote({ ...quote, ...part }, { key: KEY });
    const faults = async (one: Quote, more: Partial<QuoteExpected> = {}) =>
      (await verifyQuote(one, { ...EXPECTED, ...more })).flatMap(({ name, fault }) =>
        fault === undefined ? [] : name,
      );
    assert.deepEqual(await faults(quote, { nowS: NOW_S + 600 }), ["expires"]);
    assert.deepEqual(await faults(quote, { publisher: KEY.address }), ["publisher"]);
    assert.deepEqual(await faults(quote, { manifest: NO_DIGEST }), ["manifest"]);
    assert.deepEqual(await faults(quote, { policy: NO_DIGEST }), ["policy"]);
    assert.deepEqual(await faults(quote, { domain: { ...DOMAIN, chainId: 1 } }), ["domain"]);
    assert.deepEqual(await faults(quote, { reserved: { cpu: 1_000n, memory: 512n } }), ["resources"]);
    assert.deepEqual(await faults(changed({ rate: 1n })), ["signature", "rate"]);
    assert.deepEqual(await faults({ ...quote, signature: "0x00" }), ["signature"]);
    assert.deepEqual(await faults(await signQuote(quote, { key: OTHER })), ["signature"], "by somebody else");
    assert.deepEqual(await faults(await resigned(changed({ rate: quote.terms.rate + 1n }))), ["rate"]);
    assert.deepEqual(await faults(await resigned(changed({ usageCap: 0n }))), ["usageCap"]);
    assert.deepEqual(await faults(await resigned(changed({ responseWindow: 0 }))), ["terms"]);
    assert.deepEqual(await faults(await resigned({ prices: { cpu: 1_543n } })), ["rate", "usageCap"]);
    assert.deepEqual(await faults(await resigned({ prices: { ...LIST.prices, memory: 8n } })), ["rate"]);
  });

  it("come to the exact sum of price times request, whatever is asked for", () => {
    const amounts = (names: readonly string[]) =>
      fc.record(Object.fromEntries(names.map((name) => [name, fc.bigInt({ min: 0n, max: 1_000_000n })])));
    const property = fc.property(amounts(RESERVED), amounts(USED), (reserved, usedAtMost) => {
      fc.pre((reserved["cpu"] ?? 0n) > 0n);
      const terms = termsOf(
        LIST,
        { ...REQUEST, reserved, usedAtMost },
        { provider: KEY.address, nowS: NOW_S, nonce: 1n },
      );
      const sum = (of: Record<string, bigint>) =>
        Object.entries(of).reduce((all, [name, amount]) => all + amount * (LIST.prices[name as "cpu"] ?? 0n), 0n);
      assert.equal(perHourOf(terms).reserved, sum(reserved) * BigInt(HOUR_S));
      const used = perHourOf(terms).atMost - perHourOf(terms).reserved;
      assert.ok(
        used >= sum(usedAtMost) && used < sum(usedAtMost) + BigInt(HOUR_S),
        "a billionth a second too much at most",
      );
    });
    fc.assert(property);
  });

  it("are read from nothing else", async () => {
    const text = writeQuote(await quoteOf());
    for (const [part, instead, why] of [
      ['"rate":"', '"rate":"-', /"terms\.rate" is "-\d+": write digits as text, for a whole number below 2\^64/],
      [
        '"beatPeriod":60',
        '"beatPeriod":60.5',
        /"terms\.beatPeriod" is 60\.5: write a whole number from 0 to 4294967295/,
      ],
      ['"beatPeriod":60,', "", /"terms\.beatPeriod" is missing/],
      ['"cpu"', '"cups"', /"prices\.cups" is no resource: write one of cpu, memory/],
      ['"signature":"0x', '"signature":"1x', /"signature" is "1x.*: write 0x and 65 bytes in hex/],
      ['"chainId":31337', '"chainId":"31337"', /"domain\.chainId" is "31337"/],
      ['{"terms"', '["terms"', /it is no JSON/],
      [text, "[]", /it is \[\]: write an object/],
    ] as const)
      assert.throws(() => readQuote(text.replace(part, instead)), why);
  });
});

describe("createCapacity", () => {
  it("holds all or nothing, says what is short, and has back what is given back", () => {
    const capacity = createCapacity({ cpu: 1_000n, memory: 1_024n });
    capacity.hold("one", { cpu: 600n, memory: 24n });
    assert.throws(
      () => capacity.hold("two", { cpu: 2_000n, memory: 1_001n, ip: 1n }),
      /insufficient capacity: cpu \(2000 asked for, 400 free\), memory \(1001 asked for, 1000 free\), ip \(1 asked for, 0 free\)/,
    );
    assert.deepEqual(capacity.free(), { cpu: 400n, memory: 1_000n, storage: 0n, ip: 0n, gpu: 0n });
    assert.throws(() => capacity.hold("one", {}), /it holds some/);
    capacity.release("one");
    capacity.release("one");
    assert.deepEqual(capacity.free()["cpu"], 1_000n);
  });

  it("never holds more than there is, whatever comes and goes", () => {
    const step = fc.record({
      name: fc.constantFrom("a", "b", "c", "d"),
      cpu: fc.bigInt({ min: 0n, max: 12n }),
      goes: fc.boolean(),
    });
    const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const capacity = createCapacity({ cpu: 10n });
      const held = new Map<string, bigint>();
      for (const { name, cpu, goes } of steps) {
        if (goes) {
          capacity.release(name);
          held.delete(name);
        } else
          try {
            capacity.hold(name, { cpu });
            assert.ok(!held.has(name));
            held.set(name, cpu);
          } catch {
            const free = 10n - [...held.values()].reduce((sum, one) => sum + one, 0n);
            assert.ok(held.has(name) || cpu > free);
          }
        const sum = [...held.values()].reduce((all, one) => all + one, 0n);
        assert.equal(capacity.free().cpu, 10n - sum);
        assert.ok(sum <= 10n);
      }
    });
    fc.assert(property);
  });
});
