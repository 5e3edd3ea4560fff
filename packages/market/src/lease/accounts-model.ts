import { LeaseRefused, refuseIf } from "./lease-error.ts";
import { type Account, UNBONDING_S } from "./terms.ts";

/** What an account has at stake. */
export interface Stake {
  free: bigint;
  locked: bigint;
  unbonding: bigint;
  unbondedAt: number;
}

/** What an agent may still spend of an account on leases. */
export interface Allowance {
  readonly left: bigint;
  /** The most that a lease may cost in a second. */
  readonly rateMax: bigint;
  /** Seconds since 1970. */
  readonly until: number;
}

/** What the chain says of a call. */
export interface Call {
  readonly caller: Account;
  /** Time of the block, seconds since 1970. */
  readonly now: number;
  /** Number of the block. */
  readonly block: number;
}

/** Money of accounts, as `contracts/src/Accounts.sol` keeps it: balances, stakes, and what agents may spend. */
export class AccountsModel {
  readonly #balances = new Map<Account, bigint>();
  readonly #stakes = new Map<Account, Stake>();
  readonly #allowances = new Map<string, Allowance>();
  /** What the contract holds of the token. */
  held = 0n;

  balanceOf(account: Account): bigint {
    return this.#balances.get(account) ?? 0n;
  }

  stakeOf(account: Account): Readonly<Stake> {
    return this.#stakes.get(account) ?? { free: 0n, locked: 0n, unbonding: 0n, unbondedAt: 0 };
  }

  allowanceOf(account: Account, agent: Account): Allowance {
    return this.#allowances.get(`${account} ${agent}`) ?? { left: 0n, rateMax: 0n, until: 0 };
  }

  deposit(amount: bigint, { account }: { readonly account: Account }): void {
    refuseIf(amount === 0n, "NothingToDo");
    this.held += amount;
    this.#balances.set(account, this.balanceOf(account) + amount);
  }

  withdraw(amount: bigint, { caller }: Call): void {
    refuseIf(amount === 0n, "NothingToDo");
    this.debit(caller, amount);
    this.held -= amount;
  }

  allow(agent: Account, allowance: Allowance, { caller }: Call): void {
    this.#allowances.set(`${caller} ${agent}`, allowance);
  }

  stake(amount: bigint, { caller }: Call): void {
    refuseIf(amount === 0n, "NothingToDo");
    this.debit(caller, amount);
    const own = this.stakeOf(caller);
    this.#stakes.set(caller, { ...own, free: own.free + amount });
  }

  unstake(amount: bigint, { caller, now }: Call): void {
    const own = this.stakeOf(caller);
    refuseIf(amount === 0n, "NothingToDo");
    refuseIf(own.free < amount, "InsufficientStake");
    const unbonding = own.unbonding + amount;
    this.#stakes.set(caller, { ...own, free: own.free - amount, unbonding, unbondedAt: now + UNBONDING_S });
  }

  unbond({ caller, now }: Call): void {
    const own = this.stakeOf(caller);
    refuseIf(own.unbonding === 0n, "NothingToDo");
    refuseIf(now < own.unbondedAt, "StillUnbonding");
    this.#stakes.set(caller, { ...own, unbonding: 0n });
    this.credit(caller, own.unbonding);
  }

  debit(account: Account, amount: bigint): void {
    const has = this.balanceOf(account);
    if (has < amount) throw new LeaseRefused("InsufficientBalance");
    this.#balances.set(account, has - amount);
  }

  credit(account: Account, amount: bigint): void {
    this.#balances.set(account, this.balanceOf(account) + amount);
  }

  /** Takes money of a payer on behalf of the caller. Refuses before it changes anything. */
  spend(payer: Account, { amount, rate }: { readonly amount: bigint; readonly rate: bigint }, call: Call): void {
    this.assertMaySpend(payer, { amount, rate }, call);
    if (call.caller !== payer) {
      const own = this.allowanceOf(payer, call.caller);
      this.#allowances.set(`${payer} ${call.caller}`, { ...own, left: own.left - amount });
    }
    this.debit(payer, amount);
  }

  assertMaySpend(
    payer: Account,
    { amount, rate }: { readonly amount: bigint; readonly rate: bigint },
    { caller, now }: Call,
  ): void {
    const { left, rateMax, until } = this.allowanceOf(payer, caller);
    const may = caller === payer || (left >= amount && rateMax >= rate && until >= now);
    refuseIf(!may, "InsufficientAllowance");
    refuseIf(this.balanceOf(payer) < amount, "InsufficientBalance");
  }

  lock(provider: Account, amount: bigint): void {
    const own = this.stakeOf(provider);
    refuseIf(own.free < amount, "InsufficientStake");
    this.#stakes.set(provider, { ...own, free: own.free - amount, locked: own.locked + amount });
  }

  /** Frees what backed a lease, less what is forfeited of it. */
  release(provider: Account, bond: bigint, forfeited: bigint): void {
    const own = this.stakeOf(provider);
    this.#stakes.set(provider, { ...own, locked: own.locked - bond, free: own.free + bond - forfeited });
  }

  /** All that accounts have in it: balances and stakes. */
  sum(): bigint {
    let all = 0n;
    for (const balance of this.#balances.values()) all += balance;
    for (const { free, locked, unbonding } of this.#stakes.values()) all += free + locked + unbonding;
    return all;
  }

  accounts(): readonly Account[] {
    return [...new Set([...this.#balances.keys(), ...this.#stakes.keys()])];
  }
}
