import { OpenOperations } from "./open-operations.ts";
import type { Operation } from "./operation.ts";
import { fingerprintOf, type OtherOperations, type SequentialModel } from "./sequential-model.ts";
import type { StepBudget } from "./step-budget.ts";

/** Operations, those due first, that a model is asked about: with fewer a miss is found late, with more each step takes longer. */
const FORESEEN = 16;

/** The state without the last operation. */
interface Before<S> {
  readonly state: S;
}

/** What a search found: an order of all that must be placed; or that there is none; or nothing, because its budget ran out. */
export interface SearchResult<I, O, S> {
  readonly verdict: "yes" | "no" | "unknown";
  /** The order, or the longest that was found. */
  readonly order: readonly Operation<I, O>[];
  /** State after that order. */
  readonly state: S;
  /** What is due then and cannot be placed in time. */
  readonly blocked: Operation<I, O> | undefined;
}

/** A state that operations led to, with what may come next and is not yet tried. */
interface Frame<S> {
  readonly state: S;
  /** Operations placed when the frame was entered, and when its branches begin. */
  readonly entered: number;
  placed: number;
  branches: readonly Branch<S>[];
  next: number;
}

interface Branch<S> {
  readonly operation: number;
  readonly state: S;
}

/**
 * Seeks an order of the operations in which the model allows each, and in which none comes before one that had returned before its
 * call: the search of Wing and Gong with the memory of Lowe. Operations of unknown outcome are placed where that helps, or never.
 * A read that fits is placed at once and for good: wherever an order has it, the same order with it here is one too.
 */
export function searchLinearization<I, O, S>(
  model: SequentialModel<I, O, S>,
  operations: readonly Operation<I, O>[],
  budget: StepBudget,
): SearchResult<I, O, S> {
  return new LinearizationSearch(model, operations, budget).run();
}

class LinearizationSearch<I, O, S> {
  readonly #model: SequentialModel<I, O, S>;
  readonly #open: OpenOperations<I, O>;
  readonly #budget: StepBudget;
  /** What each operation does to states, as far as the model tells. */
  readonly #effects: readonly ("none" | "overwrite" | "change" | undefined)[];
  readonly #path: number[] = [];
  readonly #states = new Map<string | number, number>();
  readonly #seen = new Set<string>();
  #required = 0;
  readonly #best: number[] = [];
  #bestRequired = -1;
  /** How much of the path is as in the best one. */
  #bestShared = 0;
  #bestState: S;
  #bestDue = -1;

  constructor(model: SequentialModel<I, O, S>, operations: readonly Operation<I, O>[], budget: StepBudget) {
    this.#model = model;
    this.#open = new OpenOperations(operations);
    this.#budget = budget;
    this.#effects = this.#open.operations.map(({ input, output }) => model.effect?.(input, output));
    this.#bestState = model.initial;
  }

