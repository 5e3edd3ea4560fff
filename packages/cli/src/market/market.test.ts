import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { HOUR_S, type Prices, penaltyOf, type Quote, RATE_SCALE, rateOf } from "@orrery/market";
import { openTestMarket, type TestMarket } from "../testing/market.ts";
import { PROGRAM } from "../testing/pods.ts";

/** What JSON of leases says. */
interface LeaseFacts {
  readonly lease: string;
  readonly stage: string;
  readonly deposit: string;
  readonly paid: string;
  readonly claimable: string;
  readonly remaining: string;
  readonly meteredS: number;
}

interface Balance {
  readonly wallet: string;
  readonly contract: string;
  readonly leases: readonly LeaseFacts[];
}

const pod = (name: string, { cpu = "100m", more = "" } = {}) =>
  `name: ${name}\ncontainers:\n  web:\n    image: ./hello\n    ports: [{ port: 8080, host: ${name}.test }]\n    cpu: ${cpu}\n${more}`;

describe("a market on one machine", () => {
  let market: TestMarket;
  before(async () => {
    market = await openTestMarket(2);
    market.write("hello/server.js", PROGRAM);
    market.write("hello.yaml", pod("hello"));
  });
  after(() => market?.[Symbol.asyncDispose]());
  const balance = () => market.json<Balance>("balance");
  const url = (number: number) => market.bench.status().providers[number]?.url ?? "";

  it("runs a pod for whoever has money and the URL of one provider, and gives back what is not used", async () => {
    const { wallet } = await balance();
    const said = await market.done(`pod deploy hello.yaml --provider=${url(0)} --deposit=5`);
    assert.match(said, /^hello is running, healthy$/m);
    assert.deepEqual(await market.ask("hello.test"), { status: 200, body: "hello" });
    assert.equal(BigInt((await balance()).wallet), BigInt(wallet) - 5_000_000n);
    await market.done("pod delete"); // There is one.
    assert.equal((await market.ask("hello.test")).status, 404);
    await market.done("dev clock +240");
    await market.done("lease settle hello");
    assert.deepEqual(await balance(), { ...(await balance()), wallet, contract: "0", leases: [] });
  });

  it("gives a signed price whose sums are right, with evidence of this nonce, and moves no money", async () => {
    const before = await balance();
    const said = await market.json<
      { readonly good: boolean; readonly perHour: Record<string, string>; readonly stake: string } & {
        readonly quote: Quote;
        readonly evidence: { readonly claims: Record<string, string> };
      }
    >("quote hello.yaml --nonce=n1");
    const { prices, reserved, terms } = said.quote;
    const numbers = (of: object) =>
      Object.fromEntries(Object.entries(of).map(([name, text]) => [name, BigInt(text)])) as Prices;
    assert.equal(said.good, true);
    assert.equal(
      said.perHour["reservedBillionths"],
      String(rateOf(numbers(prices), numbers(reserved)) * BigInt(HOUR_S)),
    );
    assert.equal(String(terms.rate), String(rateOf(numbers(prices), numbers(reserved))));
    assert.deepEqual(
      [said.evidence.claims["nonce"], /^0x[0-9a-f]{40}$/.test(said.evidence.claims["session"] ?? "")],
      ["n1", true],
    );
    assert.ok(BigInt(said.stake) > 0n && terms.expires > 0);
    assert.deepEqual(await balance(), before);
  });

  it("meters an hour to the second and prices it to the unit, and pays no more when the lease ends", async () => {
    const first = await balance();
    await market.done("pod deploy hello.yaml --deposit=5");
    await market.done("pod fund hello.yaml 100");
    const { terms } = await market.json<{ readonly terms: { readonly rate: string } }>("lease status hello");
    await market.done("dev clock +3600");
    const due = (BigInt(terms.rate) * 3_600n + RATE_SCALE - 1n) / RATE_SCALE;
    const { leases, wallet } = await balance();
    const { meteredS, claimable, paid, remaining } = leases[0] ?? assert.fail();
    assert.equal(meteredS, 3_600);
    assert.deepEqual([BigInt(claimable) + BigInt(paid), BigInt(remaining)], [due, 105_000_000n - due]);
    assert.equal(BigInt(wallet), BigInt(first.wallet) - 105_000_000n);
    await market.done("pod close hello");
    await market.done("dev clock +240");
    await market.done("lease settle hello");
    assert.equal(BigInt((await balance()).wallet), BigInt(first.wallet) - due);
    await market.done("pod delete hello"); // Its volumes would be kept for a while.
  });

  it("takes no money for a pod that does not fit, and says what is short", async () => {
    market.write("large.yaml", pod("large", { cpu: "3" }));
    market.write("larger.yaml", pod("larger", { cpu: "2" }));
    await market.done("pod deploy large.yaml");
    const before = await balance();
    const { exit, err } = await market.orrery("pod deploy larger.yaml");
    assert.equal(exit, 1);
    assert.match(err, /insufficient capacity: cpu \(2000 asked for, 1000 free\)/);
    assert.equal((await balance()).wallet, before.wallet);
    await market.done("pod delete large");
    await market.done("dev clock +240");
    await market.done("lease settle large");
  });

  it("takes a provider that goes dark for what its terms say, and gives it to the publisher", async () => {
    market.write("dear.yaml", pod("dear", { cpu: "2" }));
    await market.done("pod deploy dear.yaml --deposit=5");
    await market.done("dev clock +1800");
    const first = BigInt((await balance()).wallet);
    await market.done("dev kill provider-1 --dark");
    await assert.rejects(market.ask("dear.test"));
    await market.done("dev clock +600");
    await market.done("lease challenge dear");
    await market.done("dev clock +121");
    await market.done("lease fail dear");
    await market.done("dev clock +120");
    const found = await market.json<{ readonly state: Record<string, number>; readonly terms: Quote["terms"] }>(
      "lease status dear",
    );
    await market.done("lease settle dear");
    const { paid, stage } = await market.json<LeaseFacts>("lease status dear");
    const { settlesAt = 0, lastBeat = 0, startedAt = 0 } = found.state;
    const rate = BigInt(found.terms.rate);
    const served = (rate * BigInt(Math.min(lastBeat - startedAt, 1_800)) + RATE_SCALE - 1n) / RATE_SCALE;
    assert.ok(lastBeat > startedAt && BigInt(paid) > 0n, "it had proven some of it");
    assert.deepEqual([stage, BigInt(paid)], ["Settled", served]);
    const terms = Object.fromEntries(
      Object.entries(found.terms).map(([name, value]) => [
        name,
        /^\d+$/.test(String(value)) && ["rate", "bond"].includes(name) ? BigInt(value) : Number(value),
      ]),
    );
    const penalty = penaltyOf(terms as never, settlesAt - lastBeat, BigInt(paid));
    const share = (penalty * BigInt(found.terms.challengerShare)) / 10_000n; // Who challenged is the publisher itself: all of it comes here.
    assert.ok(penalty > share);
    assert.equal(BigInt((await balance()).wallet), first + 5_000_000n - BigInt(paid) + penalty);
    await market.done("dev start provider-1");
  });

  it("lets a provider that serves answer a challenge, and have the bond", async () => {
    await market.done("pod deploy hello.yaml");
    await market.done("dev clock +61");
    const before = BigInt((await balance()).wallet);
    await market.done("lease challenge hello");
    await market.done("dev clock +120");
    const { stage, state } = await market.json<LeaseFacts & { readonly state: { readonly answerBy: number } }>(
      "lease status hello",
    );
    assert.deepEqual([stage, state.answerBy], ["Active", 0]);
    assert.equal(BigInt((await balance()).wallet), before - 1_000_000n);
    await market.done("pod delete hello");
  });
});
