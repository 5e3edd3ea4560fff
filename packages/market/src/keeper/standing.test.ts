import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Reading } from "../chain/lease-chain.ts";
import type { LeaseState } from "../lease/lease-state.ts";
import { NO_DIGEST, NOBODY } from "../lease/terms.ts";
import { termsOf } from "../testing/chain/chain-harness.ts";
import { fundsUntil, STANDING_STEPS, type Standing, type StandingStep, standingOf } from "./standing.ts";

const NOW = 2_000_000_000;
const DAY = 86_400;
/** Two units a second. */
const terms = termsOf(1, NOW);

const LEASE: LeaseState = {
  ...{ stage: "Active", publisher: NOBODY, payer: NOBODY, session: NOBODY, challenger: NOBODY },
  ...{ openedAt: NOW - 1_000, startedAt: NOW - 900, endsAt: 0, settlesAt: 0, covered: 100, excluded: 0, judgedTo: 0 },
  ...{ lastBeat: NOW - 800, payableAt: 0, answerBy: 0, calmUntil: 0, challengedIn: 0, restFrom: 0, restTo: 0 },
  ...{ returnedAt: 0, darkTo: 0, restUsed: 0, restPeriod: 0, deposit: 1_000_000n, paid: 0n, proposed: 0n },
};

const reading = (lease: Partial<LeaseState>, at = NOW): Reading => ({
  kind: "known",
  block: { number: 7, hash: NO_DIGEST, at },
  state: { leases: [{ ...LEASE, ...lease }], accounts: [], providers: [] },
});
const unknown: Reading = { kind: "unknown", why: "the node is behind" };

const PAID = {};
const SCARCE = { deposit: 300n }; // 200 of it are owed: it lasts 50 seconds.
const SPENT = { deposit: 200n };
const DRAINED = { deposit: 200n, stage: "Overdrawn", endsAt: NOW - 10, settlesAt: NOW + 100 } as const;
const NOTICED = { stage: "Closing", endsAt: NOW + 10, settlesAt: NOW + 200 } as const;
const ENDED = { stage: "Closing", endsAt: NOW - 10, settlesAt: NOW + 200 } as const;
const SETTLED = { stage: "Settled" } as const;

const judge = (step: StandingStep, since: number, readings: { latest: Reading; finalized: Reading }) => {
  const before: Standing = { step, since, why: "before" };
  return standingOf({ terms, before, ...readings, owed: 200n, warnS: 100, keepS: 7 * DAY });
};

