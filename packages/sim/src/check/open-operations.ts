import type { Operation } from "./operation.ts";
import { plainKey } from "./plain-key.ts";

/**
 * The operations of one part of a history that are not yet put in order: which may come next, and which of them is due first.
 *
 * I1. An operation may come next if none that is open returned before its call, and its process has no earlier one open. Operations
 *     that touch at one instant may come in any order, save those of one process.
 * I2. Of optional operations that ask the same, the one called first is put in order first: they can stand for one another.
 * I3. Operations are taken back in the reverse order of their placing, so that links need no search.
 *
 * A number below `requiredCount` stands for an operation with an outcome, any other for one without.
 */
export class OpenOperations<I, O> {
  readonly operations: readonly Operation<I, O>[];
  readonly requiredCount: number;
  /** Rank of each required operation by its return. */
  readonly returnRank: Int32Array;
  readonly #calls: Links;
  readonly #returns: Links;
  readonly #placed: Uint8Array;
  /** Earlier required operation of the same process, or -1. */
  readonly #before: Int32Array;
  /** Optional operations that ask the same, by call; and how many of each are placed. */
  readonly #alike: readonly (readonly number[])[];
  readonly #alikeOf: ReadonlyMap<number, number>;
  readonly #used: Int32Array;

  constructor(operations: readonly Operation<I, O>[]) {
    const byCall = operations.toSorted((a, b) => a.callAt - b.callAt || a.returnAt - b.returnAt);
    const required = byCall.filter((operation) => operation.outcome === "ok");
    this.operations = [...required, ...byCall.filter((operation) => operation.outcome === "unknown")];
    const count = required.length;
    this.requiredCount = count;
    const byReturn = required.map((_, index) => index).sort((a, b) => this.#returnAt(a) - this.#returnAt(b) || a - b);
    this.returnRank = new Int32Array(count);
    for (const [rank, index] of byReturn.entries()) this.returnRank[index] = rank;
    this.#calls = new Links(required.map((_, index) => index));
    this.#returns = new Links(byReturn);
    this.#placed = new Uint8Array(count);
    this.#before = predecessors(this.operations, count);
    this.#alike = this.#groupAlike();
    this.#alikeOf = new Map(
      this.#alike.flatMap((group, index) => group.map((operation) => [operation, index] as const)),
    );
    this.#used = new Int32Array(this.#alike.length);
  }

  /** The open required operation that is due first, or -1 when all are placed. */
  get due(): number {
    return this.#returns.first;
  }

