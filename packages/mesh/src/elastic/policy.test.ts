import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createSeededRandom } from "@orrery/core/conformance";
import { type Demand, type ElasticMemory, explainDecision, ladderPolicy, NO_MEMORY, type Rung } from "./policy.ts";
import { completeElasticRules, type ElasticRules } from "./rules.ts";

const rules = (said: Partial<ElasticRules> = {}) => completeElasticRules("shop", { waitMs: 100, ...said });

const here = (instances: number, room = 10, starting = 0): Rung => ({
  name: "here",
  scope: "process",
  instances,
  starting,
  room,
});
const network = (instances: number, room = 10): Rung => ({
  name: "network",
  scope: "network",
  instances,
  starting: 0,
  room,
});
const remote = (instances: number, room = 10): Rung => ({ name: "remote", scope: "any", instances, starting: 0, room });

const demand = (said: Partial<Demand> = {}): Demand => ({
  nowMs: 1000,
  waitedMs: 0,
  waiting: 0,
  idle: 0,
  rungs: [here(1)],
  ...said,
});

const decide = (said: Partial<Demand>, with_: Partial<ElasticRules> = {}, memory: ElasticMemory = NO_MEMORY) =>
  ladderPolicy.decide(rules(with_), memory, demand(said));

describe("ladderPolicy", () => {
  test("asks for more when the first has waited longer than it may, and not a millisecond before", () => {
    assert.deepEqual(decide({ waitedMs: 100, waiting: 3 }).changes, []);
    assert.deepEqual(decide({ waitedMs: 99, waiting: 3 }).reason, "calm");
    const { changes, reason } = decide({ waitedMs: 101, waiting: 3 });
    assert.deepEqual([changes, reason], [[{ rung: "here", by: 1 }], "wait"]);
  });

  test("asks for nothing while somebody is free", () => {
    assert.equal(decide({ waitedMs: 500, waiting: 3, idle: 1 }).reason, "calm");
  });

  test("asks only when as many looks in a row have found it so", () => {
    const first = decide({ waitedMs: 101, waiting: 1 }, { checks: 2 });
    assert.equal(first.reason, "calm");
    assert.equal(decide({ waitedMs: 150, waiting: 1 }, { checks: 2 }, first.memory).reason, "wait");
    const calm = decide({ waitedMs: 0 }, { checks: 2 }, first.memory);
    assert.equal(decide({ waitedMs: 101, waiting: 1 }, { checks: 2 }, calm.memory).reason, "calm");
  });

  test("waits for those that are starting before it asks for more", () => {
    assert.equal(decide({ waitedMs: 900, waiting: 9, rungs: [here(3, 10, 1)] }).reason, "starting");
  });

  test("fills the nearest rung first, then the next, and goes no farther than its scope", () => {
    const rungs = [here(8, 1), network(0, 2), remote(0, 5)];
    const want = { waitedMs: 101, waiting: 9, rungs };
    assert.deepEqual(decide(want, { max: 50, scope: "any" }).changes, [
      { rung: "here", by: 1 },
      { rung: "network", by: 2 },
      { rung: "remote", by: 1 },
    ]);
    assert.deepEqual(decide(want, { max: 50, scope: "network" }).changes, [
      { rung: "here", by: 1 },
      { rung: "network", by: 2 },
    ]);
    assert.deepEqual(decide(want, { max: 50, scope: "host" }).changes, [{ rung: "here", by: 1 }]);
    assert.equal(decide({ ...want, rungs: [here(8, 0), network(0, 2)] }, { max: 50, scope: "host" }).reason, "full");
  });

  test("takes away the farthest first, once they have been idle for long, and keeps the least", () => {
    const rungs = [here(2), network(1), remote(1)];
    const first = decide({ idle: 4, rungs }, { idleMs: 500, min: 1, max: 9 });
    assert.deepEqual([first.changes, first.reason], [[], "calm"]);
    const early = decide({ idle: 4, rungs, nowMs: 1499 }, { idleMs: 500, min: 1, max: 9 }, first.memory);
    assert.deepEqual(early.changes, []);
    assert.deepEqual(decide({ idle: 4, rungs, nowMs: 1500 }, { idleMs: 500, min: 1, max: 9 }, early.memory).changes, [
      { rung: "remote", by: -1 },
      { rung: "network", by: -1 },
      { rung: "here", by: -1 },
    ]);
  });

  test("takes away only as many as were idle all the time", () => {
    const with_ = { idleMs: 100, max: 9 };
    const first = decide({ idle: 5, rungs: [here(6)] }, with_);
    const second = decide({ idle: 2, rungs: [here(6)], nowMs: 1050 }, with_, first.memory);
    const { changes } = decide({ idle: 5, rungs: [here(6)], nowMs: 1100 }, with_, second.memory);
    assert.deepEqual(changes, [{ rung: "here", by: -2 }]);
  });

  test("keeps spares warm: adds them at once, and does not take them away", () => {
    assert.deepEqual(decide({ idle: 0 }, { spares: 2 }).changes, [{ rung: "here", by: 2 }]);
    const first = decide({ idle: 2, rungs: [here(3)] }, { spares: 2, idleMs: 10 });
    assert.deepEqual(
      decide({ idle: 2, rungs: [here(3)], nowMs: 2000 }, { spares: 2, idleMs: 10 }, first.memory).changes,
      [],
    );
  });

  test("looks ahead where it is told to: a queue that grew at each look is met before it waits too long", () => {
    const with_ = { aheadMs: 300, slopeChecks: 3 };
    let memory = NO_MEMORY;
    const reasons = [4, 8, 12, 16].map((waiting, at) => {
      const decision = decide({ waiting, waitedMs: 40 + 5 * at, nowMs: 1000 + 20 * at }, with_, memory);
      memory = decision.memory;
      return decision.reason;
    });
    assert.deepEqual(reasons, ["calm", "calm", "slope", "calm"]);
    assert.equal(decide({ waiting: 16, waitedMs: 90 }, {}, memory).reason, "calm");
  });

  test("does nothing at all where min and max are the same", () => {
    for (const rungs of [[here(0)], [here(3)], [here(9)]])
      assert.equal(decide({ rungs, waitedMs: 9999, waiting: 99 }, { min: 3, max: 3, spares: 5 }).reason, "fixed");
  });

  test("comes back within limits that were changed, at once", () => {
    assert.deepEqual(decide({ rungs: [here(4), network(3)] }, { min: 1, max: 5 }).changes, [
      { rung: "network", by: -2 },
    ]);
    assert.deepEqual(decide({ rungs: [here(1)] }, { min: 3, max: 5 }).changes, [{ rung: "here", by: 2 }]);
  });

  test("changes its direction once in a cool-down", () => {
    const with_ = { coolDownMs: 1000, idleMs: 10, max: 9 };
    const grown = decide({ waitedMs: 101, waiting: 1, rungs: [here(2)] }, with_);
    const idle = decide({ idle: 2, rungs: [here(3)], nowMs: 1100 }, with_, grown.memory);
    const shrunk = decide({ idle: 2, rungs: [here(3)], nowMs: 1110 }, with_, idle.memory);
    assert.equal(shrunk.reason, "idle");
    const late = { waitedMs: 101, waiting: 1, rungs: [here(1)] };
    assert.equal(decide({ ...late, nowMs: 2109 }, with_, shrunk.memory).reason, "cooling");
    assert.equal(decide({ ...late, nowMs: 2110 }, with_, shrunk.memory).reason, "wait");
  });

  test("decides a million times by chance: never over a limit, never early, and never to and fro", () => {
    fuzz(process.env["ORRERY_LONG"] === "1" ? 10_000_000 : 1_000_000, 20261121);
  });
});