  run(): SearchResult<I, O, S> {
    const frames: Frame<S>[] = [this.#enter(this.#model.initial)];
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      if (this.#budget.exhausted !== undefined) return this.#result("unknown", frame.state);
      if (this.#open.due < 0) return this.#result("yes", frame.state);
      const branch = frame.branches[frame.next++];
      if (branch === undefined) {
        this.#noteDeadEnd(frame.state);
        this.#takeBackTo(frame.entered);
        frames.pop();
        continue;
      }
      this.#takeBackTo(frame.placed);
      this.#place(branch.operation);
      const isOptional = branch.operation >= this.#open.requiredCount;
      frames.push(this.#enter(branch.state, isOptional ? { state: frame.state } : undefined));
    }
    return this.#result("no", this.#bestState);
  }

  /**
   * Places the reads that fit, and gathers what may come next; nothing if this was reached before. `before` is the state without the
   * last operation, if that one need not be placed: what comes next must then see it, or the order without it would do.
   */
  #enter(state: S, before?: Before<S>): Frame<S> {
    const entered = this.#path.length;
    const required: Branch<S>[] = [];
    for (let index = this.#open.nextRequired(-1); index >= 0; index = this.#open.nextRequired(index)) {
      const after = this.#step(state, index);
      if (after === undefined) continue;
      if (this.#effects[index] === "none")
        this.#place(index); // What is removed still knows what came after it.
      else required.push({ operation: index, state: after });
    }
    const placed = this.#path.length;
    const unseen = placed === entered ? before : undefined;
    const branches = this.#open.due < 0 ? [] : this.#branches(required, state, unseen);
    const isVain = branches.length > 0 && (!this.#isNew(state, unseen) || this.#isHopeless(state));
    return { state, entered, placed, branches: isVain ? [] : branches, next: 0 };
  }

  /** What may come next: first what is due first, then what need not come. */
  #branches(required: Branch<S>[], state: S, unseen: Before<S> | undefined): Branch<S>[] {
    const rank = this.#open.returnRank;
    required.sort((a, b) => (rank[a.operation] ?? 0) - (rank[b.operation] ?? 0));
    const seeing = required.filter((branch) => this.#sees(branch, unseen));
    for (const operation of this.#open.optional()) {
      if (unseen !== undefined && this.#effects[operation] === "overwrite") continue;
      const after = this.#step(state, operation);
      if (after === undefined || after === state) continue;
      const branch = { operation, state: after };
      if (this.#sees(branch, unseen)) seeing.push(branch);
    }
    return seeing;
  }

  /** Whether the last operation, if it need not be placed, makes a difference to the next. */
  #sees(branch: Branch<S>, unseen: Before<S> | undefined): boolean {
    if (unseen === undefined) return true;
    if (this.#effects[branch.operation] === "overwrite") return false;
    const without = this.#step(unseen.state, branch.operation);
    return without === undefined || this.#stateId(without) !== this.#stateId(branch.state);
  }

  /** Asks the model of those that are due first: what misses one of them is found there soonest. */
  #isHopeless(state: S): boolean {
    if (this.#model.isMissed === undefined) return false;
    let index = this.#open.due;
    for (let count = 0; index >= 0 && count < FORESEEN; count++, index = this.#open.nextDue(index)) {
      const operation = this.#open.operations[index];
      if (operation?.output === undefined || !this.#budget.spend()) continue;
      const due = index;
      const others: OtherOperations<I, O> = { some: (test) => this.#open.someBefore(due, test) };
      if (this.#model.isMissed?.(state, operation.input, operation.output, others)) return true;
    }
    return false;
  }

  #step(state: S, index: number): S | undefined {
    const operation = this.#open.operations[index];
    if (operation === undefined || !this.#budget.spend()) return undefined;
    return this.#model.step(state, operation.input, operation.outcome === "ok" ? operation.output : undefined);
  }

  #isNew(state: S, before: Before<S> | undefined): boolean {
    const without = before === undefined ? "" : `<${this.#stateId(before.state)}`;
    const size = this.#seen.size;
    return this.#seen.add(`${this.#stateId(state)}${without}:${this.#open.fingerprint()}`).size > size;
  }

  #stateId(state: S): number {
    const print = fingerprintOf(this.#model, state);
    const known = this.#states.get(print);
    if (known !== undefined) return known;
    this.#states.set(print, this.#states.size);
    return this.#states.size - 1;
  }

  #place(index: number): void {
    this.#open.place(index);
    this.#path.push(index);
    if (index < this.#open.requiredCount) this.#required++;
  }

  #takeBackTo(length: number): void {
    while (this.#path.length > length) {
      const index = this.#path.pop() ?? 0;
      this.#open.takeBack(index);
      if (index < this.#open.requiredCount) this.#required--;
    }
    this.#bestShared = Math.min(this.#bestShared, length);
  }

  /** Copies no more than what is new since the last copy. */
  #noteDeadEnd(state: S): void {
    if (this.#required <= this.#bestRequired) return;
    this.#bestRequired = this.#required;
    this.#best.length = this.#bestShared;
    for (let index = this.#bestShared; index < this.#path.length; index++) this.#best.push(this.#path[index] ?? 0);
    this.#bestShared = this.#path.length;
    this.#bestState = state;
    this.#bestDue = this.#open.due;
  }

  #result(verdict: "yes" | "no" | "unknown", state: S): SearchResult<I, O, S> {
    const { operations } = this.#open;
    const order = (verdict === "no" ? this.#best : this.#path).flatMap((index) => operations[index] ?? []);
    return { verdict, order, state, blocked: verdict === "no" ? operations[this.#bestDue] : undefined };
  }
}
