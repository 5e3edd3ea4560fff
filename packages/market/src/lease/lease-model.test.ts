import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSeededRandom } from "@orrery/core/conformance";
import { assertLawful, endAlone, modelMaker, momentOf } from "../testing/lease-invariants.ts";
import { noChain } from "../testing/play/cast.ts";
import { LeasePlay } from "../testing/play/lease-play.ts";
import type { Account } from "./terms.ts";

const SEEDS = Number(process.env["ORRERY_SEEDS"] ?? 150);
const CALLS = 150;

const account = (letter: string): Account => `0x${letter.repeat(40)}`;
const CAST = {
  ...{ publisher: account("a"), payer: account("b"), providers: [account("c"), account("d")], stranger: account("e") },
  ...{ sessions: [account("1"), account("2")], watchers: [account("3"), account("4"), account("5")] },
  keys: new Map([account("1"), account("2")].map((one) => [one, undefined as never])),
};

describe("LeaseModel", () => {
  it(`keeps the rules of leases in ${SEEDS} plays of ${CALLS} calls, and either side can end alone`, async (t) => {
    const ends = new Map<string, number>();
    for (let seed = 0; seed < SEEDS; seed++) {
      const play = new LeasePlay({ chain: noChain(), random: createSeededRandom(seed), cast: CAST, at: 2_000_000_000 });
      for (let call = 0; call < CALLS; call++) {
        const before = momentOf(play.leases, play.accounts);
        const { text, told } = await play.step();
        const why = `seed ${seed}, call ${call}: ${text} ${told}`;
        try {
          assert.equal(play.sum(), play.accounts.held, "I1");
          assertLawful(before, momentOf(play.leases, play.accounts), play.vouched);
        } catch (error) {
          throw new Error(why, { cause: error });
        }
      }
      for (const [at, lease] of play.leases.entries()) {
        const { stage, publisher } = lease.state();
        ends.set(stage, (ends.get(stage) ?? 0) + 1);
        const caller = (seed + at) % 2 === 0 ? publisher : lease.terms.provider;
        const make = modelMaker(lease, caller);
        if (stage !== "None") await endAlone(lease, { caller, from: play.now(), make });
      }
      assert.equal(play.sum(), play.accounts.held, "I1");
    }
    t.diagnostic([...ends].map(([stage, count]) => `${stage} ${count}`).join(", "));
  });
});
