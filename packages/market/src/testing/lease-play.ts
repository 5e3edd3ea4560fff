import type { Random } from "@orrery/core";
import type { Hex } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import { AccountsModel, type Call } from "../lease/accounts-model.ts";
import { capOf, least } from "../lease/dues.ts";
import { LeaseRefused } from "../lease/lease-error.ts";
import { LeaseModel, type SignedBeat } from "../lease/lease-model.ts";
import { LEASE_STATES, type LeaseState } from "../lease/lease-state.ts";
import { type Account, NO_DIGEST, NOBODY, type Terms } from "../lease/terms.ts";
import { domainOf, LEASE_TYPES, leaseName, textDigest, watchersDigest } from "../lease/typed-data.ts";
import type { Look, Sent } from "./lease-bench.ts";

/** A chain on which calls are made too, or what stands for one where only the model is asked. */
export interface PlayChain {
  readonly chainId: number;
  readonly contract: Account;
  send(from: Account, call: { readonly name: string; readonly args: readonly unknown[] }, at: number): Promise<Sent>;
}

/** No chain: blocks come, one a call, and nobody checks signatures. */
export function noChain(): PlayChain {
  let number = 0;
  const send: PlayChain["send"] = (_, __, at) => {
    number += 1;
    return Promise.resolve({ refusal: undefined, gas: 0, block: { number, hash: textDigest(`block ${number}`), at } });
  };
  return { chainId: 0, contract: NOBODY, send };
}

/** Who takes part in a play. */
export interface Cast {
  readonly publisher: Account;
  readonly payer: Account;
  readonly providers: readonly Account[];
  readonly stranger: Account;
  /** Sign what the chain checks. */
  readonly keys: ReadonlyMap<Account, PrivateKeyAccount>;
  readonly sessions: readonly Account[];
  readonly watchers: readonly Account[];
}

/** What happened at one step, for whoever reads of a difference. */
export interface Step {
  readonly name: string;
  readonly text: string;
  /** Why the model refuses it; empty where it does not. */
  readonly told: string;
  readonly sent: Sent;
}

const DAY = 86_400;
/** Leases that are looked at together. */
const LEASES = 6;
/** What each has at first. */
const WEALTH = 10_000_000n;
const AMOUNTS = [0n, 1n, 100n, 5_000n, 100_000n];

/**
 * Calls by chance, each made of the contract on a chain and of the model, under one clock. Chance leans to what may go through, so that leases live
 * through all their states.
 */
export class LeasePlay {
  readonly #chain: PlayChain;
  readonly #random: Random;
  readonly #cast: Cast;
  readonly accounts = new AccountsModel();
  readonly leases: LeaseModel[] = [];
  /** The largest total that a voucher of each lease agreed to. */
  readonly vouched = new Map<LeaseModel, bigint>();
  readonly #hashes = new Map<number, Hex>();
  readonly #first: Draft[];
  #quotes = 0;
  #now: number;
  #block: { number: number; hash: Hex };

  constructor(options: { chain: PlayChain; random: Random; cast: Cast; at: number }) {
    this.#chain = options.chain;
    this.#random = options.random;
    this.#cast = options.cast;
    this.#now = options.at;
    this.#block = { number: 0, hash: NO_DIGEST };
    this.#first = this.#endowments();
  }

  #endowments(): Draft[] {
    const { payer, publisher, providers, stranger } = this.#cast;
    const { accounts } = this;
    const all = [payer, publisher, stranger, ...providers].map((account): Draft => {
      const told = () => accounts.deposit(WEALTH, { account });
      return { from: account, name: "deposit", args: [account, WEALTH], told };
    });
    const stakes = providers.map((from): Draft => {
      return { from, name: "stake", args: [WEALTH / 2n], told: (call) => accounts.stake(WEALTH / 2n, call) };
    });
    const allowance = { left: WEALTH, rateMax: 100_000_000_000n, until: this.#now + 1_000 * DAY };
    const told = (call: Call) => accounts.allow(publisher, allowance, call);
    const args = [publisher, allowance.left, allowance.rateMax, allowance.until];
    return [...all, ...stakes, { from: payer, name: "allow", args, told }];
  }

  names(): readonly Hex[] {
    return this.leases.map(({ lease }) => lease);
  }

  /** Makes one call, of both. */
  async step(): Promise<Step> {
    this.#renew();
    this.#now += this.#passed();
    const draft = this.#prologue() ?? (this.#chance(0.12) ? this.#draftOfAccounts() : await this.#draftOfLease());
    const sent = await this.#chain.send(draft.from, { name: draft.name, args: draft.args }, this.#now);
    const told = this.#tell(draft, sent.block.number);
    this.#block = sent.block;
    this.#hashes.set(sent.block.number, sent.block.hash);
    this.#hashes.delete(sent.block.number - 256);
    const text = `${draft.name} by ${draft.from} at ${this.#now}`;
    if (told === "" && draft.voucher !== undefined) this.#note(draft.voucher);
    return { name: draft.name, text, told, sent };
  }