/** Lets a policy run components whose load goes up and down by chance, and checks each decision. */
function fuzz(decisions: number, seed: number): void {
  const random = createSeededRandom(seed);
  const pick = <T>(...all: readonly T[]): T => all[random.integer(all.length)] as T;
  let [done, grown, shrunk] = [0, 0, 0];
  while (done < decisions) {
    const min = random.integer(4);
    const max = min + random.integer(12);
    const own = rules({
      min,
      max,
      waitMs: pick(1, 100, 1000),
      checks: pick(1, 1, 2, 4),
      aheadMs: pick(0, 0, 200),
      idleMs: pick(10, 500, 5000),
      coolDownMs: pick(0, 100, 3000),
      step: 1 + random.integer(5),
      spares: pick(0, 0, 0, 2),
      scope: pick("host", "network", "any"),
    });
    const rooms = [random.integer(6), random.integer(6), random.integer(6)] as const;
    const counts: [number, number, number] = [Math.min(max, min + rooms[0]), 0, 0];
    let memory = NO_MEMORY;
    let nowMs = random.integer(1000);
    let [overdueBefore, growingBefore, waitingBefore] = [0, 0, 0];
    let last: "grow" | "shrink" | undefined;
    let turnedMs = Number.NEGATIVE_INFINITY;
    const runs = 200 + random.integer(800);
    for (let at = 0; at < runs; at++, done++) {
      nowMs += random.integer(60);
      const [h = 0, n = 0, r = 0] = counts;
      const isBusy = random.integer(3) > 0;
      const stand: Demand = {
        nowMs,
        waitedMs: isBusy ? pick(0, own.waitMs - 1, own.waitMs, own.waitMs + 1, 5 * own.waitMs) : 0,
        waiting: isBusy ? random.integer(50) : 0,
        idle: isBusy ? pick(0, 0, 1) : random.integer(h + n + r + 1),
        rungs: [
          {
            name: "a",
            scope: "host",
            instances: h,
            starting: pick(0, 0, 0, Math.min(1, h)),
            room: Math.max(0, rooms[0] - h),
          },
          { name: "b", scope: "network", instances: n, starting: 0, room: Math.max(0, rooms[1] - n) },
          { name: "c", scope: "any", instances: r, starting: 0, room: Math.max(0, rooms[2] - r) },
        ],
      };
      const decision = ladderPolicy.decide(own, memory, stand);
      if (done % 97 === 0) assert.deepEqual(ladderPolicy.decide(own, memory, stand), decision);
      const isOverdue = stand.waitedMs > own.waitMs && stand.idle === 0;
      overdueBefore = isOverdue ? overdueBefore + 1 : 0;
      growingBefore = stand.waiting > waitingBefore && stand.idle === 0 ? growingBefore + 1 : 0;
      waitingBefore = stand.waiting;
      const before = h + n + r;
      let total = before;
      for (const { rung, by } of decision.changes) {
        const index = "abc".indexOf(rung) as 0 | 1 | 2;
        const { room, instances } = stand.rungs[index] ?? assert.fail(rung);
        if (by > room || -by > instances || (Math.abs(by) > own.step && decision.reason !== "maximum") || by === 0)
          assert.fail(describeRun());
        if (by > 0 && index > { process: 0, host: 0, network: 1, any: 2 }[own.scope]) assert.fail(describeRun());
        counts[index] += by;
        total += by;
      }
      if (min === max && decision.changes.length > 0) assert.fail(describeRun());
      if (total > before) {
        grown++;
        if (total > max) assert.fail(describeRun());
        if (decision.reason === "wait" && overdueBefore < own.checks) assert.fail(describeRun());
        if (decision.reason === "slope" && (own.aheadMs === 0 || growingBefore < own.slopeChecks))
          assert.fail(describeRun());
        if (!["wait", "slope", "spares", "minimum"].includes(decision.reason)) assert.fail(describeRun());
        turn("grow");
      } else if (total < before) {
        shrunk++;
        if (total < min) assert.fail(describeRun());
        turn("shrink");
      }
      if (total !== before) [overdueBefore, growingBefore] = [0, 0];
      memory = decision.memory;
      function describeRun(): string {
        return `${JSON.stringify({ own, stand, decision, counts })} ${explainDecision("shop", own, stand, decision)}`;
      }
      function turn(to: "grow" | "shrink"): void {
        if (last !== undefined && last !== to) {
          if (decision.reason !== "minimum" && nowMs - turnedMs < own.coolDownMs) assert.fail(describeRun());
          turnedMs = nowMs;
        }
        last = to;
      }
    }
  }
  assert.ok(grown > decisions / 1000 && shrunk > decisions / 1000, `${grown} grown, ${shrunk} shrunk`);
}

