import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSeededRandom } from "@orrery/core/conformance";
import { type BillingRun, runBilling } from "../testing/billing-world.ts";
import { checkMoney } from "../testing/check-money.ts";
import { checkSteps, type StepEnds, tellSteps } from "../testing/outside.ts";
import { createSignupBeginning, type SignupRun } from "../testing/signup-world.ts";
import type { SignupStage } from "./signup.ts";

/** So many signups, each with the year of billing that follows; the long way takes 10,000, and `ORRERY_SEEDS` any number. */
const SEEDS = Number(process.env["ORRERY_SEEDS"] ?? (process.env["ORRERY_LONG"] === "1" ? 10_000 : 200));

/** Every stage, and the step that is written down with it. */
const STAGES: Readonly<Record<SignupStage, string>> = {
  code: "signups.add",
  confirmed: "code to confirmed",
  method: "confirmed to method",
  making: "method to making",
  paying: "making to paying",
  telling: "paying to telling",
  done: "telling to done",
  undoing: " to undoing",
  undone: "undoing to undone",
};
const LETTERS = ["mail.send Your code", "mail.send Your space"];

describe("createSignups, with faults and kills in every step, and a year of billing after it", () => {
  it(`never charges without service, nor serves without charge, and leaves nothing of what is undone, for ${SEEDS} seeds`, async (test) => {
    const seen = new Map<string, number>();
    const steps: StepEnds = new Map();
    const count = (what: string, by = 1) => void seen.set(what, (seen.get(what) ?? 0) + by);
    for (let seed = 1; seed <= SEEDS; seed++)
      try {
        const { run: signups, begin } = createSignupBeginning();
        const run = await runBilling(createSeededRandom(seed), { begin, deadly: 0.01, steps });
        checkMoney(run);
        checkUndone(run, signups);
        for (const end of signups.ends) count(end);
        for (const end of signups.joins) count(`join ${end}`);
        count("kills", run.kills);
        count("codes refused", signups.refused);
      } catch (error) {
        throw new Error(`with seed ${seed}: ${String(error)}`, { cause: error });
      }
    test.diagnostic(`${JSON.stringify(Object.fromEntries(seen))}; ${tellSteps(steps)}`);
    for (const what of ["done", "undone", "unproven", "join done", "join undone", "kills", "codes refused"])
      assert.ok((seen.get(what) ?? 0) > SEEDS / 50, `too few: ${what}, ${seen.get(what)}`);
    const suffixes = [...Object.values(STAGES), ...LETTERS];
    checkSteps(steps, { ends: ["before", "after", "killed before", "killed after"], oftenAt: 1_000, suffixes });
  });
});

/** What was undone left no Space, and nobody's money; nothing stands on its way. */
function checkUndone({ months, filed, provider, spaces, standing }: BillingRun, signups: SignupRun): void {
  assert.deepEqual(signups.left(), []);
  assert.equal(spaces.length, standing === "removed" ? 0 : 1, `there are ${spaces}`);
  const own = filed.get(months[0]?.invoice ?? "")?.space;
  for (const [id, { amount, space, state, refunded, number }] of filed) {
    const isOfSuccess = space === own && number >= (filed.get(months[0]?.invoice ?? "")?.number ?? 0);
    if (isOfSuccess) continue;
    assert.notEqual(state, "open", `${id} is open, and its signup is undone`);
    const charge = provider.charges.get(id);
    const back = [...(charge?.refunds.values() ?? [])].reduce((sum, one) => sum + one, 0);
    if (charge?.state === "paid") assert.deepEqual([refunded, back], [amount, amount], `${id} is paid, and was undone`);
  }
}
