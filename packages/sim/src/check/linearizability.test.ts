import assert from "node:assert/strict";
import { test } from "node:test";
import { createDraws } from "../chance/draws.ts";
import { checkLinearizability } from "./linearizability.ts";
import {
  type CounterInput,
  counterModel,
  type LockInput,
  lockModel,
  type MapInput,
  mapModel,
  type QueueInput,
  queueModel,
  type RegisterInput,
  registerModel,
  type SetInput,
  setModel,
} from "./models.ts";
import type { Operation } from "./operation.ts";
import type { SequentialModel } from "./sequential-model.ts";
import { storeHistory } from "./testing/generated-histories.ts";
import { writtenHistory } from "./testing/written-history.ts";

interface Case {
  readonly what: string;
  readonly lines: readonly string[];
  readonly verdict: "yes" | "no";
}

/** One test for each case; all share the letters of their operations. */
function judges<I, O, S>(
  model: SequentialModel<I, O, S>,
  letters: { readonly [letter: string]: readonly [input: I, output?: O] },
  cases: readonly Case[],
): void {
  for (const { what, lines, verdict } of cases)
    test(`checkLinearizability says ${verdict} of a ${model.name}: ${what}`, () => {
      const result = checkLinearizability(model, writtenHistory(letters, ...lines));
      assert.equal(result.verdict, verdict);
    });
}

const register: { [letter: string]: [RegisterInput<number>, (number | boolean | null)?] } = {
  a: [{ kind: "write", value: 1 }],
  b: [{ kind: "write", value: 2 }],
  n: [{ kind: "read" }, null],
  x: [{ kind: "read" }, 1],
  y: [{ kind: "read" }, 2],
  c: [{ kind: "cas", from: 1, to: 2 }, true],
  f: [{ kind: "cas", from: 1, to: 2 }, false],
};
judges(registerModel<number>(), register, [
  { what: "nothing happened", lines: [""], verdict: "yes" },
  { what: "a read of the initial value", lines: ["[n]"], verdict: "yes" },
  { what: "a read of what nobody wrote", lines: ["[x]"], verdict: "no" },
  { what: "a read after a write sees it", lines: ["[a]   ", "   [x]"], verdict: "yes" },
  { what: "a read after a write misses it", lines: ["[a] ", "    [n]"], verdict: "no" },
  { what: "a read that touches a write may miss it", lines: ["[a]", "  [n]"], verdict: "yes" },
  { what: "a read during a write sees it or not", lines: ["[--a--]", " [n]", "    [x]"], verdict: "yes" },
  { what: "reads during a write go back", lines: ["[---a----]", " [x]", "     [n]"], verdict: "no" },
  { what: "a stale read after an overwrite", lines: ["[a] [b]", "         [x]"], verdict: "no" },
  {
    what: "two readers see two writes in two orders",
    lines: ["[--a---]", "[--b---]", "         [x] [y]", "         [y] [x]"],
    verdict: "no",
  },
  {
    what: "concurrent readers see concurrent writes one after the other",
    lines: ["[-a-------]", "[-b-------]", " [x] [y]", " [-x-][y]"],
    verdict: "yes",
  },
  { what: "a process reads its own write at the same instant", lines: ["[a][x]"], verdict: "yes" },
  { what: "a compare-and-set that took", lines: ["[a] [c] [y]"], verdict: "yes" },
  { what: "a compare-and-set that took twice", lines: ["[a]  [c]", "     [c]"], verdict: "no" },
  { what: "one of two compare-and-sets took", lines: ["[a]  [c] [y]", "     [f]"], verdict: "yes" },
  { what: "a compare-and-set refused although it had to take", lines: ["[a] [f]"], verdict: "no" },
  { what: "a write of unknown outcome is seen late", lines: ["(a)", "    [n] [x]"], verdict: "yes" },
  { what: "a write of unknown outcome is never seen", lines: ["(a)", "    [n] [n]"], verdict: "yes" },
  { what: "a write of unknown outcome is seen and then not", lines: ["(a)", "    [x] [n]"], verdict: "no" },
  { what: "a write of unknown outcome is seen before its call", lines: ["     (a)", "[x]"], verdict: "no" },
  { what: "two of the same unknown write are seen twice", lines: ["(a)", "(a)", "    [x] [b] [x]"], verdict: "yes" },
  {
    what: "two of the same unknown write are seen three times",
    lines: ["(a)", "(a)", "    [x] [b] [x] [b] [x]"],
    verdict: "no",
  },
  { what: "an unknown compare-and-set explains a value", lines: ["[a] [y]", "  (c)"], verdict: "yes" },
]);

