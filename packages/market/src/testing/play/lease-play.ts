import type { Random } from "@orrery/core";
import type { Hex } from "viem";
import { AccountsModel } from "../../lease/accounts-model.ts";
import { LeaseRefused } from "../../lease/lease-error.ts";
import type { LeaseModel } from "../../lease/lease-model.ts";
import { LEASE_STATES, type LeaseState } from "../../lease/lease-state.ts";
import { type Account, NO_DIGEST } from "../../lease/terms.ts";
import type { Look, Sent } from "../lease-bench.ts";
import { draftOfAccounts, endowments } from "./account-drafts.ts";
import { type Cast, type PlayChain, type Sign, signerOf } from "./cast.ts";
import { type Chances, chancesOf } from "./chances.ts";
import { DAY, type Draft, type PlainAct } from "./draft.ts";
import { draftOfLease } from "./lease-drafts.ts";
import { Quotes } from "./quotes.ts";

/** What happened at one step, for whoever reads of a difference. */
export interface Step {
  readonly name: string;
  readonly text: string;
  /** Why the model refuses it; empty where it does not. */
  readonly told: string;
  readonly sent: Sent;
}

/** Blocks whose hashes a chain knows. */
const HASHES = 256;

/** Leases that are beside each other, where nothing else is said. */
const LEASES = 6;

/** What a play begins with. */
export interface LeasePlayOptions {
  readonly chain: PlayChain;
  readonly random: Random;
  readonly cast: Cast;
  /** Time of the chain, seconds since 1970. */
  readonly at: number;
  /** When the cast was given money, by `endow`. Default: it is given it by the first calls. */
  readonly endowedAt?: number;
  /** Leases that are beside each other. Default: 6. */
  readonly leases?: number;
}

/**
 * Calls by chance, each made of the contract on a chain and of the model, under one clock. Chance leans to what may go through, so that leases live
 * through all their states.
 */
export class LeasePlay {
  readonly accounts = new AccountsModel();
  /** The largest total that a voucher of each lease agreed to. */
  readonly vouched = new Map<LeaseModel, bigint>();
  readonly #chain: PlayChain;
  readonly #cast: Cast;
  readonly #chances: Chances;
  readonly #sign: Sign;
  readonly #quotes: Quotes;
  readonly #hashes = new Map<number, Hex>();
  readonly #first: Draft[];
  #now: number;
  #block: { number: number; hash: Hex } = { number: 0, hash: NO_DIGEST };

  constructor(options: LeasePlayOptions) {
    const { chain, cast, at: now, endowedAt } = options;
    const { accounts } = this;
    this.#chain = chain;
    this.#cast = cast;
    this.#chances = chancesOf(options.random);
    this.#sign = signerOf(cast, chain);
    this.#now = now;
    this.#quotes = new Quotes({ cast, chances: this.#chances, accounts, most: options.leases ?? LEASES });
    this.#first = endowments({ cast, accounts, now: endowedAt ?? now });
    if (endowedAt === undefined) return;
    for (const { from, told } of this.#first.splice(0)) told({ caller: from, now: endowedAt, block: 0 });
  }

  get leases(): readonly LeaseModel[] {
    return this.#quotes.leases;
  }

  names(): readonly Hex[] {
    return this.leases.map(({ lease }) => lease);
  }

  now(): number {
    return this.#now;
  }

  /** Makes one call, of both. */
  async step(): Promise<Step> {
    this.#quotes.renew(this.#now);
    this.#now += this.#passed();
    return await this.#make(await this.#draft());
  }

  /** Makes a plain call of a lease, of both, at a time. */
  async act(lease: LeaseModel, act: PlainAct, { caller, at }: { caller: Account; at: number }): Promise<Step> {
    this.#now = at;
    return await this.#make({ from: caller, name: act, args: [lease.terms], told: (call) => lease[act](call) });
  }

  async #make(draft: Draft): Promise<Step> {
    const sent = await this.#chain.send(draft.from, { name: draft.name, args: draft.args }, this.#now);
    const told = this.#tell(draft, sent.block.number);
    this.#block = sent.block;
    this.#hashes.set(sent.block.number, sent.block.hash);
    this.#hashes.delete(sent.block.number - HASHES);
    const text = `${draft.name} by ${draft.from} at ${this.#now}`;
    if (told === "" && draft.voucher !== undefined) this.#note(draft.voucher);
    return { name: draft.name, text, told, sent };
  }

  /** One of the leases, and a party of it, by chance. */
  some(): { readonly lease: LeaseModel; readonly caller: Account } | undefined {
    const lease = this.#chances.of(this.leases.filter((one) => one.state().stage !== "None"));
    if (lease === undefined) return undefined;
    return { lease, caller: this.#chances.of([lease.state().publisher, lease.terms.provider]) };
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

  async #draft(): Promise<Draft> {
    const first = this.#first.shift();
    if (first !== undefined) return first;
    const now = this.#now;
    const [cast, chances] = [this.#cast, this.#chances];
    if (chances.chance(0.12)) return draftOfAccounts(chances, { cast, accounts: this.accounts, now });
    const scene = { cast, chances, sign: this.#sign, now, block: this.#block.number, hashes: this.#hashes };
    return await draftOfLease(chances.of(this.leases), scene);
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

  #note({ lease, total }: NonNullable<Draft["voucher"]>): void {
    const before = this.vouched.get(lease) ?? 0n;
    if (total > before) this.vouched.set(lease, total);
  }

  /** Mostly moments, at times as long as a window or a notice, and often to the time, or beside it, from when on something can be done. */
  #passed(): number {
    const { chance, integer, of } = this.#chances;
    const least = 1;
    const due = this.#due();
    if (due.length > 0 && chance(0.3)) return Math.max(least, of(due) - this.#now + of([0, 0, 1, -1]));
    if (chance(0.8)) return least + integer(20);
    return least + integer(of([100, 100, 700, 700, 4_000, 2 * DAY]));
  }

  /** Times to come that leases and stakes wait for. */
  #due(): readonly number[] {
    const ofLeases = this.leases.flatMap((lease) => {
      const { stage, answerBy, settlesAt, payableAt, endsAt, calmUntil, lastBeat } = lease.state();
      const isOver = stage === "None" || stage === "Settled";
      return isOver ? [] : [answerBy, settlesAt, payableAt, endsAt, calmUntil, lastBeat + lease.terms.beatPeriod];
    });
    const ofStakes = this.#cast.providers.map((provider) => this.accounts.stakeOf(provider).unbondedAt);
    return [...ofLeases, ...ofStakes].filter((time) => time > this.#now);
  }
}

/** A lease of the model as the chain's reader gives it: small numbers are numbers, others are big. */
function wireOf({ stage, ...rest }: LeaseState): Look["found"][number] {
  return { state: LEASE_STATES.indexOf(stage), ...rest };
}
