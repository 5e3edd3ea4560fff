import type { AccountsModel, Call } from "./accounts-model.ts";
import { baseOf, capOf, least, most, penaltyOf } from "./dues.ts";
import { refuseIf } from "./lease-error.ts";
import {
  type Beat,
  darkSeconds,
  LEASE_STATES,
  type LeaseStage,
  type LeaseState,
  servedSeconds,
} from "./lease-state.ts";
import { type Account, type Digest, faultOf, NO_DIGEST, NOBODY, REST_PERIOD_S, type Terms } from "./terms.ts";

const SHARES = 10_000n;

const NONE: LeaseState = {
  ...{ stage: "None", publisher: NOBODY, payer: NOBODY, session: NOBODY, challenger: NOBODY },
  ...{ openedAt: 0, startedAt: 0, endsAt: 0, settlesAt: 0, covered: 0, excluded: 0, judgedTo: 0, lastBeat: 0 },
  ...{ payableAt: 0, answerBy: 0, calmUntil: 0, challengedIn: 0, restFrom: 0, restTo: 0, returnedAt: 0, darkTo: 0 },
  ...{ restUsed: 0, restPeriod: 0, deposit: 0n, paid: 0n, proposed: 0n },
};

/** A beat with who signed it, and whether its block is one of the newest 256 of the chain. */
export interface SignedBeat {
  readonly beat: Beat;
  readonly signer: Account;
  readonly isOfChain: boolean;
}

/** What the model needs to know of the world. */
export interface LeaseModelOptions {
  readonly accounts: AccountsModel;
  /** Hash of the terms. */
  readonly lease: Digest;
  readonly terms: Terms;
}

/**
 * One lease, call by call, as `contracts/src/Leases.sol` keeps it. Signatures are told by who made them. A call that the contract refuses throws
 * `LeaseRefused` and changes nothing.
 */
export class LeaseModel {
  readonly lease: Digest;
  readonly terms: Terms;
  readonly #accounts: AccountsModel;
  #state: LeaseState = NONE;

  constructor({ accounts, lease, terms }: LeaseModelOptions) {
    this.#accounts = accounts;
    this.lease = lease;
    this.terms = terms;
  }

  state(): LeaseState {
    return this.#state;
  }

  /** What the contract holds for it: what is not paid of the deposit, and the bond of whoever challenges. */
  held(): bigint {
    const { stage, deposit, paid, answerBy } = this.#state;
    if (stage === "None" || stage === "Settled") return 0n;
    return deposit - paid + (answerBy === 0 ? 0n : this.terms.challengeBond);
  }