const map: { [letter: string]: [MapInput<string>, (string | boolean | null)?] } = {
  p: [{ kind: "put", key: "k", value: "1" }],
  q: [{ kind: "put", key: "other", value: "1" }],
  a: [{ kind: "append", key: "k", value: "2" }],
  d: [{ kind: "delete", key: "k" }],
  n: [{ kind: "get", key: "k" }, null],
  x: [{ kind: "get", key: "k" }, "1"],
  y: [{ kind: "get", key: "k" }, "12"],
  z: [{ kind: "get", key: "k" }, "2"],
  o: [{ kind: "get", key: "other" }, null],
  c: [{ kind: "cas", key: "k", from: null, to: "1" }, true],
};
judges(mapModel<string>(), map, [
  { what: "a put is got", lines: ["[p] [x]"], verdict: "yes" },
  { what: "a put of another key is got", lines: ["[q] [x]"], verdict: "no" },
  { what: "a get of another key misses its put", lines: ["[p]", "    [o]"], verdict: "yes" },
  { what: "an append is behind a put", lines: ["[p] [a] [y]"], verdict: "yes" },
  { what: "an append overwrites a put", lines: ["[p] [a] [z]"], verdict: "no" },
  { what: "an append goes first or second", lines: ["[-p-] [x]", "[-a-]"], verdict: "yes" },
  { what: "an append to a deleted key", lines: ["[p] [d] [a] [z]"], verdict: "yes" },
  { what: "an append counted twice", lines: ["[p] (a)", "       [x] [y] [x]"], verdict: "no" },
  { what: "a compare-and-set of an absent key", lines: ["[c] [x]"], verdict: "yes" },
  { what: "a compare-and-set of a present key", lines: ["[p] [c]"], verdict: "no" },
]);

const queue: { [letter: string]: [QueueInput<number>, (number | null)?] } = {
  a: [{ kind: "enqueue", value: 1 }],
  b: [{ kind: "enqueue", value: 2 }],
  x: [{ kind: "dequeue" }, 1],
  y: [{ kind: "dequeue" }, 2],
  n: [{ kind: "dequeue" }, null],
  u: [{ kind: "dequeue" }],
};
judges(queueModel<number>(), queue, [
  { what: "first in, first out", lines: ["[a] [b] [x] [y]"], verdict: "yes" },
  { what: "last in, first out", lines: ["[a] [b] [y] [x]"], verdict: "no" },
  { what: "concurrent enqueues come out in any order", lines: ["[-a-] [y] [x]", "[-b-]"], verdict: "yes" },
  { what: "one value comes out twice", lines: ["[a] [x]", "    [x]"], verdict: "no" },
  { what: "empty while something is in it", lines: ["[a] [n]"], verdict: "no" },
  { what: "empty before a concurrent enqueue", lines: ["[-a-]", " [n] [x]"], verdict: "yes" },
  { what: "an unknown dequeue took the first", lines: ["[a] [b] (u)", "           [y] [n]"], verdict: "yes" },
  { what: "an unknown dequeue took two", lines: ["[a] [b] (u)", "           [n]"], verdict: "no" },
]);

const lock: { [letter: string]: [LockInput, (boolean | number)?] } = {
  a: [{ kind: "acquire", owner: "A" }, true],
  b: [{ kind: "acquire", owner: "B" }, true],
  f: [{ kind: "acquire", owner: "B" }, false],
  r: [{ kind: "release", owner: "A" }, true],
  s: [{ kind: "release", owner: "B" }, true],
  z: [{ kind: "release", owner: "B" }, false],
  t: [{ kind: "acquire", owner: "A" }, 33],
  u: [{ kind: "acquire", owner: "B" }, 34],
  v: [{ kind: "acquire", owner: "B" }, 33],
};
judges(lockModel(), lock, [
  { what: "one after the other", lines: ["[a] [r]", "        [b]"], verdict: "yes" },
  { what: "two hold it", lines: ["[a]    ", "    [b]"], verdict: "no" },
  { what: "one waits", lines: ["[a] [r]", "  [-b-]"], verdict: "yes" },
  { what: "refused while held", lines: ["[a]   [r]", "   [f]"], verdict: "yes" },
  { what: "refused while free", lines: ["[f]"], verdict: "no" },
  { what: "released by one who does not hold it", lines: ["[a] [s]"], verdict: "no" },
  { what: "refused to release what one does not hold", lines: ["[a] [z]"], verdict: "yes" },
  { what: "an acquire of unknown outcome holds it", lines: ["(a)", "    [f]"], verdict: "yes" },
  { what: "a release of unknown outcome frees it", lines: ["[a] (r)", "       [b]"], verdict: "yes" },
  { what: "fencing tokens rise", lines: ["[t] [r] [u]"], verdict: "yes" },
  { what: "a fencing token comes twice", lines: ["[t] [r] [v]"], verdict: "no" },
]);

