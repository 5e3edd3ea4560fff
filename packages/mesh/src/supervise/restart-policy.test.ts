import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createManualClock } from "../testing/manual-clock.ts";
import { createMemoryStore, ModelMachine } from "../testing/supervise/model-processes.ts";
import { backoffMs, isRestarted, recentOf, whoRestarts } from "./restart-policy.ts";
import { type GroupSpec, KEEP_DEFAULTS, type Strategy } from "./spec.ts";
import { createSupervisor } from "./supervisor.ts";

const NAMES = ["a", "b", "c", "d", "e"];
const half = { next: () => 0.5, integer: () => 0, bytes: (count: number) => new Uint8Array(count) };

describe("whoRestarts", () => {
  for (const [strategy, expected] of [
    ["one-for-one", ["b"]],
    ["all-for-one", ["a", "b", "c", "d", "e"]],
    ["rest-for-one", ["b", "c", "d", "e"]],
  ] as const)
    it(`takes ${expected.join(", ")} down with b, ${strategy}`, () =>
      assert.deepEqual(whoRestarts(strategy, NAMES, "b"), expected));
});

describe("backoffMs", () => {
  it("doubles up to its limit, and takes up to half off by chance", () => {
    const rules = { ...KEEP_DEFAULTS, backoffMinMs: 100, backoffMaxMs: 1_000 };
    const with_ = (next: number) =>
      [1, 2, 3, 4, 5, 99].map((tries) => backoffMs(tries, rules, { ...half, next: () => next }));
    assert.deepEqual(with_(0), [50, 100, 200, 400, 500, 500]);
    assert.deepEqual(with_(0.5), [75, 150, 300, 600, 750, 750]);
  });
});

describe("recentOf", () => {
  it("counts what is younger than the window, and remembers no more than decide", () => {
    const rules = { ...KEEP_DEFAULTS, restartsMax: 3, windowMs: 1_000 };
    assert.deepEqual(recentOf([0, 1, 2], 1_001, rules), [2]);
    assert.deepEqual(recentOf([1, 2, 3, 4, 5], 10, rules), [3, 4, 5]);
  });
});

describe("isRestarted", () => {
  for (const [rule, reason, expected] of [
    ["always", "finished", true],
    ["on-failure", "finished", false],
    ["on-failure", "crashed", true],
    ["on-failure", "unseen", true],
    ["never", "crashed", false],
  ] as const)
    it(`says ${expected} for ${rule} after ${reason}`, () => assert.equal(isRestarted(rule, reason), expected));
});

/** What Erlang's supervisor would have started and stopped after one failure, when all were up. */
function modelOf(strategy: Strategy, order: readonly string[], failed: string): readonly string[] {
  const down =
    strategy === "one-for-one" ? [] : order.slice(strategy === "all-for-one" ? 0 : order.indexOf(failed) + 1);
  const stops = down.filter((name) => name !== failed).reverse();
  const starts = order.filter((name) => name === failed || stops.includes(name));
  return [`-${failed}`, ...stops.map((name) => `-${name}`), ...starts.map((name) => `+${name}`)];
}

describe("createSupervisor", () => {
  it("starts and stops after each failure what a simple model does, in its order", async () => {
    const strategies = fc.constantFrom<Strategy>("one-for-one", "all-for-one", "rest-for-one");
    const failures = fc.array(fc.constantFrom(...NAMES), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(strategies, failures, fc.integer({ min: 1, max: 5 }), async (strategy, failed, count) => {
        const order = NAMES.slice(0, count);
        const { clock, machine, supervisor, pass } = await bench(strategy, order);
        for (const name of failed.filter((one) => order.includes(one))) {
          const from = machine.log.length;
          machine.of(name).end({ code: 1, signal: "" });
          pass(300);
          assert.deepEqual(machine.log.slice(from), modelOf(strategy, order, name));
          assert.ok(supervisor.status().every(({ state }) => state === "ready"));
          clock.advance(60_000); // Healthy, and out of the window.
        }
      }),
      { numRuns: 60 },
    );
  });

  it("comes to what was applied last, with one process a child, whatever failed on the way", async () => {
    const step = fc.oneof(
      fc.record({ kill: fc.constantFrom(...NAMES) }),
      fc.record({
        apply: fc.subarray(NAMES),
        strategy: fc.constantFrom<Strategy>("one-for-one", "all-for-one", "rest-for-one"),
      }),
      fc.record({ pass: fc.integer({ min: 1, max: 40 }) }),
      fc.record({ succeed: fc.constant(true) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        const { machine, open, pass, ...first } = await bench("one-for-one", NAMES);
        let { supervisor } = first;
        for (const one of steps) {
          if ("kill" in one) for (const process of machine.running(one.kill)) process.end({ code: 1, signal: "" });
          if ("apply" in one) supervisor.apply({ groups: [groupOf(one.strategy, one.apply)] });
          if ("pass" in one) pass(one.pass);
          if ("succeed" in one) {
            supervisor.release();
            supervisor = await open();
          }
          for (const name of NAMES) assert.ok(machine.running(name).length <= 1, `${name} runs twice`);
        }
        pass(15_000);
        const wanted = supervisor.spec.groups.flatMap(({ children }) => children.map(({ name }) => name));
        const given = supervisor.status().filter(({ state }) => state === "given-up");
        for (const name of NAMES) {
          const isUp = wanted.includes(name) && !given.some((child) => child.name === name);
          assert.equal(machine.running(name).length, isUp ? 1 : 0, `${name} of ${wanted}`);
        }
      }),
      // A child that an earlier supervisor was ending, and that is wanted again: its end was once taken for its own.
      {
        numRuns: 60,
        examples: [
          [
            [
              { apply: [], strategy: "one-for-one" },
              { pass: 1 },
              { apply: ["e"], strategy: "one-for-one" },
              { succeed: true },
            ],
          ],
        ],
      },
    );
  });
});

function groupOf(strategy: Strategy, names: readonly string[]): GroupSpec {
  return { name: "g", strategy, children: names.map((name) => ({ name, program: {} })), rules: { settleMs: 1 } };
}

async function bench(strategy: Strategy, names: readonly string[]) {
  const clock = createManualClock();
  const machine = new ModelMachine(clock);
  const store = createMemoryStore();
  const pass = (ms: number) => {
    for (let passed = 0; passed < ms; passed++) clock.advance(1);
  };
  const open = () => createSupervisor({ clock, store, random: half, control: machine.control() });
  const supervisor = await open();
  supervisor.apply({ groups: [groupOf(strategy, names)] });
  pass(200);
  return { clock, machine, supervisor, open, pass };
}
