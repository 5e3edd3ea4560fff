import type { Hex } from "viem";
import type { Call } from "../../lease/accounts-model.ts";
import { capOf, least } from "../../lease/dues.ts";
import type { LeaseModel, SignedBeat } from "../../lease/lease-model.ts";
import type { LeaseStage } from "../../lease/lease-state.ts";
import { type Account, NO_DIGEST, NOBODY } from "../../lease/terms.ts";
import { textDigest } from "../../lease/typed-data.ts";
import type { Cast, Sign } from "./cast.ts";
import type { Chances } from "./chances.ts";
import { AMOUNTS, type Draft, type PlainAct } from "./draft.ts";

/** What the calls are drawn from. */
export interface LeaseScene {
  readonly cast: Cast;
  readonly chances: Chances;
  readonly sign: Sign;
  readonly now: number;
  /** Number of the newest block. */
  readonly block: number;
  /** Hashes of the newest blocks, by number. */
  readonly hashes: ReadonlyMap<number, Hex>;
}

const BY_PROVIDER: ReadonlySet<string> = new Set(["start", "propose", "answer", "drain", "rest", "comeBack"]);

const RUNNING = ["show", "propose", "redeem", "collect", "reportDark"];

/** Acts of an active lease beside those that bring money. */
const ACTIVE = ["challenge", "challenge", "answer", "answer", "fail", "fund", "rest", "drain", "close"];

const REST = ["open", "start", "cancel", "fund", "challenge", "answer", "fail", "comeBack", "close", "drain", "rest"];

/** Acts that may go through, by where the lease stands, and all acts. */
const LIKELY: Readonly<Record<LeaseStage | "any", readonly string[]>> = {
  None: ["open"],
  Open: ["start", "start", "start", "fund", "cancel"],
  Active: [...RUNNING, ...RUNNING, ...RUNNING, ...ACTIVE],
  Closing: [...RUNNING, "challenge", "answer", "fail", "settle", "settle", "close", "fund"],
  Overdrawn: [...RUNNING, "fund", "settle", "challenge", "close", "answer"],
  Defaulted: ["show", "propose", "redeem", "collect", "comeBack", "settle", "settle"],
  Settled: ["open", "settle", "redeem", "cancel", "fund"],
  any: [...RUNNING, ...REST, "settle"],
};

/** A call of a lease: mostly one that may go through, by one who may. */
export async function draftOfLease(model: LeaseModel, scene: LeaseScene): Promise<Draft> {
  const { cast, chances } = scene;
  const name = chances.of(likely(model, chances));
  const from = chances.chance(0.06) ? cast.stranger : chances.of(callersOf(name, model, cast));
  const plain: Plain = (told, ...args) => ({ from, name, args: [model.terms, ...args], told });
  return await draftOf(name, { ...scene, model, plain });
}

function likely(model: LeaseModel, { chance }: Chances): readonly string[] {
  const { stage, answerBy } = model.state();
  if (answerBy !== 0 && chance(0.4)) return ["answer", "fail"];
  return chance(0.9) ? LIKELY[stage] : LIKELY.any;
}

/** Who may make a call, as a rule. */
function callersOf(name: string, { terms }: LeaseModel, { publisher, payer }: Cast): readonly Account[] {
  if (BY_PROVIDER.has(name)) return [terms.provider];
  if (name === "open") return terms.publisher === NOBODY ? [publisher, payer, payer] : [publisher];
  return name === "close" ? [publisher, payer, terms.provider] : [publisher, payer];
}

type Plain = (told: (call: Call) => void, ...args: readonly unknown[]) => Draft;

type Act = LeaseScene & { readonly model: LeaseModel; readonly plain: Plain };