  /** The required operation after one that may come next; after -1, the first. -1 when there is no more. */
  nextRequired(after: number): number {
    const dueAt = this.#dueAt();
    let index = after < 0 ? this.#calls.first : this.#calls.after(after);
    for (; index >= 0; index = this.#calls.after(index)) {
      if (this.#callAt(index) > dueAt) return -1;
      if (this.#isFree(index)) return index;
    }
    return -1;
  }

  /** The optional operations that may come next, one of each that ask the same. */
  optional(): number[] {
    const dueAt = this.#dueAt();
    const found: number[] = [];
    for (const [index, group] of this.#alike.entries()) {
      const operation = group[this.#used[index] ?? 0];
      if (operation !== undefined && this.#callAt(operation) <= dueAt && this.#isFree(operation)) found.push(operation);
    }
    return found;
  }

  /** The open required operation that is due after one, or -1. */
  nextDue(after: number): number {
    return this.#returns.after(after);
  }

  /** Whether a test holds for one of the open operations that may come before an open one. */
  someBefore(index: number, test: (input: I, output: O | undefined) => boolean): boolean {
    const until = this.#returnAt(index);
    for (let other = this.#calls.first; other >= 0; other = this.#calls.after(other)) {
      if (this.#callAt(other) > until) break;
      const operation = this.operations[other];
      if (other !== index && operation !== undefined && test(operation.input, operation.output)) return true;
    }
    return this.#alike.some((group, at) => {
      const operation = this.operations[group[this.#used[at] ?? 0] ?? -1];
      return operation !== undefined && operation.callAt <= until && test(operation.input, undefined);
    });
  }

  place(index: number): void {
    if (index < this.requiredCount) {
      this.#placed[index] = 1;
      this.#calls.remove(index);
      this.#returns.remove(index);
    } else this.#useAlike(index, 1);
  }

  takeBack(index: number): void {
    if (index < this.requiredCount) {
      this.#placed[index] = 0;
      this.#returns.restore(index);
      this.#calls.restore(index);
    } else this.#useAlike(index, -1);
  }

  /** A text that is the same for the same set of placed operations: the first open one, what is placed beyond it, what is used. */
  fingerprint(): string {
    const first = this.#calls.first;
    const dueAt = this.#dueAt();
    let text = `${first}:`;
    let bits = 1;
    for (let index = first + 1; index < this.requiredCount && this.#callAt(index) <= dueAt; index++) {
      bits = bits * 2 + (this.#placed[index] ?? 0);
      if (bits < 0x8000) continue;
      text += String.fromCharCode(bits);
      bits = 1;
    }
    text += String.fromCharCode(bits);
    for (const [index, used] of this.#used.entries()) if (used > 0) text += `,${index}.${used}`;
    return text;
  }

  #dueAt(): number {
    const { due } = this;
    return due < 0 ? Number.POSITIVE_INFINITY : this.#returnAt(due);
  }

  #isFree(index: number): boolean {
    const before = this.#before[index] ?? -1;
    return before < 0 || this.#placed[before] === 1;
  }

  #useAlike(operation: number, change: number): void {
    const group = this.#alikeOf.get(operation) ?? 0;
    this.#used[group] = (this.#used[group] ?? 0) + change;
  }

  #groupAlike(): number[][] {
    const groups = new Map<string, number[]>();
    for (let index = this.requiredCount; index < this.operations.length; index++) {
      const before = this.#before[index] ?? -1;
      // Where it touches an earlier one of its process, it must wait for that, and others like it need not.
      const isAlone = before >= 0 && this.#returnAt(before) === this.#callAt(index);
      const asked = isAlone ? undefined : plainKey(this.operations[index]?.input);
      const key = asked === undefined ? `alone ${index}` : `asks ${asked}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [index]);
      else group.push(index);
    }
    return [...groups.values()];
  }

  #callAt(index: number): number {
    return this.operations[index]?.callAt ?? 0;
  }

  #returnAt(index: number): number {
    return this.operations[index]?.returnAt ?? 0;
  }
}

function predecessors(operations: readonly Operation<unknown, unknown>[], requiredCount: number): Int32Array {
  const before = new Int32Array(operations.length).fill(-1);
  const last = new Map<number, number>();
  const byCall = operations.map((_, index) => index).sort((a, b) => callOrder(operations, a, b));
  for (const index of byCall) {
    const process = operations[index]?.process ?? 0;
    before[index] = last.get(process) ?? -1;
    if (index < requiredCount) last.set(process, index);
  }
  return before;
}

function callOrder(operations: readonly Operation<unknown, unknown>[], a: number, b: number): number {
  const [first, second] = [operations[a], operations[b]];
  if (first === undefined || second === undefined) return 0;
  return first.callAt - second.callAt || first.returnAt - second.returnAt || a - b;
}

/** A doubly linked list of numbers that gives back what was removed last at the same place. */
class Links {
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #end: number;

  constructor(order: readonly number[]) {
    this.#end = order.length;
    this.#next = new Int32Array(order.length + 1);
    this.#previous = new Int32Array(order.length + 1);
    let last = this.#end;
    for (const index of [...order, this.#end]) {
      this.#next[last] = index;
      this.#previous[index] = last;
      last = index;
    }
  }

  /** First number, or -1. */
  get first(): number {
    return this.after(this.#end);
  }

  /** The number after one, or -1. */
  after(index: number): number {
    const next = this.#next[index] ?? this.#end;
    return next === this.#end ? -1 : next;
  }

  remove(index: number): void {
    const [previous, next] = [this.#previous[index] ?? 0, this.#next[index] ?? 0];
    this.#next[previous] = next;
    this.#previous[next] = previous;
  }

  restore(index: number): void {
    this.#next[this.#previous[index] ?? 0] = index;
    this.#previous[this.#next[index] ?? 0] = index;
  }
}
