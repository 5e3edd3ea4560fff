import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSeededRandom } from "@orrery/core/conformance";
import { runBilling } from "../testing/billing-world.ts";
import { checkBooks, checkMoney } from "../testing/check-money.ts";
import { checkSteps, type StepEnds, tellSteps } from "../testing/outside.ts";
import type { Notice, Standing } from "./subscription.ts";

/** So many years of billing; the long way takes 10,000, and `ORRERY_SEEDS` any number. */
const SEEDS = Number(process.env["ORRERY_SEEDS"] ?? (process.env["ORRERY_LONG"] === "1" ? 10_000 : 300));

/** Every standing, and how it is written down that a bill comes to stand so. */
const STANDINGS: Readonly<Record<Standing, string>> = {
  starting: "none to starting",
  active: " to active",
  grace: " to grace",
  suspended: " to suspended",
  ended: " to ended",
  removed: " to removed",
};

const NOTICES: Readonly<Record<Notice, string>> = {
  declined: "tell declined",
  suspended: "tell suspended",
  resumed: "tell resumed",
  removal: "tell removal",
  ended: "tell ended",
  removed: "tell removed",
};

describe("createBilling, for a year with faults in every step", () => {
  it(`never charges without service, nor serves without charge beyond grace, for ${SEEDS} seeds`, async (test) => {
    const seen = new Map<string, number>();
    const steps: StepEnds = new Map();
    for (let seed = 1; seed <= SEEDS; seed++) {
      const run = await told(seed, () => runBilling(createSeededRandom(seed), { steps, deadly: 0.002 }));
      told(seed, () => checkMoney(run));
      for (const standing of run.standings) seen.set(standing, (seen.get(standing) ?? 0) + 1);
    }
    test.diagnostic(tellSteps(steps));
    for (const standing of ["active", "grace", "suspended", "ended", "removed"])
      assert.ok((seen.get(standing) ?? 0) > SEEDS / 20, `too few runs were ${standing}: ${seen.get(standing)}`);
    const suffixes = [...Object.values(STANDINGS), ...Object.values(NOTICES)];
    checkSteps(steps, { ends: ["before", "after"], oftenAt: 500, suffixes });
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