describe("standingOf", () => {
  for (const [from, latest, finalized, to, what] of [
    ["run", PAID, PAID, "run", "a lease that is paid for"],
    ["run", SCARCE, SCARCE, "warn", "funds that are scarce"],
    ["run", SCARCE, PAID, "run", "funds that are scarce by the newest block alone"],
    ["run", PAID, SCARCE, "run", "funds that were scarce"],
    ["warn", PAID, SCARCE, "run", "money that came in the newest block"],
    ["warn", SPENT, SPENT, "warn", "a deposit that is used up, and the chain was not told"],
    ["warn", DRAINED, SPENT, "suspend", "a deposit that is used up, and the chain was told"],
    ["warn", DRAINED, SCARCE, "warn", "a deposit that is used up by no block that stays"],
    ["run", DRAINED, DRAINED, "suspend", "one that was used up while nobody looked"],
    ["suspend", SPENT, DRAINED, "suspend", "a reorganisation that took back what the chain was told"],
    ["suspend", PAID, DRAINED, "run", "money that came for what was suspended"],
    ["suspend", SCARCE, DRAINED, "warn", "little money that came for what was suspended"],
    ["run", NOTICED, NOTICED, "warn", "notice that was given"],
    ["warn", ENDED, ENDED, "suspend", "notice that is over"],
    ["warn", { ...NOTICED, ...SPENT }, { ...NOTICED, ...SPENT }, "suspend", "notice without money"],
    ["run", { stage: "Defaulted" }, { stage: "Defaulted" }, "suspend", "a provider that was found dark"],
    ["run", SETTLED, SETTLED, "keep", "a lease that is over"],
    ["suspend", SETTLED, DRAINED, "suspend", "a lease that is over by the newest block alone"],
    ["run", { stage: "None" }, { stage: "None" }, "keep", "a lease that a reorganisation took away"],
    ["run", PAID, { stage: "None" }, "run", "a lease that is too young to stay"],
    ["keep", PAID, PAID, "run", "one that came back with a reorganisation"],
    ["run", { stage: "Open" }, { stage: "Open" }, "run", "a lease that has not begun"],
    ["delete", PAID, PAID, "delete", "one that is deleted"],
  ] as const)
    it(`goes from ${from} to ${to} by ${what}`, () => {
      const standing = judge(from, NOW - 5, { latest: reading(latest), finalized: reading(finalized) });
      assert.equal(standing.step, to);
      assert.equal(standing.frozen, undefined);
      assert.notEqual(standing.why, "");
    });

  for (const step of STANDING_STEPS)
    for (const [which, readings] of [
      ["newest", { latest: unknown, finalized: reading(SETTLED) }],
      ["final", { latest: reading(SETTLED), finalized: unknown }],
      ["whole", { latest: unknown, finalized: unknown }],
    ] as const)
      it(`stays at ${step} while the ${which} chain is unknown, for however long, and says so`, () => {
        const standing = judge(step, NOW - 1_000 * DAY, readings);
        assert.equal(standing.step, step);
        assert.equal(standing.since, NOW - 1_000 * DAY);
        if (step !== "delete")
          assert.match(String(standing.frozen), /^the chain is unknown: the node is behind; nothing/);
      });

  it("deletes after volumes were kept their time since processes stopped, of a lease that is over alone", () => {
    const both = (lease: Partial<LeaseState>) => ({ latest: reading(lease), finalized: reading(lease) });
    assert.equal(judge("suspend", NOW - 8 * DAY, both(DRAINED)).step, "suspend", "it can still be funded");
    assert.equal(judge("suspend", NOW - 7 * DAY + 1, both(SETTLED)).step, "keep");
    assert.equal(judge("suspend", NOW - 7 * DAY, both(SETTLED)).step, "delete");
    assert.equal(judge("keep", NOW - 7 * DAY + 1, both(SETTLED)).step, "keep");
    assert.equal(judge("keep", NOW - 7 * DAY, both(SETTLED)).step, "delete");
    const funded = { latest: reading(PAID), finalized: reading(SETTLED) };
    assert.equal(judge("keep", NOW - 8 * DAY, funded).step, "run", "of what the newest block has, nothing is deleted");
    for (const step of ["run", "warn"] as const)
      assert.equal(judge(step, NOW - 8 * DAY, both(SETTLED)).step, "keep", "never at once");
    const ahead = { latest: reading(SETTLED, NOW + 8 * DAY), finalized: reading(SETTLED) };
    assert.equal(judge("keep", NOW - 1, ahead).step, "keep", "a newest block of a time to come deletes nothing");
  });

  it("keeps counting from when processes stopped", () => {
    const standing = judge("suspend", NOW - 3 * DAY, { latest: reading(SETTLED), finalized: reading(SETTLED) });
    assert.deepEqual([standing.step, standing.since], ["keep", NOW - 3 * DAY]);
  });
});

describe("fundsUntil", () => {
  it("is what is left of the deposit by the rate, whichever is more: paid, owed or proven", () => {
    const until = (lease: Partial<LeaseState>, owed: bigint) =>
      fundsUntil(terms, { ...LEASE, ...lease }, { at: NOW, owed });
    assert.equal(until({ deposit: 1_000n }, 0n), NOW + 400);
    assert.equal(until({ deposit: 1_000n }, 500n), NOW + 250);
    assert.equal(until({ deposit: 1_000n, paid: 600n }, 500n), NOW + 200);
    assert.equal(until({ deposit: 100n }, 500n), NOW);
  });
});
