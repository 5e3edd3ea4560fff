import { plainKey, samePlain } from "./plain-key.ts";
import type { SequentialModel } from "./sequential-model.ts";

/** Asked of a register: `read` gives the value, `cas` whether the value was `from`. */
export type RegisterInput<V> = { readonly key?: string } & (
  | { readonly kind: "read" }
  | { readonly kind: "write"; readonly value: V }
  | { readonly kind: "cas"; readonly from: V; readonly to: V }
);

/** One value that is read, written, and compared and set. `initial` is its value at the beginning; default null. */
export function registerModel<V>(
  initial: V | null = null,
): SequentialModel<RegisterInput<V>, V | boolean | null, V | null> {
  return {
    name: "register",
    initial,
    partition,
    step(state, input, output) {
      if (input.kind === "read") return fits(output, state);
      if (input.kind === "write") return changed(state, input.value);
      return compareAndSet(state, input, output);
    },
    effect: cellEffect,
    isMissed(state, input, output, others) {
      const wanted = input.kind === "cas" ? found(input, output) : output;
      if (input.kind === "write" || wanted === undefined || samePlain(state, wanted)) return false;
      return !others.some(
        (other) => other.kind !== "read" && samePlain(other.kind === "cas" ? other.to : other.value, wanted),
      );
    },
  };
}

/**
 * Asked of a map: `get` gives the value, `cas` whether the value was `from`. `append` puts a text behind a text, or a value behind the
 * values of a list.
 */
export type MapInput<V> = { readonly key: string } & (
  | { readonly kind: "get" }
  | { readonly kind: "put"; readonly value: V }
  | { readonly kind: "append"; readonly value: V extends readonly (infer Item)[] ? Item : V }
  | { readonly kind: "delete" }
  | { readonly kind: "cas"; readonly from: V | null; readonly to: V }
);

/** Values by key. `absent` is what a key has that was not put, or was deleted; default null. */
export function mapModel<V>(absent: V | null = null): SequentialModel<MapInput<V>, V | boolean | null, V | null> {
  return {
    name: "map",
    initial: absent,
    partition: (input) => input.key,
    step(state, input, output) {
      switch (input.kind) {
        case "get":
          return fits(output, state);
        case "put":
          return changed(state, input.value);
        case "append":
          return append(state, input.value) as V;
        case "delete":
          return changed(state, absent);
        case "cas":
          return compareAndSet(state, input, output);
      }
    },
    effect: cellEffect,
    isMissed(state, input, output, others) {
      const wanted = input.kind === "cas" ? found(input, output) : input.kind === "get" ? output : undefined;
      if (wanted === undefined || samePlain(state, wanted)) return false;
      const appended: unknown[] = [];
      const isStart = (value: unknown) => canAppend(value, wanted, appended);
      others.some((other) => other.kind === "append" && appended.push(other.value) < 0);
      if (isStart(state)) return false;
      return !others.some((other) => {
        if (other.kind === "put") return isStart(other.value);
        if (other.kind === "delete") return isStart(absent);
        return other.kind === "cas" && isStart(other.to);
      });
    },
  };
}

/** Asked of a queue: `dequeue` gives the oldest value, or null when there is none. */
export type QueueInput<V> = { readonly key?: string } & (
  | { readonly kind: "enqueue"; readonly value: V }
  | { readonly kind: "dequeue" }
);

/** First in, first out. Null is no value: it says that the queue is empty. */
export function queueModel<V>(): SequentialModel<QueueInput<V>, V | null, readonly V[]> {
  return {
    name: "queue",
    initial: [],
    partition,
    step(state, input, output) {
      if (input.kind === "enqueue") return [...state, input.value];
      const [oldest = null] = state;
      if (output !== undefined && !samePlain(output, oldest)) return undefined;
      return oldest === null ? state : state.slice(1);
    },
    effect: (input, output) => (input.kind === "dequeue" && output === null ? "none" : "change"),
    isMissed(state, input, output, others) {
      if (input.kind === "enqueue") return false;
      const place = state.findIndex((value) => samePlain(value, output));
      const isToCome = place < 0 && output !== null;
      if (isToCome && !others.some((other) => other.kind === "enqueue" && samePlain(other.value, output))) return true;
      const ahead = place < 0 ? state : state.slice(0, place);
      return !ahead.every((value) => others.some((other, given) => takes(other, given, value)));
    },
  };
}

/**
 * Asked of a lock. `acquire` gives true, or a fencing token, or false when somebody holds the lock; `release` gives false when its
 * owner does not hold it. An acquire that waits is one that returns late.
 */
export type LockInput = { readonly key?: string } & {
  readonly kind: "acquire" | "release";
  readonly owner: string | number;
};

/** Who holds a lock, and the last fencing token that was seen. */
export interface LockState {
  readonly owner: string | number | null;
  readonly token: number;
}

/** A lock that one owner holds at a time, not again while holding it. Fencing tokens, where given, must rise with each acquire. */
export function lockModel(): SequentialModel<LockInput, boolean | number | undefined, LockState> {
  return {
    name: "lock",
    initial: { owner: null, token: Number.NEGATIVE_INFINITY },
    partition,
    effect: (_, output) => (output === false ? "none" : "change"),
    step: (state, input, output) =>
      input.kind === "acquire" ? acquire(state, input.owner, output) : release(state, input.owner, output),
  };
}

