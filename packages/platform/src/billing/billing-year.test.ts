import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSeededRandom } from "@orrery/core/conformance";
import { runBilling } from "../testing/billing-world.ts";
import { checkBooks, checkMoney } from "../testing/check-money.ts";

/** So many years of billing; the long way takes 10,000. */
const SEEDS = process.env["ORRERY_LONG"] === "1" ? 10_000 : 300;

describe("createBilling, for a year with faults in every step", () => {
  it(`never charges without service, nor serves without charge beyond grace, for ${SEEDS} seeds`, async () => {
    const seen = new Map<string, number>();
    for (let seed = 1; seed <= SEEDS; seed++) {
      const run = await told(seed, () => runBilling(createSeededRandom(seed)));
      told(seed, () => checkMoney(run));
      for (const standing of run.standings) seen.set(standing, (seen.get(standing) ?? 0) + 1);
    }
    for (const standing of ["active", "grace", "suspended", "ended", "removed"])
      assert.ok((seen.get(standing) ?? 0) > SEEDS / 20, `too few runs were ${standing}: ${seen.get(standing)}`);
  });

  it(`has the provider's books and ours the same, with extras, for ${SEEDS} seeds`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const run = await told(seed, () => runBilling(createSeededRandom(seed), { extras: true }));
      told(seed, () => checkBooks(run));
    }
  });
});

function told<T>(seed: number, run: () => T): T {
  const tell = (error: unknown) => {
    throw new Error(`with seed ${seed}: ${String(error)}`, { cause: error });
  };
  try {
    const answer = run();
    return (answer instanceof Promise ? answer.catch(tell) : answer) as T;
  } catch (error) {
    return tell(error);
  }
}
