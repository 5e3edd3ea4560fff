import { OrreryError } from "@orrery/core";
import { describeValue } from "./describe-operation.ts";
import { type ListElement, stepsOf, type Transaction, usesOf } from "./transaction.ts";

/** Who appended a value, and whether others should never have seen it without what came behind. */
export interface Writer {
  readonly transaction: Transaction;
  /** Not the last that the transaction appended to the key. */
  readonly isIntermediate: boolean;
}

/** What is known of one key. */
export interface KeyHistory {
  readonly key: string;
  readonly writers: ReadonlyMap<ListElement, Writer>;
  /** The values in the order in which they were appended, as far as anybody saw: the longest list read. */
  readonly order: readonly ListElement[];
  /** The transaction that read the longest list. */
  readonly longestReader: Transaction | undefined;
  /** Reads by committed transactions of what was there before them. */
  readonly reads: readonly { readonly transaction: Transaction; readonly list: readonly ListElement[] }[];
}

/**
 * Gathers what is known of each key.
 * @throws OrreryError `invalid_argument` where two appends to a key are of the same value: then no list tells who wrote it
 */
export function keyHistories(transactions: readonly Transaction[]): Map<string, KeyHistory> {
  const keys = new Map<string, Gathered>();
  for (const transaction of transactions) {
    for (const [key, { read, appended }] of usesOf(transaction)) {
      const { writers, reads } = entry(keys, key);
      for (const [index, value] of appended.entries()) {
        if (writers.has(value)) throw repeated(key, value);
        writers.set(value, { transaction, isIntermediate: index < appended.length - 1 });
      }
      if (read !== undefined && transaction.outcome === "ok") reads.push({ transaction, list: read });
    }
    if (transaction.outcome === "ok") noteLongest(keys, transaction);
  }
  return keys;
}

type Gathered = { -readonly [K in keyof KeyHistory]: KeyHistory[K] } & {
  readonly writers: Map<ListElement, Writer>;
  readonly reads: KeyHistory["reads"][number][];
};

function noteLongest(keys: Map<string, Gathered>, transaction: Transaction): void {
  for (const step of stepsOf(transaction)) {
    if (step.kind === "append" || step.list === undefined) continue;
    const gathered = entry(keys, step.key);
    if (step.list.length <= gathered.order.length) continue;
    gathered.order = step.list;
    gathered.longestReader = transaction;
  }
}

function entry(keys: Map<string, Gathered>, key: string): Gathered {
  const known = keys.get(key);
  if (known !== undefined) return known;
  const made: Gathered = { key, writers: new Map(), order: [], longestReader: undefined, reads: [] };
  keys.set(key, made);
  return made;
}

function repeated(key: string, value: ListElement): OrreryError {
  return new OrreryError(
    "invalid_argument",
    `Cannot check appends of ${describeValue(value)} to "${key}": there are two, append each value once to a key`,
  );
}
