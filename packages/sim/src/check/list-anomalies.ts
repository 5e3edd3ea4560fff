import { describeValue } from "./describe-operation.ts";
import type { KeyHistory } from "./list-versions.ts";
import { type ListElement, stepsOf, type Transaction } from "./transaction.ts";

/** Something that transactions did and must not, which is seen without any cycle. */
export interface ListAnomaly {
  readonly name:
    | "G1a"
    | "G1b"
    | "internal"
    | "incompatible order"
    | "duplicate elements"
    | "unknown element"
    | "lost update";
  readonly transactions: readonly Transaction[];
  readonly because: string;
}

/** Finds what single transactions and pairs of them show. */
export function listAnomalies(
  transactions: readonly Transaction[],
  keys: ReadonlyMap<string, KeyHistory>,
): ListAnomaly[] {
  const committed = transactions.filter(({ outcome }) => outcome === "ok");
  return [
    ...committed.flatMap(internal),
    ...committed.flatMap((transaction) => badReads(transaction, keys)),
    ...[...keys.values()].flatMap(incompatibleOrders),
    ...[...keys.values()].flatMap(lostUpdates),
  ];
}

/** A transaction sees its own appends, and what it saw before, unchanged. */
function internal(transaction: Transaction): ListAnomaly[] {
  const expected = new Map<string, { readonly known: readonly ListElement[]; readonly isWhole: boolean }>();
  const found: ListAnomaly[] = [];
  for (const step of stepsOf(transaction)) {
    const { known, isWhole } = expected.get(step.key) ?? { known: [], isWhole: false };
    if (step.kind === "append") {
      expected.set(step.key, { known: [...known, step.value], isWhole });
      continue;
    }
    if (step.list === undefined) continue;
    const isSeen = isWhole ? isEqual(step.list, known) : endsWith(step.list, known);
    if (!isSeen) {
      const wanted = `${isWhole ? "" : "… and "}${describeValue(known)}`;
      const because = `it read ${step.key} as ${describeValue(step.list)} where it must see ${wanted}`;
      found.push({ name: "internal", transactions: [transaction], because });
    }
    expected.set(step.key, { known: step.list, isWhole: true });
  }
  return found;
}

function badReads(transaction: Transaction, keys: ReadonlyMap<string, KeyHistory>): ListAnomaly[] {
  return stepsOf(transaction).flatMap((step) =>
    step.kind === "append" || step.list === undefined
      ? []
      : badRead(transaction, step.key, step.list, keys.get(step.key)),
  );
}

function badRead(
  transaction: Transaction,
  key: string,
  list: readonly ListElement[],
  history: KeyHistory | undefined,
): ListAnomaly[] {
  const found: ListAnomaly[] = [];
  const read = `read ${key} as ${describeValue(list)}`;
  const twice = list.find((value, index) => list.indexOf(value) !== index);
  if (twice !== undefined)
    found.push({ name: "duplicate elements", transactions: [transaction], because: `it ${read}, with ${twice} twice` });
  for (const value of list) {
    const writer = history?.writers.get(value);
    if (writer === undefined)
      found.push({
        name: "unknown element",
        transactions: [transaction],
        because: `it ${read}, but nobody appended ${value}`,
      });
    else if (writer.transaction.outcome === "fail")
      found.push({
        name: "G1a",
        transactions: [writer.transaction, transaction],
        because: `the second ${read}, with ${value} of the first, which was aborted`,
      });
  }
  const last = list.at(-1);
  const writer = last === undefined ? undefined : history?.writers.get(last);
  if (writer?.isIntermediate === true && writer.transaction !== transaction)
    found.push({
      name: "G1b",
      transactions: [writer.transaction, transaction],
      because: `the second ${read}, up to ${last}, behind which the first appended more`,
    });
  return found;
}

/** All lists read of a key must be beginnings of the longest. */
function incompatibleOrders({ key, order, reads, longestReader }: KeyHistory): ListAnomaly[] {
  const other = reads.find(({ list }) => !isEqual(order.slice(0, list.length), list));
  if (other === undefined || longestReader === undefined) return [];
  const because = `one read ${key} as ${describeValue(order)}, the other as ${describeValue(other.list)}`;
  return [{ name: "incompatible order", transactions: [longestReader, other.transaction], because }];
}

/** Two transactions that read the same list and both appended to it: one did not see the other, whichever came first. */
function lostUpdates({ key, reads, writers }: KeyHistory): ListAnomaly[] {
  const appenders = new Set([...writers.values()].map(({ transaction }) => transaction));
  const first = new Map<string, Transaction>();
  const found: ListAnomaly[] = [];
  for (const { transaction, list } of reads) {
    if (!appenders.has(transaction)) continue;
    const version = JSON.stringify(list);
    const before = first.get(version);
    if (before === undefined) first.set(version, transaction);
    else {
      const because = `both read ${key} as ${describeValue(list)} and appended to it`;
      found.push({ name: "lost update", transactions: [before, transaction], because });
    }
  }
  return found;
}

function isEqual(a: readonly ListElement[], b: readonly ListElement[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

function endsWith(list: readonly ListElement[], end: readonly ListElement[]): boolean {
  return end.length === 0 || isEqual(list.slice(-end.length), end);
}
