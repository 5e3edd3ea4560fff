import assert from "node:assert/strict";
import type { Random } from "@orrery/core";
import type { BlockTag } from "../../chain/lease-chain.ts";
import type { LeaseState } from "../../lease/lease-state.ts";
import type { Account, Terms } from "../../lease/terms.ts";
import { leaseName } from "../../lease/typed-data.ts";
import type { Prices } from "../../meter/prices.ts";
import { termsOf } from "../chain/chain-harness.ts";
import { WorldChain } from "./world-chain.ts";
import { signatureOf } from "./world-signatures.ts";

/** When worlds begin, ms since 1970. */
export const EPOCH_MS = 2_000_000_000_000;

/** Two units a second for the one thing that is held: the rate of the terms. */
export const PRICES: Prices = { cpu: 2_000_000_000n };

const account = (letter: string): Account => `0x${letter.repeat(40)}`;

/** Who takes part in a world. */
export const WHO = { publisher: account("a"), provider: account("b"), stranger: account("c"), session: account("d") };

/** What each brings into the contract. */
export const WEALTH = 100_000n;

/** A lease that runs, on a chain of a world. */
export interface LeaseScene {
  readonly chain: WorldChain;
  readonly terms: Terms;
  readonly lease: `0x${string}`;
  /** When it began, by its chain. */
  readonly startedAt: number;
  /** The lease as the newest block has it. */
  state(): Promise<LeaseState>;
  /** The same as a block that stays has it. */
  finalState(): Promise<LeaseState>;
  /** What an account has: its balance and stakes, and what is in its wallet does not change. */
  worth(who: keyof typeof WHO): Promise<bigint>;
}

/** How it begins. */
export interface SceneOptions {
  /** Time of the world, ms since 1970. */
  readonly now: () => number;
  readonly random: Pick<Random, "next" | "integer">;
  readonly deposit: bigint;
  readonly change?: Partial<Terms>;
  /** Default: it is. */
  readonly isStarted?: boolean;
}

/** Sets the stage: money of all, stake, a lease that is open, and started. */
export async function setScene({
  now,
  random,
  deposit,
  change = {},
  isStarted = true,
}: SceneOptions): Promise<LeaseScene> {
  const chain = new WorldChain({ now, random });
  const { memory } = chain;
  const make = async (who: keyof typeof WHO, call: Parameters<WorldChain["make"]>[0]) => {
    const sent = await chain.make(call, WHO[who]);
    assert.equal(sent.kind, "mined", `${call.kind}: ${"message" in sent ? sent.message : ""}`);
  };
  for (const who of ["publisher", "provider", "stranger"] as const) {
    memory.mint(WHO[who], WEALTH);
    await make(who, { kind: "approve", amount: WEALTH });
    await make(who, { kind: "deposit", account: WHO[who], amount: WEALTH });
  }
  const base = termsOf(1, memory.newest().at);
  const terms = { ...base, provider: WHO.provider, publisher: WHO.publisher, ...change };
  await make("provider", { kind: "stake", amount: terms.bond });
  const quote = signatureOf(WHO.provider, "Terms", terms);
  await make("publisher", { kind: "open", terms, quote, payer: WHO.publisher, amount: deposit });
  if (isStarted) await make("provider", { kind: "start", terms, session: WHO.session });
  const startedAt = memory.newest().at;
  for (let block = 0; block < 5; block++) memory.mine();
  chain.firstFinal = memory.newest().number;
  const lease = leaseName(terms);
  const read = async (at: BlockTag = "latest") => {
    const reading = await memory.connect(WHO.stranger).read({ leases: [lease], accounts: Object.values(WHO) }, at);
    assert.ok(reading.kind === "known");
    return reading.state;
  };
  return {
    ...{ chain, terms, lease, startedAt },
    state: async () => (await read()).leases[0] as LeaseState,
    finalState: async () => (await read("finalized")).leases[0] as LeaseState,
    worth: async (who) => {
      const owned = (await read()).accounts.find((one) => one.account === WHO[who]);
      const { balance = 0n, stake } = owned ?? {};
      return balance + (stake?.free ?? 0n) + (stake?.locked ?? 0n) + (stake?.unbonding ?? 0n);
    },
  };
}
