import { type Abi, decodeEventLog, encodeEventTopics, type Hex } from "viem";
import { Leases, ProviderRegistry } from "../gen/contracts.ts";
import type { Account, Digest } from "../lease/terms.ts";

/** What happened on the chain, by the names that the contracts give it. Numbers are as in states: times and counts are numbers, amounts big. */
export interface ChainEvent {
  readonly name: EventName;
  /** Of which lease; undefined for those about providers. */
  readonly lease?: Digest;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What is told: all that becomes of leases, and of providers. What accounts have is read. */
export const EVENT_NAMES = [
  ...(["Opened", "Started", "Cancelled", "Funded", "Shown", "Proposed", "Paid", "Challenged", "Answered"] as const),
  ...(["Failed", "Returned", "Noticed", "Drained", "Resting", "Dark", "Settled"] as const),
  ...(["Registered", "Unregistered"] as const),
] as const;

/** Name of an event. */
export type EventName = (typeof EVENT_NAMES)[number];

const ABI: Abi = [...Leases.abi, ...ProviderRegistry.abi].filter(
  (one) => one.type === "event" && EVENT_NAMES.includes(one.name as EventName),
);

/** First topics of what is told, for a filter of logs. */
export const EVENT_TOPICS: readonly Hex[] = EVENT_NAMES.map(
  (eventName) => encodeEventTopics({ abi: ABI, eventName })[0] as Hex,
);

/** Reads a log of the contracts. */
export function readEvent(log: { readonly topics: readonly Hex[]; readonly data: Hex }): ChainEvent {
  const topics = [...log.topics] as [Hex, ...Hex[]];
  const { eventName, args } = decodeEventLog({ abi: ABI, data: log.data, topics });
  return eventOf(eventName as unknown as EventName, args as unknown as Readonly<Record<string, unknown>>);
}

/** An event with its fields; addresses in small letters. */
export function eventOf(name: EventName, { lease, ...fields }: Readonly<Record<string, unknown>>): ChainEvent {
  const plain = Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, plainValue(value)]));
  return lease === undefined ? { name, fields: plain } : { name, lease: lease as Digest, fields: plain };
}

function plainValue(value: unknown): unknown {
  if (typeof value === "string" && /^0x[\da-f]{40}$/i.test(value)) return value.toLowerCase() as Account;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, plainValue(inner)]));
}
