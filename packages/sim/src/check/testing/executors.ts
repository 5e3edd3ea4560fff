import type { Random } from "@orrery/core";
import {
  type CounterInput,
  counterModel,
  type LockInput,
  type LockState,
  lockModel,
  type MapInput,
  mapModel,
  type QueueInput,
  queueModel,
  type RegisterInput,
  registerModel,
  type SetInput,
  setModel,
} from "../models.ts";
import type { SequentialModel } from "../sequential-model.ts";

/** A thing that works: it is asked at one instant and answers, and a workload for it. Written apart from the models on purpose. */
export interface Executor<I, O> {
  ask(input: I): O;
}

/** A model, a thing that behaves so, and what may be asked of it. */
export interface Workload<I, O, S> {
  readonly model: SequentialModel<I, O, S>;
  readonly executor: () => Executor<I, O>;
  readonly input: (random: Random, process: number) => I;
  /** Some output that may be wrong for an input. */
  readonly output: (random: Random, input: I) => O;
}

const small = (random: Random) => random.integer(3);
const bit = (random: Random) => random.integer(2) === 0;

export const registerWorkload: Workload<RegisterInput<number>, number | boolean | null, number | null> = {
  model: registerModel<number>(),
  executor: () => {
    let value: number | null = null;
    return {
      ask(input) {
        if (input.kind === "read") return value;
        if (input.kind === "cas") {
          const isEqual = value === input.from;
          if (isEqual) value = input.to;
          return isEqual;
        }
        value = input.value;
        return null;
      },
    };
  },
  input: (random) => {
    const kind = random.integer(5);
    if (kind < 2) return { kind: "read" };
    if (kind < 4) return { kind: "write", value: small(random) };
    return { kind: "cas", from: small(random), to: small(random) };
  },
  output: (random, input) => (input.kind === "cas" ? bit(random) : small(random)),
};

export const mapWorkload: Workload<MapInput<string>, string | boolean | null, string | null> = {
  model: mapModel<string>(),
  executor: () => {
    const values = new Map<string, string>();
    return {
      ask(input) {
        const value = values.get(input.key) ?? null;
        if (input.kind === "get") return value;
        if (input.kind === "put") values.set(input.key, input.value);
        else if (input.kind === "append") values.set(input.key, (value ?? "") + input.value);
        else if (input.kind === "delete") values.delete(input.key);
        else if (value === input.from) values.set(input.key, input.to);
        return input.kind === "cas" ? value === input.from : null;
      },
    };
  },
  input: (random) => {
    const key = "ab"[random.integer(2)] ?? "a";
    const value = "xyz"[random.integer(3)] ?? "x";
    const kinds = ["get", "get", "put", "append", "delete", "cas"] as const;
    const kind = kinds[random.integer(kinds.length)] ?? "get";
    if (kind === "get" || kind === "delete") return { kind, key };
    return kind === "cas" ? { kind, key, from: value, to: "z" } : { kind, key, value };
  },
  output: (random, input) => (input.kind === "cas" ? bit(random) : (["x", "y", "xy", null][random.integer(4)] ?? null)),
};

export const queueWorkload: Workload<QueueInput<number>, number | null, readonly number[]> = {
  model: queueModel<number>(),
  executor: () => {
    const waiting: number[] = [];
    return {
      ask(input) {
        if (input.kind === "dequeue") return waiting.shift() ?? null;
        waiting.push(input.value);
        return null;
      },
    };
  },
  input: (random) => (bit(random) ? { kind: "enqueue", value: small(random) } : { kind: "dequeue" }),
  output: (random) => (random.integer(4) === 0 ? null : small(random)),
};

export const lockWorkload: Workload<LockInput, boolean | number | undefined, LockState> = {
  model: lockModel(),
  executor: () => {
    let owner: string | number | null = null;
    let token = 0;
    return {
      ask(input) {
        if (input.kind === "release") {
          const isHeld = owner === input.owner;
          if (isHeld) owner = null;
          return isHeld;
        }
        if (owner !== null) return false;
        owner = input.owner;
        return ++token;
      },
    };
  },
  input: (random, process) => ({ kind: bit(random) ? "acquire" : "release", owner: process % 3 }),
  output: (random, input) => (input.kind === "acquire" && bit(random) ? 1 + small(random) : bit(random)),
};

export const setWorkload: Workload<SetInput<number>, boolean | readonly number[] | undefined, readonly string[]> = {
  model: setModel<number>(),
  executor: () => {
    const values = new Set<number>();
    return {
      ask(input) {
        if (input.kind === "read") return [...values];
        const isPresent = values.has(input.value);
        if (input.kind === "add") values.add(input.value);
        if (input.kind === "remove") values.delete(input.value);
        return input.kind === "add" ? !isPresent : isPresent;
      },
    };
  },
  input: (random) => {
    const kinds = ["add", "remove", "contains", "read"] as const;
    const kind = kinds[random.integer(4)] ?? "read";
    return kind === "read" ? { kind } : { kind, value: small(random) };
  },
  output: (random, input) => (input.kind === "read" ? [[], [0], [1, 0], [2]][random.integer(4)] : bit(random)),
};

export const counterWorkload: Workload<CounterInput, number | undefined, number> = {
  model: counterModel(),
  executor: () => {
    let sum = 0;
    return {
      ask(input) {
        if (input.kind === "add") sum += input.amount;
        return input.kind === "read" ? sum : undefined;
      },
    };
  },
  input: (random) => (bit(random) ? { kind: "read" } : { kind: "add", amount: 1 + random.integer(2) }),
  output: (random, input) => (input.kind === "read" ? small(random) : undefined),
};
