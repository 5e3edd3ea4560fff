import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { createManualClock } from "../testing/manual-clock.ts";
import { judgeCanary } from "./judge-canary.ts";
import { type RollTarget, rollOut } from "./roll-out.ts";
import { rollSteps } from "./roll-steps.ts";
import { completeSpec, type SuperviseSpec } from "./spec.ts";
import { stableText } from "./stable-text.ts";

const NAMES = ["a", "b", "c", "d"];
const programs = fc.dictionary(fc.constantFrom(...NAMES), fc.integer({ min: 1, max: 3 }), { minKeys: 1 });
const specs = fc.tuple(programs, programs, fc.boolean()).map(([first, second, isOne]): SuperviseSpec => {
  const children = (set: Record<string, number>) => Object.entries(set).map(([name, program]) => ({ name, program }));
  const rest = children(second).filter(({ name }) => !Object.hasOwn(first, name));
  return { groups: [{ name: "g", children: children(first) }, ...(isOne ? [] : [{ name: "h", children: rest }])] };
});

function programsOf(spec: SuperviseSpec): ReadonlyMap<string, unknown> {
  return new Map(spec.groups.flatMap(({ children }) => children.map(({ name, program }) => [name, program])));
}

describe("rollSteps", () => {
  it("ends at what is wanted, and touches at most one child that serves at each step", () => {
    fc.assert(
      fc.property(specs, specs, fc.boolean(), (from, to, surge) => {
        const steps = rollSteps({ from, to, surge });
        let before = programsOf(from);
        for (const { spec } of steps) {
          completeSpec(spec); // No name is there twice.
          const after = programsOf(spec);
          const changed = [...after].filter(([name, program]) => before.has(name) && before.get(name) !== program);
          assert.ok(changed.length <= 1, `${changed.length} were replaced at once`);
          const both = NAMES.filter((name) => programsOf(from).has(name) && programsOf(to).has(name));
          for (const name of both) assert.ok(after.has(name), `${name} was missing`);
          before = after;
        }
        assert.equal(stableText(steps.at(-1)?.spec), stableText(to));
      }),
    );
  });

  it("lets another of the new version run while one is replaced", () => {
    const spec = (program: number): SuperviseSpec => ({ groups: [{ name: "g", children: [{ name: "a", program }] }] });
    const steps = rollSteps({ from: spec(1), to: spec(2) });
    assert.deepEqual(
      steps.map((step) => [[...programsOf(step.spec)], step.ready, step.gone]),
      [
        [
          [
            ["a", 1],
            ["a.next", 2],
          ],
          ["a.next"],
          [],
        ],
        [
          [
            ["a", 2],
            ["a.next", 2],
          ],
          ["a"],
          [],
        ],
        [[["a", 2]], [], ["a.next"]],
        [[["a", 2]], ["a"], []],
      ],
    );
  });

  it("stops after 1 %, 10 % and 100 % of the changed children", () => {
    const names = Array.from({ length: 50 }, (_, index) => `c${index}`);
    const spec = (program: number) => ({ groups: [{ name: "g", children: names.map((name) => ({ name, program })) }] });
    const steps = rollSteps({ from: spec(1), to: spec(2), stages: [0.01, 0.1, 1] });
    const counts = steps.flatMap((step) =>
      step.stage === undefined
        ? []
        : [[step.stage, [...programsOf(step.spec).values()].filter((one) => one === 2).length]],
    );
    assert.deepEqual(counts, [
      [0.01, 1],
      [0.1, 5],
      [1, 50],
    ]);
  });
});

describe("judgeCanary", () => {
  const old = { calls: 1_000, failures: 2 };
  for (const [name, fresh, expected] of [
    ["waits for enough calls", { calls: 99, failures: 0 }, "wait"],
    ["goes on when little fails", { calls: 200, failures: 2 }, "go-on"],
    ["halts when more fails than is allowed", { calls: 200, failures: 3 }, "halt"],
    ["halts early when the judgement cannot be another any more", { calls: 4, failures: 2 }, "halt"],
  ] as const)
    it(name, () => assert.equal(judgeCanary(fresh, old).kind, expected));

  it("allows what the old version does, twice", () => {
    assert.equal(judgeCanary({ calls: 100, failures: 19 }, { calls: 100, failures: 10 }).kind, "go-on");
    assert.deepEqual(judgeCanary({ calls: 100, failures: 21 }, { calls: 100, failures: 10 }), {
      kind: "halt",
      text: "21 of 100 calls to the new version failed, 20 % are allowed and the old one has 10 %",
    });
  });
});

describe("rollOut", () => {
  const spec = (program: number): SuperviseSpec => ({ groups: [{ name: "g", children: [{ name: "a", program }] }] });

  it("halts at a target that is cut off, and puts it back when it can be reached", async () => {
    const clock = createManualClock();
    const applied: SuperviseSpec[] = [];
    let isCut = true;
    const target: RollTarget = {
      spec: spec(1),
      apply(next) {
        if (isCut) throw new Error("Nobody answers");
        applied.push(next);
      },
      status: () => Promise.reject(new Error("Nobody answers")),
    };
    let ended: unknown;
    void rollOut({ target, to: spec(2), clock, stepMs: 1_000 }).then((result) => {
      ended = result;
    });
    for (let look = 0; look < 1_000 && ended === undefined; look++) {
      isCut = clock.monotonic() < 1_500;
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(20);
    }
    assert.deepEqual(ended, {
      kind: "reverted",
      text: "a step took longer than 1 s: the supervisor did not answer",
      step: 0,
    });
    assert.deepEqual(applied, [spec(1)]);
  });

  it("is over at once when its target ends, and puts nothing back there", async () => {
    const clock = createManualClock();
    const applied: SuperviseSpec[] = [];
    const end = new AbortController();
    const target: RollTarget = { spec: spec(1), apply: (next) => applied.push(next), status: () => [] };
    const rolling = rollOut({ target, to: spec(2), clock, signal: end.signal });
    while (applied.length === 0) await new Promise((resolve) => setImmediate(resolve));
    end.abort();
    clock.advance(20);
    assert.deepEqual(await rolling, { kind: "reverted", text: "it was ended", step: 0 });
    assert.equal(applied.length, 1);
  });

  it("refuses what cannot be before anything is changed", async () => {
    const target: RollTarget = { spec: spec(1), apply: () => assert.fail("It was applied"), status: () => [] };
    const to = { groups: [{ name: "g", children: [{ name: "a b", program: 1 }] }] };
    await assert.rejects(rollOut({ target, to, clock: createManualClock() }), { code: "invalid_argument" });
  });
});
