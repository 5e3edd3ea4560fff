import type { KeyHistory } from "./list-versions.ts";
import type { ListElement, Transaction } from "./transaction.ts";

/** Unseen appends that one which appended unseen itself is compared with; each pair is a lost update and told as such. */
const UNSEEN_NAMED_MAX = 16;

/**
 * Why one transaction comes before another: it wrote what the other overwrote (`ww`) or read (`wr`); it read what the other overwrote
 * (`rw`); it had returned before the other was called (`real time`). `via` leads on from a place that stands for several transactions.
 */
export type DependencyKind = "ww" | "wr" | "rw" | "real time" | "via";

/** One transaction, or place, before another. */
export interface Dependency {
  readonly from: number;
  readonly to: number;
  readonly kind: DependencyKind;
  readonly because: string;
}

/** Transactions that took place, by number, with what each comes before. Numbers from `transactions.length` stand for places between. */
export interface DependencyGraph {
  readonly transactions: readonly Transaction[];
  readonly edges: readonly (readonly Dependency[])[];
}

/** Makes the graph of all dependencies that the lists show, and those of real time if they are to count. */
export function dependencyGraph(
  transactions: readonly Transaction[],
  keys: ReadonlyMap<string, KeyHistory>,
  options: { readonly realTime: boolean },
): DependencyGraph {
  const builder = new GraphBuilder(transactions.filter((transaction) => tookPlace(transaction, keys)));
  for (const history of keys.values()) builder.addKey(history);
  if (options.realTime) builder.addRealTime();
  return builder;
}

/** Committed, or of unknown outcome and seen by somebody. */
function tookPlace(transaction: Transaction, keys: ReadonlyMap<string, KeyHistory>): boolean {
  if (transaction.outcome !== "unknown") return transaction.outcome === "ok";
  return transaction.input.some(
    (step) => step.kind === "append" && keys.get(step.key)?.order.includes(step.value) === true,
  );
}

class GraphBuilder implements DependencyGraph {
  readonly transactions: readonly Transaction[];
  readonly edges: Dependency[][] = [];
  readonly #numbers: ReadonlyMap<Transaction, number>;

  constructor(transactions: readonly Transaction[]) {
    this.transactions = transactions;
    this.#numbers = new Map(transactions.map((transaction, index) => [transaction, index]));
    for (const _ of transactions) this.edges.push([]);
  }

  /** Each value is overwritten by the next; those that nobody saw come after all that were seen. */
  addKey({ key, order, writers, reads }: KeyHistory): void {
    const seen = new Set(order);
    const unseen = [...writers].filter(([value, { transaction }]) => !seen.has(value) && transaction.outcome === "ok");
    const place = this.#addPlace(key, unseen);
    const writerOf = (value: ListElement | undefined) =>
      value === undefined ? undefined : this.#numberOf(writers.get(value)?.transaction);
    for (const [index, value] of order.entries()) {
      const because = `appended ${value} to ${key}`;
      const next = order[index + 1];
      if (next !== undefined) this.#add(writerOf(value), writerOf(next), "ww", `${because}, before ${next}`);
      else this.#addToUnseen(writerOf(value), place, "ww", `${because}, before what nobody read`);
    }
    for (const { transaction, list } of reads) {
      const reader = this.#numberOf(transaction);
      const last = list.at(-1);
      const index = list.length - 1;
      if (list.some((value, at) => value !== order[at])) continue; // Another order: an anomaly by itself, which tells nothing more.
      this.#add(writerOf(last), reader, "wr", `appended ${last} to ${key}, which was read`);
      const next = order[index + 1];
      const because = `read ${key} ${last === undefined ? "empty" : `up to ${last}`}`;
      if (next !== undefined) this.#add(reader, writerOf(next), "rw", `${because}, before ${next} was appended`);
      else this.#addToUnseen(reader, place, "rw", `${because}, before another append to it`);
    }
  }

  /**
   * Adds those that returned last before a call; what returned before them follows. The frontier is what no call of a transaction
   * that has returned stands behind, so that edges are as many as transactions times those under way at once.
   */
  addRealTime(): void {
    this.#addProcessOrder();
    const frontier = new Set<number>();
    const before = new Map<number, readonly number[]>();
    for (const { number, isCall } of this.#moments()) {
      if (isCall) {
        before.set(number, [...frontier]);
        for (const earlier of frontier) this.#add(earlier, number, "real time", "returned before the call");
      } else {
        for (const earlier of before.get(number) ?? []) frontier.delete(earlier);
        frontier.add(number);
      }
    }
  }

  /** What touches is concurrent, save in one process. */
  #addProcessOrder(): void {
    const last = new Map<number, number>();
    for (const { number, isCall, time } of this.#moments()) {
      const transaction = this.transactions[number];
      if (!isCall || transaction === undefined) continue;
      const before = last.get(transaction.process);
      last.set(transaction.process, number);
      if (before !== undefined && this.transactions[before]?.returnAt === time)
        this.#add(before, number, "real time", "returned before the next call of its process");
    }
  }

  /** Calls and returns in order; at one instant calls come first, so that what touches is concurrent. */
  #moments(): { readonly time: number; readonly number: number; readonly isCall: boolean }[] {
    const moments = this.transactions.flatMap(({ callAt, returnAt, outcome }, number) => [
      { time: callAt, number, isCall: true },
      ...(outcome === "ok" ? [{ time: returnAt, number, isCall: false }] : []),
    ]);
    return moments.sort((a, b) => a.time - b.time || Number(b.isCall) - Number(a.isCall));
  }

  /** One place before all appends that nobody saw: readers lead there, not to each. */
  #addPlace(
    key: string,
    unseen: readonly (readonly [ListElement, { readonly transaction: Transaction }])[],
  ): number | undefined {
    if (unseen.length === 0) return undefined;
    const place = this.edges.length;
    this.edges.push([]);
    for (const [value, { transaction }] of unseen)
      this.#add(place, this.#numberOf(transaction), "via", `appended ${value} to ${key}`);
    return place;
  }

  /** One that appended unseen itself must not lead to itself over the place: it leads to a few others, which did not see it either. */
  #addToUnseen(from: number | undefined, place: number | undefined, kind: DependencyKind, because: string): void {
    if (from === undefined || place === undefined) return;
    const appends = this.edges[place] ?? [];
    const others = appends.filter(({ to }) => to !== from);
    if (others.length === appends.length) this.#add(from, place, kind, because);
    else for (const { to } of others.slice(0, UNSEEN_NAMED_MAX)) this.#add(from, to, kind, because);
  }

  #numberOf(transaction: Transaction | undefined): number | undefined {
    return transaction === undefined ? undefined : this.#numbers.get(transaction);
  }

  #add(from: number | undefined, to: number | undefined, kind: DependencyKind, because: string): void {
    if (from === undefined || to === undefined || from === to) return;
    this.edges[from]?.push({ from, to, kind, because });
  }
}