async function draftOf(name: string, act: Act): Promise<Draft> {
  const { cast, chances, model, plain, now, sign } = act;
  const { terms } = model;
  const state = model.state();
  const { of, chance } = chances;
  switch (name) {
    case "open": {
      const [amount, who] = [chance(0.05) ? 0n : of(AMOUNTS.slice(1)), chance(0.05) ? cast.stranger : terms.provider];
      const { payer } = cast;
      const quote = await sign(who, "Terms", terms);
      return plain((call) => model.open({ payer, amount, signer: who }, call), quote, payer, amount);
    }
    case "start": {
      const session = chance(0.03) ? NOBODY : of(cast.sessions);
      return plain((call) => model.start(session, call), session);
    }
    case "fund": {
      const amount = of(AMOUNTS);
      return plain((call) => model.fund(amount, call), amount);
    }
    case "redeem": {
      const total = chances.near(state.deposit, state.paid);
      const upTo = Math.max(0, now + of([-100, -5, 0, 30]));
      const who = chance(0.05) || state.publisher === NOBODY ? cast.stranger : state.publisher;
      const signature = await sign(who, "Voucher", { lease: model.lease, total, upTo });
      const draft = plain((call) => model.redeem({ total, upTo, signer: who }, call), total, upTo, signature);
      return { ...draft, voucher: { lease: model, total } };
    }
    case "show":
    case "answer":
    case "comeBack": {
      const { signed, args } = await beatOf(act);
      return plain((call) => model[name](signed, call), ...args);
    }
    case "propose": {
      const { signed, args } = await beatOf(act);
      const total = chances.near(least(capOf(terms, signed.beat.covered), state.deposit), state.paid);
      return plain((call) => model.propose(total, signed, call), total, ...args);
    }
    case "reportDark":
      return await darkness(act);
    case "rest": {
      const from = now + terms.providerNotice + of([-1, 0, 100]);
      const to = from + of([0, 60, 3_600]);
      return plain((call) => model.rest({ from, to }, call), from, to);
    }
    default: {
      return plain((call) => model[name as PlainAct](call));
    }
  }
}

async function darkness({ cast, chances, model, plain, now, sign }: Act): Promise<Draft> {
  const { chance, integer } = chances;
  const { judgedTo } = model.state();
  const from = chance(0.8) ? judgedTo + integer(3) : integer(now);
  const to = chance(0.8) ? Math.min(now, from + integer(90)) : now + 5;
  const watchers = chance(0.05) ? [cast.stranger] : [...cast.watchers].sort();
  const silent = chance(0.3) ? 1 : 0;
  const some = watchers.map((_, at) => at >= silent + (chance(0.1) ? 1 : 0));
  const signatures = await Promise.all(
    watchers.map((who, at) => (some[at] ? sign(who, "Darkness", { lease: model.lease, from, to }) : "0x")),
  );
  const { quorum } = model.terms;
  const agreed = watchers.length === 3 && quorum > 0 && some.filter(Boolean).length >= quorum;
  return plain((call) => model.reportDark({ from, to, agreed }, call), from, to, watchers, signatures);
}

/** A beat that may be good: it covers no more than has passed, most times. */
async function beatOf({ model, cast, chances, now, block, hashes, sign }: Act): Promise<{
  readonly signed: SignedBeat;
  readonly args: readonly unknown[];
}> {
  const { chance, integer } = chances;
  const { lastBeat, covered, session } = model.state();
  const madeAt = Math.max(0, chance(0.9) ? now - integer(3) : lastBeat + integer(50) - 10);
  const passed = Math.max(0, madeAt - lastBeat);
  const adds = chance(0.8) ? passed : integer(passed + 2);
  const number = Math.max(0, block - (chance(0.9) ? 0 : integer(300)));
  const hash = chance(0.97) ? (hashes.get(number) ?? NO_DIGEST) : textDigest("another chain");
  const beat = {
    lease: chance(0.98) ? model.lease : textDigest("another lease"),
    ...{ madeAt, covered: Math.max(0, covered + adds - (chance(0.02) ? 1 : 0)) },
    ...{ blockNumber: number, blockHash: hash, meter: NO_DIGEST, volume: 1 },
  };
  const who = cast.keys.has(session) && chance(0.96) ? session : cast.stranger;
  const signature = await sign(who, "Beat", beat);
  const isOfChain = hash !== NO_DIGEST && hashes.get(number) === hash;
  return { signed: { beat, signer: who, isOfChain }, args: [beat, signature] };
}
