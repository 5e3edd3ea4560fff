import assert from "node:assert/strict";
import type { AccountsModel } from "../lease/accounts-model.ts";
import { capOf } from "../lease/dues.ts";
import { LeaseRefused } from "../lease/lease-error.ts";
import type { LeaseModel } from "../lease/lease-model.ts";
import { type LeaseState, servedSeconds } from "../lease/lease-state.ts";
import type { Account } from "../lease/terms.ts";

/** What is looked at before and after a call. */
export interface Moment {
  readonly states: ReadonlyMap<LeaseModel, LeaseState>;
  readonly balances: ReadonlyMap<Account, bigint>;
  readonly locked: ReadonlyMap<Account, bigint>;
}

/** Looks at all leases and accounts. */
export function momentOf(leases: readonly LeaseModel[], accounts: AccountsModel): Moment {
  const known = accounts.accounts();
  return {
    states: new Map(leases.map((lease) => [lease, lease.state()])),
    balances: new Map(known.map((account) => [account, accounts.balanceOf(account)])),
    locked: new Map(known.map((account) => [account, accounts.stakeOf(account).locked])),
  };
}

/** Largest sums that vouchers have agreed to, by lease: what the model does not keep. */
export type Vouched = ReadonlyMap<LeaseModel, bigint>;

/**
 * Holds one call against the rules of leases: I2 and I3 bound what is paid and forfeited, I4 says to whom refunds go, I6 that totals grow, I7 that nobody
 * gains more than was put in, I8 that what is over stays over.
 */
export function assertLawful(before: Moment, after: Moment, vouched: Vouched): void {
  let settled: LeaseModel | undefined;
  for (const [lease, now] of after.states) {
    const was = before.states.get(lease);
    if (was === undefined) continue;
    const { terms } = lease;
    assert.ok(now.paid >= was.paid && now.covered >= was.covered && now.lastBeat >= was.lastBeat, "I6");
    assert.ok(now.paid <= now.deposit, "I2: within the deposit");
    const proven = capOf(terms, servedSeconds(now));
    const agreed = vouched.get(lease) ?? 0n;
    if (now.paid > was.paid) assert.ok(now.paid <= (proven > agreed ? proven : agreed), "I2: proven or agreed to");
    if (was.stage === "Settled") assert.deepEqual(now, was, "I8");
    else if (now.stage === "Settled") settled = lease;
    if (was.stage !== "None") assert.deepEqual([now.payer, now.publisher], [was.payer, was.publisher], "I4");
  }
  if (settled !== undefined) assertSettled(settled, before, after);
}

/** What a settlement does to balances: the sum is what was in it, and only those who may have a part have one. */
function assertSettled(lease: LeaseModel, before: Moment, after: Moment): void {
  const was = before.states.get(lease) as LeaseState;
  const now = after.states.get(lease) as LeaseState;
  const { provider, bond } = lease.terms;
  const gained = (account: Account) => (after.balances.get(account) ?? 0n) - (before.balances.get(account) ?? 0n);
  const parties = new Set([provider, was.payer, ...(was.stage === "Defaulted" ? [was.challenger] : [])]);
  for (const account of after.balances.keys())
    if (!parties.has(account)) assert.equal(gained(account), 0n, "I4: only the parties gain");
  const released = (before.locked.get(provider) ?? 0n) - (after.locked.get(provider) ?? 0n);
  assert.equal(released, bond, "I3: this bond and no other");
  const all = [...parties].reduce((sum, account) => sum + gained(account), 0n);
  const left = was.deposit - was.paid;
  assert.ok(all >= left && all <= left + bond, "I7");
  if (!parties.has(provider) || provider === was.payer) return;
  if (was.stage !== "Open") assert.ok(gained(provider) === now.paid - was.paid, "I2: the provider has what it earned");
  assert.ok(gained(was.payer) >= was.deposit - now.paid, "I4: the rest is the payer's");
}

/** Who ends a lease, from when on, and how a call is made; a call that is refused is no fault. */
export interface EndAlone {
  readonly caller: Account;
  readonly from: number;
  make(act: "cancel" | "close" | "fail" | "settle", now: number): Promise<void>;
}

/** I5: one party alone ends a lease in the time that its terms bound. @returns seconds it took */
export async function endAlone(lease: LeaseModel, { from, make }: EndAlone): Promise<number> {
  const { terms } = lease;
  const bound = Math.max(terms.publisherNotice, terms.providerNotice, terms.challengeWindow + terms.responseWindow) + 1;
  let now = from;
  for (let round = 0; round < 6; round++) {
    for (const act of ["cancel", "close", "fail", "settle"] as const) if (!isOver(lease)) await make(act, now);
    const { answerBy, settlesAt } = lease.state();
    if (isOver(lease)) return now - from;
    now = Math.max(now + 1, answerBy === 0 ? settlesAt : answerBy + 1);
    assert.ok(now - from <= bound, `I5: ${lease.state().stage} for ${now - from} s, the bound is ${bound} s`);
  }
  return assert.fail(`I5: cannot end ${lease.state().stage}`);
}

function isOver(lease: LeaseModel): boolean {
  const { stage } = lease.state();
  return stage === "Settled" || stage === "None";
}

/** Makes calls of the model alone, for `endAlone`. */
export function modelMaker(lease: LeaseModel, caller: Account): EndAlone["make"] {
  return (act, now) => {
    try {
      lease[act]({ caller, now, block: 1 });
    } catch (error) {
      if (!(error instanceof LeaseRefused)) throw error;
    }
    return Promise.resolve();
  };
}
