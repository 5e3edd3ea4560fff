import type { Operation } from "./operation.ts";

/** A value that a transaction appends; no two appends to one key may be of the same. */
export type ListElement = string | number;

/** A step of a transaction over lists. A read that came back says the whole list that it saw. */
export type TransactionStep =
  | { readonly kind: "append"; readonly key: string; readonly value: ListElement }
  | { readonly kind: "read"; readonly key: string; readonly list?: readonly ListElement[] };

/** A transaction over lists, as a history records it: asked are its steps, and given back the same steps with what the reads saw. */
export type Transaction = Operation<readonly TransactionStep[], readonly TransactionStep[]>;

/** The steps of a transaction, with what its reads saw where that is known. */
export function stepsOf(transaction: Transaction): readonly TransactionStep[] {
  return transaction.outcome === "ok" ? (transaction.output ?? transaction.input) : transaction.input;
}

/** What a transaction did to one key, as others may see it. */
export interface KeyUse {
  /** What it first read before it appended, if it did. */
  readonly read: readonly ListElement[] | undefined;
  /** What it appended, in order. */
  readonly appended: readonly ListElement[];
}

/** What a transaction did, key by key. */
export function usesOf(transaction: Transaction): Map<string, KeyUse> {
  const uses = new Map<string, KeyUse>();
  for (const step of stepsOf(transaction)) {
    const { read, appended } = uses.get(step.key) ?? { read: undefined, appended: [] };
    if (step.kind === "append") uses.set(step.key, { read, appended: [...appended, step.value] });
    else uses.set(step.key, { read: read ?? (appended.length === 0 ? step.list : undefined), appended });
  }
  return uses;
}