const set: { [letter: string]: [SetInput<number>, (boolean | number[])?] } = {
  a: [{ kind: "add", value: 100 }],
  b: [{ kind: "add", value: 110 }],
  t: [{ kind: "add", value: 100 }, true],
  d: [{ kind: "remove", value: 100 }],
  h: [{ kind: "contains", value: 100 }, true],
  e: [{ kind: "read" }, []],
  x: [{ kind: "read" }, [100]],
  y: [{ kind: "read" }, [110, 100]],
  w: [{ kind: "read" }, [100, 100, 110]],
};
judges(setModel<number>(), set, [
  { what: "both of two adds, in any order", lines: ["[a] [y]", "[b]"], verdict: "yes" },
  { what: "a value twice", lines: ["[a] [w]", "[b]"], verdict: "no" },
  { what: "a value is lost", lines: ["[a] [b] [x]"], verdict: "no" },
  { what: "a value is removed", lines: ["[a] [d] [e]"], verdict: "yes" },
  { what: "a removed value is there", lines: ["[a] [d] [h]"], verdict: "no" },
  { what: "added anew twice", lines: ["[t] [t]"], verdict: "no" },
]);

const counter: { [letter: string]: [CounterInput, number?] } = {
  a: [{ kind: "add", amount: 1 }],
  b: [{ kind: "add", amount: 2 }],
  s: [{ kind: "add", amount: 1 }, 1],
  z: [{ kind: "read" }, 0],
  x: [{ kind: "read" }, 1],
  y: [{ kind: "read" }, 3],
};
judges(counterModel(), counter, [
  { what: "adds come together", lines: ["[a] [y]", "[b]"], verdict: "yes" },
  { what: "an add is lost", lines: ["[a] [b] [x]"], verdict: "no" },
  { what: "two adds give the same sum", lines: ["[s]", "[s]"], verdict: "no" },
  { what: "an unknown add counts later", lines: ["[a] [x] [y]", "(b)"], verdict: "yes" },
  { what: "the sum falls", lines: ["[-a-]", " [x] [z]"], verdict: "no" },
]);

const account: SequentialModel<{ readonly add: number } | "balance", number, number> = {
  name: "account",
  initial: 0,
  step(balance, input, output) {
    if (input !== "balance") return balance + input.add;
    return output === undefined || output === balance ? balance : undefined;
  },
};
judges(account, { a: [{ add: 5 }], b: [{ add: 2 }], x: ["balance", 7], y: ["balance", 2] }, [
  { what: "a model of one's own", lines: ["[a] [x]", "[b]"], verdict: "yes" },
  { what: "a model of one's own, lost update", lines: ["[a] [y]", "[b]"], verdict: "no" },
]);

test("checkLinearizability leaves out what failed", () => {
  const history: Operation<RegisterInput<number>, number | null>[] = [
    { process: 0, input: { kind: "write", value: 1 }, callAt: 0, returnAt: 1, outcome: "fail" },
    { process: 0, input: { kind: "read" }, output: null, callAt: 2, returnAt: 3, outcome: "ok" },
  ];
  assert.equal(checkLinearizability(registerModel<number>(), history).verdict, "yes");
});

test("checkLinearizability gives the longest order, the state after it, and the operation that has no place", () => {
  const history = writtenHistory(map, "[q] [p] [a]", "            [x]");
  const result = checkLinearizability(mapModel<string>(), history);
  assert.ok(result.verdict === "no");
  const { partition, order, state, blocked } = result.failure;
  assert.deepEqual([partition, state], ["k", "12"]);
  assert.deepEqual([order, blocked], [[history[1], history[2]], history[3]]);
});