/** Asked of a set: `read` gives all values in any order, `contains` whether one is there, `add` and `remove` may give whether they changed it. */
export type SetInput<V> = { readonly key?: string } & (
  | { readonly kind: "add" | "remove" | "contains"; readonly value: V }
  | { readonly kind: "read" }
);

/** Values, each there once or not. */
export function setModel<V>(): SequentialModel<SetInput<V>, boolean | readonly V[] | undefined, readonly string[]> {
  return {
    name: "set",
    initial: [],
    partition,
    step(state, input, output) {
      if (input.kind === "read") return output === undefined || sameValues(state, output) ? state : undefined;
      const value = keyOf(input.value);
      const present = state.includes(value);
      const expected = input.kind === "add" ? !present : present;
      if (output !== undefined && output !== expected) return undefined;
      if (input.kind === "contains" || !expected) return state;
      return input.kind === "add" ? [...state, value].sort() : state.filter((other) => other !== value);
    },
    effect: ({ kind }, output) => (kind === "read" || kind === "contains" || output === false ? "none" : "change"),
  };
}

/** Asked of a counter: `add` may give the sum after it, `read` gives the sum. */
export type CounterInput = { readonly key?: string } & (
  | { readonly kind: "add"; readonly amount: number }
  | { readonly kind: "read" }
);

/** A sum. `initial` is what it begins with; default 0. */
export function counterModel(initial = 0): SequentialModel<CounterInput, number | undefined, number> {
  return {
    name: "counter",
    initial,
    partition,
    step(state, input, output) {
      const sum = input.kind === "add" ? state + input.amount : state;
      return output === undefined || output === sum ? sum : undefined;
    },
    effect: (input) => (input.kind === "read" ? "none" : "change"),
  };
}

/** Several things of one kind may be in one history: operations with different keys are of different things. */
function partition(input: { readonly key?: string }): string {
  return input.key ?? "";
}

/** Whether a dequeue gives a value, or nobody knows what it gives. */
function takes<V>(input: QueueInput<V>, output: V | null | undefined, value: V): boolean {
  return input.kind === "dequeue" && (output === undefined || samePlain(output, value));
}

/** The state, if what was read of it is it. */
function fits<S>(output: unknown, state: S): S | undefined {
  return output === undefined || samePlain(output, state) ? state : undefined;
}

/** The new state; the old one itself if nothing changes. */
function changed<S>(state: S, next: S): S {
  return samePlain(state, next) ? state : next;
}

function compareAndSet<S>(
  state: S,
  { from, to }: { readonly from: S; readonly to: S },
  output: unknown,
): S | undefined {
  const equal = samePlain(state, from);
  if (output !== undefined && output !== equal) return undefined;
  return equal ? changed(state, to) : state;
}

/** Of registers and the values of maps. */
function cellEffect({ kind }: { readonly kind: string }, output: unknown): "none" | "overwrite" | "change" {
  if (kind === "read" || kind === "get" || (kind === "cas" && output === false)) return "none";
  return kind === "write" || kind === "put" || kind === "delete" ? "overwrite" : "change";
}

/** What a compare-and-set found, if that is known. */
function found<S>({ from }: { readonly from: S }, output: unknown): S | undefined {
  return output === true ? from : undefined;
}

/** Whether some of these, one behind the other, make one value of another. Each may be used more than once: that errs towards yes. */
function canAppend(value: unknown, whole: unknown, appended: readonly unknown[]): boolean {
  if (samePlain(value, whole)) return true;
  if (Array.isArray(whole)) return appended.length > 0 && !(Array.isArray(value) && value.length >= whole.length);
  if (typeof whole !== "string") return false;
  const start = typeof value === "string" ? value : "";
  if (!whole.startsWith(start)) return false;
  const ends = new Set([start.length]);
  for (const end of ends) {
    if (end === whole.length) return true;
    for (const piece of appended)
      if (typeof piece === "string" && whole.startsWith(piece, end)) ends.add(end + piece.length);
  }
  return false;
}

function append(state: unknown, value: unknown): unknown {
  if (Array.isArray(state)) return [...state, value];
  if (typeof value === "string") return typeof state === "string" ? state + value : value;
  return [value];
}

function acquire(
  state: LockState,
  owner: string | number,
  output: boolean | number | undefined,
): LockState | undefined {
  const free = state.owner === null;
  if (output === false) return free ? undefined : state;
  if (!free) return output === undefined ? state : undefined;
  if (typeof output !== "number") return { owner, token: state.token };
  return output > state.token ? { owner, token: output } : undefined;
}

function release(
  state: LockState,
  owner: string | number,
  output: boolean | number | undefined,
): LockState | undefined {
  const held = state.owner === owner;
  if (output === false) return held ? undefined : state;
  if (!held) return output === undefined ? state : undefined;
  return { owner: null, token: state.token };
}

function keyOf(value: unknown): string {
  return plainKey(value) ?? String(value);
}

function sameValues(state: readonly string[], output: unknown): boolean {
  if (!Array.isArray(output) || output.length !== state.length) return false;
  const values = output.map(keyOf).sort();
  return values.every((value, index) => value === state[index]);
}