describe("completeElasticRules", () => {
  const refused: readonly (readonly [object, string])[] = [
    [{ min: -1 }, "min is -1, write a number from 0 to 100000"],
    [{ min: 1.5 }, "min is 1.5, write a whole number"],
    [{ min: 9, max: 3 }, "min 9 is above max 3"],
    [{ waitMs: Number.NaN }, "waitMs is NaN, write a number from 1 to 3600000"],
    [{ scope: "town" }, 'there is no scope "town", write process, host, network, any'],
    [{ speed: 1 }, 'there is no rule "speed", write min, max, waitMs,'],
  ];
  for (const [said, text] of refused) {
    test(`refuses ${JSON.stringify(said)}`, () => {
      assert.throws(
        () => completeElasticRules("shop", said as Partial<ElasticRules>),
        (error: Error) => {
          assert.ok(error.message.startsWith(`Cannot size component "shop": ${text}`), error.message);
          return true;
        },
      );
    });
  }
});

describe("explainDecision", () => {
  test("says what was decided and why", () => {
    const stand = demand({ waitedMs: 130, waiting: 7 });
    const decision = ladderPolicy.decide(rules(), NO_MEMORY, stand);
    assert.equal(
      explainDecision("shop", rules(), stand, decision),
      "shop: 1 of 1 to 8, +1 here: the first of 7 has waited 130 ms, more than 100, and nobody is free",
    );
  });
});
