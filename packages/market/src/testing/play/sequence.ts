import assert from "node:assert/strict";
import { createSeededRandom } from "@orrery/core/conformance";
import type { Hex } from "viem";
import type { Account } from "../../lease/terms.ts";
import { ForeseenCalls } from "../foreseen-calls.ts";
import { type LeaseBench, lookOf } from "../lease-bench.ts";
import { assertLawful, endAlone, type Moment, momentOf } from "../lease-invariants.ts";
import { lookWords } from "../look-words.ts";
import type { Cast } from "./cast.ts";
import { LeasePlay, type Step } from "./lease-play.ts";

/** Where sequences begin: a contract to which the cast has brought money, at a block. */
export interface Stage {
  readonly bench: LeaseBench;
  readonly cast: Cast;
  readonly block: number;
  /** When money was brought, and the time of the block. */
  readonly endowedAt: number;
  readonly at: number;
}

/** A call as it was made, and what it took. */
export interface Made {
  readonly name: string;
  /** Why it was refused; empty where it was not. */
  readonly told: string;
  readonly gas: number;
}

interface Planned extends Step {
  readonly names: readonly Hex[];
  readonly words: Hex;
}

/** Has the contract given what each of a cast owns at first. */
export async function setStage(bench: LeaseBench, cast: Cast, endowedAt: number): Promise<Stage> {
  const play = new LeasePlay({ chain: bench, random: createSeededRandom(0), cast, at: endowedAt });
  let block = 0;
  for (let call = 0; call < ENDOWMENTS; call++) {
    const { told, sent } = await play.step();
    assert.equal(told + (sent.refusal ?? ""), "");
    block = sent.block.number;
  }
  return { bench, cast, block, endowedAt, at: play.now() };
}

/** Calls that a play of its own accord begins with. */
const ENDOWMENTS = 8;

/** Calls by chance in a sequence, at most; the end that one party makes comes after. */
const CALLS_MAX = 30;

/**
 * Plays a sequence: calls by chance of one to three leases, and then one party alone ends one of them. The model plans it and is held to every rule
 * after each call; then the node makes all calls, and refusals and state are compared after each.
 * @throws Error with the seed, the call and the difference
 */
export async function playSequence(stage: Stage, seed: number): Promise<readonly Made[]> {
  const { bench, cast, block } = stage;
  const owners = [cast.publisher, cast.payer, cast.stranger, ...cast.providers];
  const { calls, planned } = await plan(stage, { seed, owners });
  const named = calls.map((call, index) => ({ ...call, names: planned[index]?.names ?? [] }));
  const done = await bench.simulate(named, { block, accounts: owners });
  return planned.map(({ name, text, told, words }, index) => {
    const { refusal = "", gas = 0, look = "0x" } = done[index] ?? {};
    const why = `sequence of seed ${seed}, call ${index}: ${text}`;
    assert.equal(refusal, told, why);
    if (look !== words) assert.deepEqual(lookOf(look), lookOf(words), why);
    return { name, told, gas };
  });
}

async function plan(stage: Stage, { seed, owners }: { readonly seed: number; readonly owners: readonly Account[] }) {
  const { bench, cast, block, endowedAt, at } = stage;
  const random = createSeededRandom(seed);
  const chain = new ForeseenCalls({ chainId: bench.chainId, contract: bench.contract, block });
  const play = new LeasePlay({ chain, random, cast, at, endowedAt, leases: 1 + random.integer(3) });
  const planned: Planned[] = [];
  const make = async (next: () => Promise<Step>) => {
    const before = momentOf(play.leases, play.accounts);
    const step = await next();
    assertHeld(play, before, `sequence of seed ${seed}, call ${planned.length}: ${step.text}`);
    const words = lookWords(play.accounts, play.leases, owners);
    planned.push({ ...step, names: play.names(), words });
  };
  for (let left = 1 + random.integer(CALLS_MAX); left > 0; left--) await make(() => play.step());
  const ending = play.some();
  if (ending === undefined) return { calls: chain.calls, planned };
  const { lease, caller } = ending;
  await endAlone(lease, {
    caller,
    from: play.now() + 1,
    make: (act, now) => make(() => play.act(lease, act, { caller, at: now })),
  });
  return { calls: chain.calls, planned };
}

function assertHeld(play: LeasePlay, before: Moment, why: string): void {
  try {
    assert.equal(play.sum(), play.accounts.held, "I1");
    assertLawful(before, momentOf(play.leases, play.accounts), play.vouched);
  } catch (error) {
    throw new Error(why, { cause: error });
  }
}