test("checkLinearizability says unknown when its steps run out, the same on every run, and names what is undecided", () => {
  const history = storeHistory(createDraws(1).stream("store"), { clients: 20, operations: 400, keys: 1 });
  const results = [1, 2].map(() => checkLinearizability(mapModel<string>(), history, { stepsMax: 500 }));
  assert.deepEqual(results[0], { verdict: "unknown", steps: 500, exhausted: "steps", undecided: ["key0"] });
  assert.deepEqual(results[1], results[0]);
});

test("checkLinearizability says unknown when its time runs out", () => {
  let time = 0;
  const history = storeHistory(createDraws(1).stream("store"), { clients: 20, operations: 400, keys: 1 });
  const result = checkLinearizability(mapModel<string>(), history, { withinMs: 2, now: () => time++ });
  assert.equal(result.verdict === "unknown" && result.exhausted, "time");
});

const read = { process: 3, input: { kind: "read" as const }, output: null, outcome: "ok" as const };
const refusals: [string, Operation<RegisterInput<number>, null>[], RegExp][] = [
  [
    "a call at no time",
    [{ ...read, callAt: Number.NaN, returnAt: 1 }],
    /Cannot check operation "read": callAt is NaN: give a finite/,
  ],
  ["a return before the call", [{ ...read, callAt: 5, returnAt: 1 }], /it returns at 1, before its call at 5/],
  [
    "an outcome at no time",
    [{ ...read, callAt: 5, returnAt: Number.POSITIVE_INFINITY }],
    /returnAt is Infinity: give .* or the outcome "unknown"/,
  ],
  [
    "a process that does two things at once",
    [
      { ...read, callAt: 0, returnAt: 5 },
      { ...read, callAt: 4, returnAt: 6 },
    ],
    /process 3 calls at 4, when it still waits for read: give it another number/,
  ],
  [
    "a process that goes on after an unknown outcome",
    [
      { ...read, callAt: 0, returnAt: 1, outcome: "unknown" },
      { ...read, callAt: 4, returnAt: 6 },
    ],
    /process 3 calls at 4, when it never learns the outcome of read/,
  ],
];
for (const [what, history, message] of refusals)
  test(`checkLinearizability refuses ${what}`, () => {
    assert.throws(() => checkLinearizability(registerModel<number>(), history), message);
  });

test("checkLinearizability refuses limits that say nothing", () => {
  const check = (options: object) => () => checkLinearizability(registerModel<number>(), [], options);
  assert.throws(check({ withinMs: 5 }), /Cannot check with withinMs 5: give the clock too, as now/);
  assert.throws(check({ withinMs: Number.NaN, now: () => 0 }), /withinMs NaN: give a number of milliseconds/);
  assert.throws(check({ stepsMax: 0 }), /Cannot check with stepsMax 0: give a number from 1/);
});

test("checkLinearizability refuses states that it cannot compare", () => {
  const model: SequentialModel<number, null, Set<number>> = {
    name: "bag",
    initial: new Set(),
    step: (state, input) => new Set([...state, input]),
  };
  const history: Operation<number, null>[] = [
    { process: 0, input: 1, output: null, callAt: 0, returnAt: 1, outcome: "ok" },
  ];
  assert.throws(
    () => checkLinearizability(model, history),
    /Cannot compare states of model "bag": .* give the model a fingerprint/,
  );
  const verdict = checkLinearizability({ ...model, fingerprint: (state) => [...state].sort().join() }, history).verdict;
  assert.equal(verdict, "yes");
});

const shapes = [
  { what: "with gets and puts", gets: 0.5 },
  { what: "with appends", gets: 0.5, appends: 0.4 },
  { what: "with a lost answer in fifty", gets: 0.5, unknownEvery: 50 },
];
for (const { what, ...shape } of shapes)
  test(`checkLinearizability decides 5,000 operations of 50 clients ${what} in few steps`, () => {
    for (let seed = 1; seed <= 3; seed++) {
      const random = createDraws(seed).stream("store");
      const history = storeHistory(random, { clients: 50, operations: 5_000, keys: 10, ...shape });
      const { verdict, steps } = checkLinearizability(mapModel<string>(), history);
      assert.deepEqual([verdict, steps < 1_500_000], ["yes", true], `seed ${seed}: ${verdict} after ${steps} steps`);
    }
  });
