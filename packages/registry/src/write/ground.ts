import { OrreryError } from "@orrery/core";
import { ancestorsOf, printAddress } from "../address/address.ts";
import { parseAddress } from "../address/parse-address.ts";
import type { KindTable } from "../kinds/kind-table.ts";
import type { Resource } from "../resource.ts";
import { type Decision, decide, denied, isOperator, type RightsRules } from "../rights/decide.ts";
import type { Verb } from "../rights/verbs.ts";
import type { SecretBox } from "../secret-box.ts";

/** What every write stands on. */
export interface Ground {
  readonly kinds: KindTable;
  readonly rights: RightsRules;
  readonly secrets: SecretBox;
  /** Whether only Users, operators, and what they own and acts may own something. */
  readonly ownersKnown: boolean;
  /** Bytes that a Space holds beside its content. */
  readonly held: (space: Pick<Resource, "address" | "created">) => Promise<number>;
  /** Wall time in ms since 1970. */
  readonly now: () => number;
  /** So many bytes of chance, as hexadecimal digits. */
  readonly chance: (bytes: number) => string;
}

/** Whoever asks. */
export interface By {
  /** The address of the agent, or the name of an operator; `""` for somebody who did not say. */
  readonly agent: string;
  /** The token of the lock under which it writes. Default: none. */
  readonly token?: string;
  /** So that a write is done once, however often it is asked: up to 128 characters. Default: it is done each time. */
  readonly requestId?: string;
}

/** One write, by somebody, on what all writes stand on. */
export interface Doing {
  readonly by: By;
  readonly ground: Ground;
  /** Whether it is by code of the own process, which may make what is sealed and set what is reserved. Default: false. */
  readonly isTrusted?: boolean;
}

/** Reads resources, one by one. */
export interface Reads {
  get(address: string): Promise<Resource | undefined>;
  /** Reads several at once, with one question to the store for all that are not in memory; says whether it was asked. Default: one by one. */
  all?(addresses: readonly string[]): Promise<{ readonly found: readonly Resource[]; readonly isAsked: boolean }>;
  /** Asks the store for some, whether they are in memory or not, and forgets the answer. Default: there is no store. */
  ask?(addresses: readonly string[]): Promise<void>;
}

/** Reads an address of this registry, and writes it as it is kept. @throws OrreryError `invalid_argument` */
export function localAddress(text: string): string {
  const address = parseAddress(text);
  if (address.authority === undefined) return printAddress(address);
  throw new OrreryError(
    "invalid_argument",
    `Cannot use "${text}" here: it is of another network, ${address.authority.text}, leave "${address.authority.text}::" out, or write one ":" between segments`,
  );
}

/** Finds a resource. @throws OrreryError `not_found` */
export async function existing(reads: Reads, address: string, doing: string): Promise<Resource> {
  const resource = await reads.get(address);
  if (resource !== undefined) return resource;
  throw new OrreryError("not_found", `Cannot ${doing} "${address}": there is no such resource`, {
    details: { address },
  });
}

/** What is asked of rights. */
export interface RightsWish {
  readonly agent: string;
  readonly verb: Verb;
  readonly address: string;
  /** The revision at which it was as is asked: what was made of what it lies in since then gives nobody a right. Default: now. */
  readonly at?: number;
}

/** Decides over a resource and those it lies in. */
export async function judge(wish: RightsWish, over: { reads: Reads; rights: RightsRules }): Promise<Decision> {
  return (await look(wish, over)).decision;
}

/**
 * The same, where whoever is refused is told: each refusal asks the store once, whether what it is about is in memory, is in the store, or is not there.
 * So the time that a refusal takes does not tell which.
 */
export async function judgeAlike(wish: RightsWish, over: { reads: Reads; rights: RightsRules }): Promise<Decision> {
  const { decision, chain, isAsked } = await look(wish, over);
  if (!decision.allowed && !isAsked && chain.length > 0) await over.reads.ask?.(chain);
  return decision;
}

async function look(
  { agent, verb, address, at }: RightsWish,
  { reads, rights }: { reads: Reads; rights: RightsRules },
): Promise<{ readonly decision: Decision; readonly chain: readonly string[]; readonly isAsked: boolean }> {
  const chain = address === "" ? [] : isOperator(agent, rights) ? [address] : [address, ...ancestorsOf(address)];
  const { found, isAsked } = await (reads.all?.(chain) ?? oneByOne(chain, reads));
  const itself = found.find((one) => one.address === address);
  const owned = found.filter((one) => one === itself || at === undefined || one.created <= at);
  const later = at === undefined ? undefined : await laterAbove(address, { reads, at });
  const question = { agent, verb, address, kind: itself?.kind ?? "", owned };
  return { decision: decide(later === undefined ? question : { ...question, later }, rights), chain, isAsked };
}

async function oneByOne(chain: readonly string[], reads: Reads) {
  const found: Resource[] = [];
  for (const address of chain) {
    const one = await reads.get(address);
    if (one !== undefined) found.push(one);
  }
  return { found, isAsked: true };
}

/** The topmost of what an address lies in that was made after a revision. */
export async function laterAbove(
  address: string,
  { reads, at }: { readonly reads: Reads; readonly at: number },
): Promise<string | undefined> {
  for (const above of ancestorsOf(address).toReversed())
    if (((await reads.get(above))?.created ?? 0) > at) return above;
  return undefined;
}

/** @throws OrreryError `permission_denied` with the rule */
export async function assertMay(wish: RightsWish, over: { reads: Reads; rights: RightsRules }): Promise<void> {
  const decision = await judgeAlike(wish, over);
  if (!decision.allowed) throw denied(wish, decision);
}