  open(wish: { readonly payer: Account; readonly amount: bigint; readonly signer: Account }, call: Call): void {
    const { terms } = this;
    refuseIf(this.#state.stage !== "None", "WrongState");
    refuseIf(faultOf(terms) !== undefined, "BadTerms");
    refuseIf(call.now > terms.expires, "Expired");
    refuseIf(terms.publisher !== NOBODY && terms.publisher !== call.caller, "NotYours");
    refuseIf(wish.signer !== terms.provider, "BadSignature");
    refuseIf(wish.amount === 0n, "NothingToDo");
    const spending = { amount: wish.amount, rate: terms.rate + terms.usageCap };
    this.#accounts.assertMaySpend(wish.payer, spending, call);
    this.#accounts.lock(terms.provider, terms.bond);
    this.#accounts.spend(wish.payer, spending, call);
    const [publisher, openedAt] = [call.caller, call.now];
    this.#state = { ...NONE, stage: "Open", openedAt, publisher, payer: wish.payer, deposit: wish.amount };
  }

  start(session: Account, { caller, now }: Call): void {
    refuseIf(caller !== this.terms.provider, "NotYours");
    this.#assertStage("Open");
    refuseIf(now > this.#state.openedAt + this.terms.startWindow, "TooLate");
    refuseIf(session === NOBODY, "BadSignature");
    this.#put({ stage: "Active", startedAt: now, lastBeat: now, judgedTo: now, session });
  }

  cancel({ caller }: Call): void {
    this.#assertStage("Open");
    refuseIf(caller !== this.terms.provider && !this.#pays(caller), "NotYours");
    this.#accounts.release(this.terms.provider, this.terms.bond, 0n);
    this.#accounts.credit(this.#state.payer, this.#state.deposit);
    this.#put({ stage: "Settled" });
  }

  fund(amount: bigint, call: Call): void {
    const { payer, deposit, stage, settlesAt, answerBy } = this.#state;
    this.#assertStage("Open", "Active", "Closing", "Overdrawn");
    refuseIf(amount === 0n, "NothingToDo");
    this.#accounts.spend(payer, { amount, rate: this.terms.rate + this.terms.usageCap }, call);
    this.#put({ deposit: deposit + amount });
    if (stage !== "Overdrawn" || call.now >= settlesAt || answerBy !== 0) return;
    const calmUntil = call.now + this.terms.beatPeriod + this.terms.responseWindow;
    this.#put({ stage: "Active", endsAt: 0, settlesAt: 0, lastBeat: call.now, calmUntil });
  }

  redeem(voucher: { readonly total: bigint; readonly upTo: number; readonly signer: Account }, { now }: Call): void {
    this.#assertRunning();
    const { publisher, lastBeat, covered, deposit, paid } = this.#state;
    refuseIf(voucher.signer !== publisher, "BadSignature");
    const total = least(voucher.total, deposit);
    refuseIf(total <= paid, "Stale");
    const through = Math.min(voucher.upTo, this.#serviceTo(now));
    if (through > lastBeat) this.#put({ covered: covered + through - lastBeat, lastBeat: through });
    this.#pay(total);
  }

  show(signed: SignedBeat, { now }: Call): void {
    this.#assertRunning();
    this.#put(this.#taken(signed, now));
  }

  propose(total: bigint, signed: SignedBeat, { caller, now }: Call): void {
    refuseIf(caller !== this.terms.provider, "NotYours");
    this.#assertRunning();
    const payableAt = now + this.terms.challengeWindow;
    refuseIf(this.#state.settlesAt !== 0 && payableAt > this.#state.settlesAt, "TooLate");
    const after = { ...this.#state, ...this.#taken(signed, now) };
    refuseIf(total > this.#most(after), "Overclaim");
    refuseIf(total <= after.paid, "Stale");
    this.#state = { ...after, proposed: total, payableAt };
  }

  collect({ now }: Call): void {
    this.#assertRunning();
    const { proposed, payableAt, answerBy, paid } = this.#state;
    refuseIf(proposed === 0n, "NothingToDo");
    refuseIf(now < payableAt, "TooEarly");
    refuseIf(answerBy !== 0, "AlreadyChallenged");
    const total = this.#proposal();
    this.#put({ proposed: 0n });
    if (total > paid) this.#pay(total);
  }

  challenge({ caller, now, block }: Call): void {
    this.#assertStage("Active", "Closing", "Overdrawn");
    const { answerBy: open, endsAt, lastBeat, calmUntil, restFrom, restTo } = this.#state;
    refuseIf(open !== 0, "AlreadyChallenged");
    refuseIf(endsAt !== 0 && now > endsAt, "TooLate");
    refuseIf(now < Math.max(lastBeat + this.terms.beatPeriod, calmUntil), "TooEarly");
    const answerBy = now + this.terms.responseWindow;
    refuseIf(restFrom <= answerBy && now < restTo, "TooEarly");
    this.#accounts.debit(caller, this.terms.challengeBond);
    this.#put({ challenger: caller, challengedIn: block, answerBy });
  }

  answer(signed: SignedBeat, { now }: Call): void {
    const { answerBy, stage, challengedIn } = this.#state;
    refuseIf(answerBy === 0 || stage === "Defaulted", "NotChallenged");
    refuseIf(now > answerBy, "TooLate");
    refuseIf(signed.beat.blockNumber < challengedIn || !signed.isOfChain, "BadBeat");
    const taken = this.#taken(signed, now);
    this.#put({ ...taken, answerBy: 0, challenger: NOBODY, calmUntil: now + this.terms.challengeWindow });
    this.#accounts.credit(this.terms.provider, this.terms.challengeBond);
  }

  fail({ now, block }: Call): void {
    const { answerBy, stage, endsAt, challenger } = this.#state;
    refuseIf(answerBy === 0 || stage === "Defaulted", "NotChallenged");
    refuseIf(now <= answerBy, "TooEarly");
    this.#accounts.credit(challenger, this.terms.challengeBond);
    const settlesAt = now + this.terms.challengeWindow;
    const ends = { darkTo: endsAt, endsAt: this.#serviceTo(now), settlesAt };
    this.#put({ stage: "Defaulted", answerBy: 0, challengedIn: block, ...ends });
  }

  comeBack(signed: SignedBeat, { now }: Call): void {
    this.#assertStage("Defaulted");
    refuseIf(this.#state.returnedAt !== 0, "NothingToDo");
    refuseIf(signed.beat.blockNumber < this.#state.challengedIn || !signed.isOfChain, "BadBeat");
    this.#assertSigned(signed, now);
    this.#put({ returnedAt: now });
  }

  /** @param agreed whether those who signed are the watchers of the terms, and enough of them */
  reportDark(window: { readonly from: number; readonly to: number; readonly agreed: boolean }, { now }: Call): void {
    this.#assertRunning();
    const { from, to, agreed } = window;
    const isLate = now > to + this.terms.challengeWindow;
    refuseIf(from >= to || from < this.#state.judgedTo || to > now || isLate, "BadWindow");
    refuseIf(this.terms.watchers === NO_DIGEST || !agreed, "BadSignature");
    this.#put({ judgedTo: to, excluded: this.#state.excluded + to - from });
  }

  close({ caller, now }: Call): void {
    const isProvider = caller === this.terms.provider;
    refuseIf(!isProvider && !this.#pays(caller), "NotYours");
    this.#assertStage("Active", "Closing", "Overdrawn");
    const settlesAt = now + (isProvider ? this.terms.providerNotice : this.terms.publisherNotice);
    refuseIf(this.#state.settlesAt !== 0 && settlesAt >= this.#state.settlesAt, "NothingToDo");
    const endsAt = settlesAt - this.terms.challengeWindow - this.terms.responseWindow;
    this.#put({ stage: "Closing", settlesAt, endsAt });
  }

  drain({ caller, now }: Call): void {
    refuseIf(caller !== this.terms.provider, "NotYours");
    this.#assertStage("Active");
    const owed = most(this.#state.paid, baseOf(this.terms, servedSeconds(this.#state)));
    refuseIf(owed < this.#state.deposit, "Overclaim");
    const settlesAt = now + this.terms.challengeWindow + this.terms.responseWindow;
    this.#put({ stage: "Overdrawn", endsAt: now, settlesAt });
  }

  rest({ from, to }: { readonly from: number; readonly to: number }, { caller, now }: Call): void {
    refuseIf(caller !== this.terms.provider, "NotYours");
    this.#assertStage("Active");
    const { restTo, restPeriod, restUsed, startedAt } = this.#state;
    refuseIf(from >= to || from < now + this.terms.providerNotice || from < restTo || now < restTo, "BadWindow");
    const period = Math.floor((from - startedAt) / REST_PERIOD_S);
    const used = (period === restPeriod ? restUsed : 0) + to - from;
    refuseIf(used > this.terms.restBudget, "Overclaim");
    this.#put({ restPeriod: period, restUsed: used, restFrom: from, restTo: to });
  }

  settle({ now }: Call): void {
    this.#assertStage("Closing", "Overdrawn", "Defaulted");
    const { settlesAt, answerBy, stage, deposit, paid, payer, challenger } = this.#state;
    refuseIf(now < settlesAt, "TooEarly");
    refuseIf(answerBy !== 0, "AlreadyChallenged");
    const base = least(deposit, baseOf(this.terms, servedSeconds(this.#state)));
    const earned = most(base, paid, this.#proposal());
    const isDefault = stage === "Defaulted";
    const forfeited = isDefault ? penaltyOf(this.terms, darkSeconds(this.#state, now), earned) : 0n;
    const share = (forfeited * BigInt(this.terms.challengerShare)) / SHARES;
    this.#put({ stage: "Settled", paid: earned, proposed: 0n });
    this.#accounts.release(this.terms.provider, this.terms.bond, forfeited);
    this.#accounts.credit(this.terms.provider, earned - paid);
    this.#accounts.credit(payer, deposit - earned + forfeited - share);
    if (share > 0n) this.#accounts.credit(challenger, share);
  }

  #put(change: Partial<LeaseState>): void {
    this.#state = { ...this.#state, ...change };
  }

  #assertStage(...stages: readonly LeaseStage[]): void {
    refuseIf(!stages.includes(this.#state.stage), "WrongState");
  }

  #assertRunning(): void {
    this.#assertStage(...LEASE_STATES.slice(2, 6));
  }

  #pays(caller: Account): boolean {
    return caller === this.#state.publisher || caller === this.#state.payer;
  }

  /** Time until which service can be: now, or when it ended. */
  #serviceTo(now: number): number {
    return this.#state.endsAt === 0 ? now : Math.min(this.#state.endsAt, now);
  }

  #assertSigned({ beat, signer }: SignedBeat, now: number): void {
    refuseIf(beat.lease !== this.lease || beat.madeAt > now, "BadBeat");
    refuseIf(signer !== this.#state.session, "BadSignature");
  }

  #taken(signed: SignedBeat, now: number): Partial<LeaseState> {
    this.#assertSigned(signed, now);
    const { madeAt, covered } = signed.beat;
    const { lastBeat, covered: had, stage, endsAt } = this.#state;
    refuseIf(madeAt < lastBeat || covered < had, "BadBeat");
    refuseIf(stage === "Defaulted" && madeAt > endsAt, "BadBeat"); // A sign of the return says nothing of the time before it.
    const through = Math.max(lastBeat, Math.min(madeAt, this.#serviceTo(now)));
    refuseIf(covered - had > through - lastBeat, "BadBeat");
    return { covered, lastBeat: through };
  }

  #most(state: LeaseState): bigint {
    return least(state.deposit, capOf(this.terms, servedSeconds(state)));
  }

  #proposal(): bigint {
    return least(this.#state.proposed, this.#most(this.#state));
  }

  #pay(total: bigint): void {
    this.#accounts.credit(this.terms.provider, total - this.#state.paid);
    this.#put({ paid: total });
  }
}
