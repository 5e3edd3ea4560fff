import type { AccountsModel, Call } from "../../lease/accounts-model.ts";
import type { Cast } from "./cast.ts";
import type { Chances } from "./chances.ts";
import { AMOUNTS, DAY, type Draft, WEALTH } from "./draft.ts";

/** What the calls are drawn from. */
interface Scene {
  readonly cast: Cast;
  readonly accounts: AccountsModel;
  readonly now: number;
}

/** Money for all, first of all: deposits, stakes, and what the publisher may spend of the payer's. */
export function endowments({ cast, accounts, now }: Scene): Draft[] {
  const { payer, publisher, providers, stranger } = cast;
  const all = [payer, publisher, stranger, ...providers].map((account): Draft => {
    const told = () => accounts.deposit(WEALTH, { account });
    return { from: account, name: "deposit", args: [account, WEALTH], told };
  });
  const stakes = providers.map((from): Draft => {
    return { from, name: "stake", args: [WEALTH / 2n], told: (call) => accounts.stake(WEALTH / 2n, call) };
  });
  const allowance = { left: WEALTH, rateMax: 100_000_000_000n, until: now + 1_000 * DAY };
  const told = (call: Call) => accounts.allow(publisher, allowance, call);
  const args = [publisher, allowance.left, allowance.rateMax, allowance.until];
  return [...all, ...stakes, { from: payer, name: "allow", args, told }];
}

/** A call about money that is in no lease. */
export function draftOfAccounts({ chance, of }: Chances, { cast, accounts, now }: Scene): Draft {
  const { publisher, payer, stranger, providers } = cast;
  const leaving = providers.find(
    (one) => accounts.stakeOf(one).unbonding > 0n && accounts.stakeOf(one).unbondedAt <= now,
  );
  if (leaving !== undefined && chance(0.5))
    return { from: leaving, name: "unbond", args: [], told: (call) => accounts.unbond(call) };
  const from = of([publisher, payer, stranger, ...providers]);
  const amount = of(AMOUNTS);
  const agent = of([publisher, stranger]);
  const allowance = {
    left: of([0n, 5_000n, WEALTH, WEALTH]),
    rateMax: of([10_000_000_000n, 100_000_000_000n]),
    until: now + of([-1, DAY, 99 * DAY]),
  };
  const account = of([from, from, stranger]);
  const allowed = [agent, allowance.left, allowance.rateMax, allowance.until];
  return of<Draft>([
    { from, name: "deposit", args: [account, amount], told: () => accounts.deposit(amount, { account }) },
    { from, name: "withdraw", args: [amount, from], told: (call) => accounts.withdraw(amount, call) },
    { from, name: "stake", args: [amount], told: (call) => accounts.stake(amount, call) },
    { from, name: "unstake", args: [amount], told: (call) => accounts.unstake(amount, call) },
    { from, name: "unbond", args: [], told: (call) => accounts.unbond(call) },
    { from, name: "allow", args: allowed, told: (call) => accounts.allow(agent, allowance, call) },
  ]);
}
