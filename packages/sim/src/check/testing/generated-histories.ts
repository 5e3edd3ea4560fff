import type { Random } from "@orrery/core";
import type { MapInput } from "../models.ts";
import type { Operation } from "../operation.ts";
import type { Workload } from "./executors.ts";

/** How a history is made. */
export interface Shape {
  readonly operations: number;
  readonly processes: number;
  /** One in so many has no outcome; 0 for none. */
  readonly unknownEvery?: number;
  /** Longest time of an operation, in whole ms; times are whole, so that many touch. */
  readonly lengthMax?: number;
}

interface Planned<I> {
  readonly process: number;
  readonly input: I;
  readonly callAt: number;
  readonly effectAt: number;
  readonly returnAt: number;
  readonly isLost: boolean;
}

/**
 * A history of a thing that works, used by several at once: each operation happens at one instant between its call and its return. Of
 * those without outcome some happen late and some never. It is linearizable by the way it is made.
 */
export function workingHistory<I, O, S>(workload: Workload<I, O, S>, random: Random, shape: Shape): Operation<I, O>[] {
  const planned = plan(workload, random, shape);
  const executor = workload.executor();
  const outputs = new Map<Planned<I>, O>();
  for (const operation of planned.toSorted((a, b) => a.effectAt - b.effectAt)) {
    const isNever = operation.isLost && random.integer(3) === 0;
    if (!isNever) outputs.set(operation, executor.ask(operation.input));
  }
  return planned.map((operation) => {
    const { process, input, callAt, returnAt } = operation;
    if (operation.isLost) return { process, input, callAt, returnAt: Number.POSITIVE_INFINITY, outcome: "unknown" };
    return { process, input, output: outputs.get(operation), callAt, returnAt, outcome: "ok" };
  });
}

function plan<I, O, S>(workload: Workload<I, O, S>, random: Random, shape: Shape): Planned<I>[] {
  const { operations, processes, unknownEvery = 0, lengthMax = 8 } = shape;
  const freeAt = Array.from({ length: processes }, () => random.integer(lengthMax));
  const numbers = Array.from({ length: processes }, (_, index) => index);
  let fresh = processes;
  const planned: Planned<I>[] = [];
  for (let count = 0; count < operations; count++) {
    const slot = freeAt.indexOf(Math.min(...freeAt));
    const callAt = freeAt[slot] ?? 0;
    const length = random.integer(lengthMax);
    const isLost = unknownEvery > 0 && random.integer(unknownEvery) === 0;
    const effectAt = callAt + random.next() * (isLost ? length * 8 + 1 : length);
    const process = numbers[slot] ?? 0;
    planned.push({
      process,
      input: workload.input(random, process),
      callAt,
      effectAt,
      returnAt: callAt + length,
      isLost,
    });
    freeAt[slot] = callAt + length + random.integer(2);
    if (isLost) numbers[slot] = fresh++;
  }
  return planned;
}

/** Changes one output, so that the history is mostly not linearizable any more. */
export function mutated<I, O, S>(
  workload: Workload<I, O, S>,
  random: Random,
  history: readonly Operation<I, O>[],
): Operation<I, O>[] {
  const chosen = random.integer(history.length);
  return history.map((operation, index) =>
    index === chosen && operation.outcome === "ok"
      ? { ...operation, output: workload.output(random, operation.input) }
      : operation,
  );
}

/** A history of calls at any times with any outputs; seldom linearizable when long. */
export function arbitraryHistory<I, O, S>(
  workload: Workload<I, O, S>,
  random: Random,
  shape: Shape,
): Operation<I, O>[] {
  return workingHistory(workload, random, shape).map((operation) =>
    operation.outcome === "ok" ? { ...operation, output: workload.output(random, operation.input) } : operation,
  );
}

/** How a history of a key-value store is made. */
export interface StoreShape {
  readonly clients: number;
  readonly operations: number;
  readonly keys: number;
  /** Shares of `get` and `append`; the rest is `put`. Default: a half, and none. */
  readonly gets?: number;
  readonly appends?: number;
  /** One in so many has no outcome; default: none. */
  readonly unknownEvery?: number;
}

/**
 * A history of a key-value store with many clients, as a load test records it: latencies of 1 to 20 ms with a tail, clients that
 * think a little, keys of which some are asked more, and values that are never put twice.
 */
export function storeHistory(random: Random, shape: StoreShape): Operation<MapInput<string>, string | null>[] {
  const { clients, operations, keys, gets = 0.5, appends = 0, unknownEvery = 0 } = shape;
  const freeAt = Array.from({ length: clients }, () => random.next() * 5);
  const numbers = Array.from({ length: clients }, (_, index) => index);
  let fresh = clients;
  const planned: Planned<MapInput<string>>[] = [];
  for (let count = 0; count < operations; count++) {
    const client = freeAt.indexOf(Math.min(...freeAt));
    const callAt = freeAt[client] ?? 0;
    const length = 1 + 19 * random.next() ** 3 + (random.integer(100) === 0 ? 100 : 0);
    const isLost = unknownEvery > 0 && random.integer(unknownEvery) === 0;
    const effectAt = callAt + length * random.next() * (isLost ? 10 : 1);
    const key = `key${Math.floor(keys * random.next() ** 1.5)}`;
    const lot = random.next();
    const value = `${client}.${count};`;
    const input: MapInput<string> =
      lot < gets ? { kind: "get", key } : { kind: lot < gets + appends ? "append" : "put", key, value };
    planned.push({ process: numbers[client] ?? 0, input, callAt, effectAt, returnAt: callAt + length, isLost });
    freeAt[client] = callAt + length + 2 * random.next();
    if (isLost) numbers[client] = fresh++;
  }
  const values = new Map<string, string>();
  const outputs = new Map<unknown, string | null>();
  for (const operation of planned.toSorted((a, b) => a.effectAt - b.effectAt)) {
    if (operation.isLost && random.integer(3) === 0) continue;
    const { input } = operation;
    const value = values.get(input.key) ?? null;
    if (input.kind === "put") values.set(input.key, input.value);
    if (input.kind === "append") values.set(input.key, (value ?? "") + input.value);
    outputs.set(operation, input.kind === "get" ? value : null);
  }
  return planned.map((operation) => {
    const { process, input, callAt, returnAt } = operation;
    if (operation.isLost) return { process, input, callAt, returnAt: Number.POSITIVE_INFINITY, outcome: "unknown" };
    return { process, input, output: outputs.get(operation), callAt, returnAt, outcome: "ok" };
  });
}