  now(): number {
    return this.#now;
  }

  #note({ lease, total }: NonNullable<Draft["voucher"]>): void {
    const before = this.vouched.get(lease) ?? 0n;
    if (total > before) this.vouched.set(lease, total);
  }

  /** What the model has, in the form in which the chain tells it. */
  expected(accounts: readonly Account[]): Look {
    return {
      held: this.accounts.held,
      found: this.leases.map((lease) => wireOf(lease.state())),
      owned: accounts.map((account) => ({
        balance: this.accounts.balanceOf(account),
        ...this.accounts.stakeOf(account),
      })),
    };
  }

  /** I1: all that the contract holds is somebody's. */
  sum(): bigint {
    return this.leases.reduce((sum, lease) => sum + lease.held(), this.accounts.sum());
  }

  #tell(draft: Draft, block: number): string {
    try {
      draft.told({ caller: draft.from, now: this.#now, block });
      return "";
    } catch (error) {
      if (error instanceof LeaseRefused) return error.refusal;
      throw error;
    }
  }

  /** Sees to quotes that can be opened, in the place of leases that are over; at times these stay, for nothing may come of them. */
  #renew(): void {
    if (this.leases.length < LEASES) this.leases.push(this.#quote());
    const isOver = (lease: LeaseModel) => {
      const { stage } = lease.state();
      return stage === "Settled" || (stage === "None" && lease.terms.expires < this.#now);
    };
    const over = this.leases.findIndex((lease) => isOver(lease));
    if (over >= 0 && this.#chance(0.4)) this.leases[over] = this.#quote();
    const unopened = this.leases.findIndex((lease) => lease.state().stage === "None");
    if (unopened >= 0 && this.#chance(0.05)) this.leases[unopened] = this.#quote();
  }

  /** Money for all, first of all. */
  #prologue(): Draft | undefined {
    return this.#first.shift();
  }

  #quote(): LeaseModel {
    const { providers, publisher, watchers } = this.#cast;
    const [challengeWindow, responseWindow] = [this.#of([60, 600, 3_600]), this.#of([30, 300])];
    const windows = challengeWindow + responseWindow;
    const watched = this.#chance(0.5);
    const terms: Terms = {
      provider: this.#of(providers),
      publisher: this.#chance(0.3) ? publisher : NOBODY,
      manifest: textDigest("manifest"),
      policy: textDigest("policy"),
      rate: this.#chance(0.03) ? 0n : this.#of([1n, 1_234_567_891n, 3_000_000_000n, 50_000_000_000n]),
      usageCap: this.#of([0n, 999_999_999n, 20_000_000_000n]),
      bond: this.#of([0n, 500n, 20_000n]),
      challengeBond: this.#of([0n, 10n]),
      beatPeriod: this.#of([10, 60]),
      grace: this.#of([0, 60, 600]),
      challengeWindow,
      responseWindow,
      publisherNotice: windows + this.#of([0, 60, DAY]) - (this.#chance(0.02) ? 1 : 0),
      providerNotice: windows + this.#of([0, 600]),
      startWindow: this.#of([30, 3_600, DAY]),
      restBudget: this.#of([0, 3_600, DAY]),
      tier1: this.#of([0, 100]),
      factor1: 1,
      tier2: this.#of([0, 100]),
      factor2: this.#of([1, 3]),
      factor3: this.#of([3, 10]),
      earningsFactor: this.#of([0, 1, 5]),
      challengerShare: this.#of([0, 333, 1_000]),
      quorum: watched ? 2 : 0,
      watchers: watched ? watchersDigest(watchers) : NO_DIGEST,
      expires: this.#now + this.#of([10, DAY, 30 * DAY]),
      nonce: BigInt(++this.#quotes),
    };
    return new LeaseModel({ accounts: this.accounts, terms, lease: leaseName(terms) });
  }

  /** Mostly moments, at times as long as a window or a notice. */
  #passed(): number {
    const least = 1;
    if (this.#chance(0.8)) return least + this.#random.integer(20);
    return least + this.#random.integer(this.#of([100, 100, 700, 700, 4_000, 2 * DAY]));
  }

  #draftOfAccounts(): Draft {
    const { publisher, payer, stranger, providers } = this.#cast;
    const from = this.#of([publisher, payer, stranger, ...providers]);
    const amount = this.#of(AMOUNTS);
    const { accounts } = this;
    const agent = this.#of([publisher, stranger]);
    const allowance = {
      left: this.#of([0n, 5_000n, WEALTH, WEALTH]),
      rateMax: this.#of([10_000_000_000n, 100_000_000_000n]),
      until: this.#now + this.#of([-1, DAY, 99 * DAY]),
    };
    const account = this.#of([from, from, stranger]);
    return this.#of<Draft>([
      { from, name: "deposit", args: [account, amount], told: () => accounts.deposit(amount, { account }) },
      { from, name: "withdraw", args: [amount, from], told: (call) => accounts.withdraw(amount, call) },
      { from, name: "stake", args: [amount], told: (call) => accounts.stake(amount, call) },
      { from, name: "unstake", args: [amount], told: (call) => accounts.unstake(amount, call) },
      { from, name: "unbond", args: [], told: (call) => accounts.unbond(call) },
      {
        from,
        name: "allow",
        args: [agent, allowance.left, allowance.rateMax, allowance.until],
        told: (call) => accounts.allow(agent, allowance, call),
      },
    ]);
  }

  async #draftOfLease(): Promise<Draft> {
    const model = this.#of(this.leases);
    const drafts = this.#chance(0.85) ? LIKELY[model.state().stage] : LIKELY.any;
    return await this.#draft(this.#of(drafts), model);
  }

  async #draft(name: string, model: LeaseModel): Promise<Draft> {
    const { payer, stranger } = this.#cast;
    const { terms } = model;
    const state = model.state();
    const from = this.#chance(0.06) ? stranger : this.#of(this.#callers(name, model));
    const plain = (told: (call: Call) => void, ...args: readonly unknown[]): Draft => ({
      from,
      name,
      args: [terms, ...args],
      told,
    });
    switch (name) {
      case "open": {
        const [amount, who] = [this.#of(AMOUNTS), this.#chance(0.05) ? stranger : terms.provider];
        const quote = await this.#sign(who, "Terms", terms);
        return plain((call) => model.open({ payer, amount, signer: who }, call), quote, payer, amount);
      }
      case "start": {
        const session = this.#chance(0.03) ? NOBODY : this.#of(this.#cast.sessions);
        return plain((call) => model.start(session, call), session);
      }
      case "fund": {
        const amount = this.#of(AMOUNTS);
        return plain((call) => model.fund(amount, call), amount);
      }
      case "redeem": {
        const total = this.#near(state.deposit, state.paid);
        const upTo = Math.max(0, this.#now + this.#of([-100, -5, 0, 30]));
        const who = this.#chance(0.05) || state.publisher === NOBODY ? stranger : state.publisher;
        const signature = await this.#sign(who, "Voucher", { lease: model.lease, total, upTo });
        const draft = plain((call) => model.redeem({ total, upTo, signer: who }, call), total, upTo, signature);
        return { ...draft, voucher: { lease: model, total } };
      }
      case "show":
      case "answer":
      case "comeBack": {
        const { signed, args } = await this.#beat(model);
        return plain((call) => model[name](signed, call), ...args);
      }
      case "propose": {
        const { signed, args } = await this.#beat(model);
        const most = capOf(terms, signed.beat.covered);
        const total = this.#near(least(most, state.deposit), state.paid);
        return plain((call) => model.propose(total, signed, call), total, ...args);
      }
      case "reportDark": {
        const from = this.#chance(0.8) ? state.judgedTo + this.#random.integer(3) : this.#random.integer(this.#now);
        const to = this.#chance(0.8) ? Math.min(this.#now, from + this.#random.integer(90)) : this.#now + 5;
        const watchers = this.#chance(0.05) ? [stranger] : [...this.#cast.watchers].sort();
        const silent = this.#chance(0.3) ? 1 : 0;
        const some = watchers.map((_, at) => at >= silent + (this.#chance(0.1) ? 1 : 0));
        const signatures = await Promise.all(
          watchers.map((who, at) => (some[at] ? this.#sign(who, "Darkness", { lease: model.lease, from, to }) : "0x")),
        );
        const agreed = watchers.length === 3 && terms.quorum > 0 && some.filter(Boolean).length >= terms.quorum;
        return plain((call) => model.reportDark({ from, to, agreed }, call), from, to, watchers, signatures);
      }
      case "rest": {
        const at = this.#now + terms.providerNotice + this.#of([-1, 0, 100]);
        const to = at + this.#of([0, 60, 3_600]);
        return plain((call) => model.rest({ from: at, to }, call), at, to);
      }
      default: {
        const act = name as "cancel" | "collect" | "challenge" | "fail" | "close" | "drain" | "settle";
        return plain((call) => model[act](call));
      }
    }
  }

  /** Who may make a call, as a rule. */
  #callers(name: string, { terms }: LeaseModel): readonly Account[] {
    const { publisher, payer } = this.#cast;
    if (BY_PROVIDER.has(name)) return [terms.provider];
    if (name === "open") return terms.publisher === NOBODY ? [publisher, payer, payer] : [publisher];
    return name === "close" ? [publisher, payer, terms.provider] : [publisher, payer];
  }

  /** A beat that may be good: it covers no more than has passed, most times. */
  async #beat(model: LeaseModel): Promise<{ readonly signed: SignedBeat; readonly args: readonly unknown[] }> {
    const { lastBeat, covered, session } = model.state();
    const at = Math.max(
      0,
      this.#chance(0.9) ? this.#now - this.#random.integer(3) : lastBeat + this.#random.integer(50) - 10,
    );
    const passed = Math.max(0, at - lastBeat);
    const adds = this.#chance(0.8) ? passed : this.#random.integer(passed + 2);
    const number = Math.max(0, this.#block.number - (this.#chance(0.9) ? 0 : this.#random.integer(300)));
    const hash = this.#chance(0.97) ? (this.#hashes.get(number) ?? NO_DIGEST) : textDigest("another chain");
    const beat = {
      lease: this.#chance(0.98) ? model.lease : textDigest("another lease"),
      ...{ at, covered: Math.max(0, covered + adds - (this.#chance(0.02) ? 1 : 0)) },
      ...{ blockNumber: number, blockHash: hash, meter: NO_DIGEST, volume: 1 },
    };
    const who = this.#cast.keys.has(session) && this.#chance(0.96) ? session : this.#cast.stranger;
    const signature = await this.#sign(who, "Beat", beat);
    const isOfChain = hash !== NO_DIGEST && this.#hashes.get(number) === hash;
    return { signed: { beat, signer: who, isOfChain }, args: [beat, signature] };
  }

  /** An amount between two, at times one beyond. */
  #near(top: bigint, bottom: bigint): bigint {
    if (this.#chance(0.2)) return this.#of([top, top + 1n, bottom]);
    const span = top > bottom ? top - bottom : 1n;
    return bottom + 1n + BigInt(this.#random.integer(Number(span)));
  }

  async #sign(who: Account, primaryType: "Terms" | "Beat" | "Voucher" | "Darkness", message: unknown): Promise<Hex> {
    if (this.#chain.contract === NOBODY) return "0x";
    const key = this.#cast.keys.get(who);
    if (key === undefined) throw new Error(`No key of ${who}`);
    const domain = domainOf(this.#chain);
    return await key.signTypedData({ domain, types: LEASE_TYPES, primaryType, message: message as never });
  }

  #chance(share: number): boolean {
    return this.#random.next() < share;
  }

  #of<T>(choices: readonly T[]): T {
    return choices[this.#random.integer(choices.length)] as T;
  }
}

interface Draft {
  readonly from: Account;
  readonly name: string;
  readonly args: readonly unknown[];
  readonly told: (call: Call) => void;
  readonly voucher?: { readonly lease: LeaseModel; readonly total: bigint };
}

const BY_PROVIDER: ReadonlySet<string> = new Set(["start", "propose", "answer", "drain", "rest", "comeBack"]);

const RUNNING = ["show", "propose", "redeem", "collect", "reportDark"];

const LIKELY: Readonly<Record<(typeof LEASE_STATES)[number] | "any", readonly string[]>> = {
  None: ["open"],
  Open: ["start", "start", "start", "fund", "cancel"],
  Active: [
    ...RUNNING,
    ...RUNNING,
    ...RUNNING,
    "challenge",
    "challenge",
    "answer",
    "answer",
    "fail",
    "fund",
    "rest",
    "drain",
    "close",
  ],
  Closing: [...RUNNING, "challenge", "answer", "fail", "settle", "settle", "close", "fund"],
  Overdrawn: [...RUNNING, "fund", "settle", "challenge", "close", "answer"],
  Defaulted: ["show", "propose", "redeem", "collect", "comeBack", "settle", "settle"],
  Settled: ["open", "settle", "redeem", "cancel", "fund"],
  any: [
    ...RUNNING,
    "open",
    "start",
    "cancel",
    "fund",
    "challenge",
    "answer",
    "fail",
    "comeBack",
    "close",
    "drain",
    "rest",
    "settle",
  ],
};

/** A lease of the model as the chain's reader gives it: small numbers are numbers, others are big. */
function wireOf({ stage, ...rest }: LeaseState): Look["found"][number] {
  return { state: LEASE_STATES.indexOf(stage), ...rest };
}
