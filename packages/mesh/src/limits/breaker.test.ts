import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BREAKER_DEFAULTS, Breaker, type BreakerSettings, type CallResult } from "./breaker.ts";
import { WINDOW_PARTS } from "./limits.ts";

const settings = (some: Partial<BreakerSettings> = {}): BreakerSettings => ({
  ...BREAKER_DEFAULTS,
  jitter: 0,
  ...some,
});

/** Calls one after the other, a ms each; opens whenever the breaker wants to. */
function play(breaker: Breaker, results: readonly CallResult[], fromMs: number): number {
  let nowMs = fromMs;
  for (const result of results) {
    if (!breaker.allows(nowMs)) continue;
    const call = {};
    breaker.took(call, nowMs);
    const cause = breaker.ended(call, result, { beganMs: nowMs, nowMs: nowMs + 1 });
    if (cause !== undefined) breaker.open(cause, nowMs + 1, 0);
    nowMs++;
  }
  return nowMs;
}

const times = (count: number, result: CallResult): CallResult[] => Array.from({ length: count }, () => result);

for (const [name, results, state] of [
  ["four failures in a row", times(4, "failed"), "closed"],
  ["five failures in a row", times(5, "failed"), "open"],
  ["four, one that goes well, four", [...times(4, "failed"), "well", ...times(4, "failed")], "closed"],
  ["four, one that says nothing, one", [...times(4, "failed"), "neither", "failed"], "open"],
  ["a thousand that say nothing", times(1000, "neither"), "closed"],
] as const)
  test(`Breaker is ${state} after ${name}`, () => {
    const breaker = new Breaker(settings());
    play(breaker, results, 1000);
    assert.equal(breaker.state, state);
  });

test("Breaker opens when half of twenty calls failed, and not of nineteen", () => {
  const mixed = Array.from({ length: 10 }, () => ["well", "failed"] as const).flat();
  const breaker = new Breaker(settings());
  play(breaker, mixed.slice(0, 19), 1000);
  assert.equal(breaker.state, "closed");
  play(breaker, mixed.slice(19), 1019);
  assert.deepEqual([breaker.state, breaker.cause], ["open", "failed"]);
});

test("Breaker forgets failures that are older than its window", () => {
  const breaker = new Breaker(settings({ failuresInRow: 0 }));
  play(breaker, [...times(10, "failed"), ...times(9, "well")], 0);
  play(breaker, ["failed"], 10_000);
  assert.deepEqual([breaker.state, breaker.counts(10_000).calls], ["closed", 1]);
});

test("Breaker opens for slow calls where they count", () => {
  for (const [slowMs, state] of [
    [100, "open"],
    [0, "closed"],
  ] as const) {
    const breaker = new Breaker(settings({ slowMs }));
    play(breaker, times(20, "slow"), 0);
    assert.equal(breaker.state, state);
  }
});

test("Breaker lets one probe through at a time, and closes when it goes well", () => {
  const breaker = new Breaker(settings());
  breaker.open("in-row", 1000, 0);
  assert.deepEqual([breaker.allows(1999), breaker.allows(2000)], [false, true]);
  const probe = {};
  breaker.took(probe, 2000);
  assert.deepEqual([breaker.state, breaker.allows(2001)], ["half-open", false]);
  breaker.ended({}, "well", { beganMs: 900, nowMs: 2002 });
  assert.equal(breaker.state, "half-open", "only its probe counts");
  breaker.ended(probe, "well", { beganMs: 2000, nowMs: 2003 });
  assert.equal(breaker.state, "closed");
  assert.equal(breaker.ended({}, "failed", { beganMs: 1999, nowMs: 2010 }), undefined);
  assert.equal(breaker.inRow, 0, "what began before it closed is nothing to it");
});

test("Breaker stays open twice as long after each failed probe, up to its limit, and longer by lot", () => {
  const breaker = new Breaker(settings({ coolDownMaxMs: 5000, jitter: 0.5 }));
  const waits: number[] = [];
  breaker.open("in-row", 0, 1);
  for (const lot of [0, 0, 0, 1]) {
    const nowMs = breaker.untilMs;
    const probe = {};
    breaker.took(probe, nowMs);
    const cause = breaker.ended(probe, "failed", { beganMs: nowMs, nowMs }) ?? assert.fail("no cause");
    breaker.open(cause, nowMs, lot);
    waits.push(breaker.untilMs - nowMs);
  }
  assert.deepEqual(waits, [2000, 4000, 5000, 7500]);
});

test("Breaker gives up a probe of which nothing is heard, and one that says nothing", () => {
  const breaker = new Breaker(settings({ probeMs: 300 }));
  breaker.open("in-row", 0, 0);
  const lost = {};
  breaker.took(lost, 1000);
  assert.deepEqual([breaker.allows(1299), breaker.allows(1300)], [false, true]);
  const next = {};
  breaker.took(next, 1300);
  breaker.ended(lost, "well", { beganMs: 1000, nowMs: 1301 });
  assert.equal(breaker.state, "half-open");
  breaker.ended(next, "neither", { beganMs: 1300, nowMs: 1302 });
  assert.deepEqual([breaker.state, breaker.allows(1302)], ["half-open", true]);
});

/** What a breaker should be, worked out anew from all that has happened. */
class Model {
  readonly settings: BreakerSettings;
  state: Breaker["state"] = "closed";
  sinceMs = Number.NEGATIVE_INFINITY;
  untilMs = 0;
  coolMs = 0;
  calls: { readonly atMs: number; readonly result: CallResult }[] = [];
  probe: { readonly call: object; readonly tookMs: number } | undefined;
  wells = 0;

  constructor(given: BreakerSettings) {
    this.settings = given;
  }

  allows(nowMs: number): boolean {
    if (this.state === "closed") return true;
    if (this.state === "open") return nowMs >= this.untilMs;
    return this.probe === undefined || nowMs >= this.probe.tookMs + this.settings.probeMs;
  }

  took(call: object, nowMs: number): void {
    if (this.state === "closed") return;
    if (this.state === "open") this.wells = 0;
    this.state = "half-open";
    this.probe = { call, tookMs: nowMs };
  }

  ended(call: object, result: CallResult, beganMs: number, nowMs: number): boolean {
    if (this.state === "open") return false;
    if (this.state === "half-open") {
      if (this.probe?.call !== call) return false;
      this.probe = undefined;
      if (result === "neither") return false;
      if (result !== "well") return true;
      this.wells++;
      if (this.wells >= this.settings.probes) {
        this.state = "closed";
        this.sinceMs = nowMs;
        this.calls = [];
      }
      return false;
    }
    if (result === "neither" || beganMs < this.sinceMs) return false;
    this.calls.push({ atMs: result === "well" ? beganMs : nowMs, result });
    return result !== "well" && this.trips(nowMs);
  }

  trips(nowMs: number): boolean {
    const { failuresInRow, failureShare, slowMs, slowShare, callsMin, windowMs } = this.settings;
    const row = this.calls.length - 1 - this.calls.findLastIndex(({ result }) => result !== "failed");
    if (failuresInRow > 0 && row >= failuresInRow) return true;
    const part = (atMs: number) => Math.floor((atMs * WINDOW_PARTS) / windowMs);
    const newest = Math.max(part(nowMs), ...this.calls.map(({ atMs }) => part(atMs)));
    const recent = this.calls.filter(({ atMs }) => part(atMs) > newest - WINDOW_PARTS);
    const share = (what: CallResult) => recent.filter(({ result }) => result === what).length / recent.length;
    if (recent.length < callsMin) return false;
    return share("failed") >= failureShare || (slowMs > 0 && share("slow") >= slowShare);
  }

  open(nowMs: number, lot: number): void {
    const { coolDownMs, coolDownMaxMs, jitter, windowMs } = this.settings;
    const isSoon = this.state !== "closed" || nowMs - this.sinceMs < windowMs;
    this.coolMs = Math.min(coolDownMaxMs, isSoon && this.coolMs > 0 ? 2 * this.coolMs : coolDownMs);
    this.state = "open";
    this.sinceMs = nowMs;
    this.untilMs = nowMs + this.coolMs * (1 + jitter * lot);
    this.probe = undefined;
  }
}

const anySettings: fc.Arbitrary<BreakerSettings> = fc.record({
  failuresInRow: fc.constantFrom(0, 1, 2, 3, 5),
  failureShare: fc.constantFrom(0.1, 0.5, 1),
  slowMs: fc.constantFrom(0, 50),
  slowShare: fc.constantFrom(0.25, 1),
  callsMin: fc.integer({ min: 1, max: 6 }),
  windowMs: fc.constantFrom(50, 200, 1000),
  coolDownMs: fc.constantFrom(1, 40, 100),
  coolDownMaxMs: fc.constantFrom(100, 250),
  jitter: fc.constantFrom(0, 0.5),
  probes: fc.integer({ min: 1, max: 3 }),
  probeMs: fc.constantFrom(10, 100),
});

const anyStep = fc.record({
  passMs: fc.constantFrom(0, 0, 1, 7, 40, 300),
  what: fc.constantFrom("call", "call", "end", "end", "end"),
  which: fc.nat({ max: 9 }),
  result: fc.constantFrom<CallResult>("well", "well", "slow", "failed", "failed", "neither"),
  lot: fc.constantFrom(0, 0.3, 1),
  mayOpen: fc.constantFrom(true, true, true, false),
});

test("Breaker does what a model does that works everything out from all that has happened", () => {
  const property = fc.property(anySettings, fc.array(anyStep, { maxLength: 120 }), (given, steps) => {
    const breaker = new Breaker(given);
    const model = new Model(given);
    const underWay: { readonly call: object; readonly beganMs: number }[] = [];
    let nowMs = 1000;
    for (const { passMs, what, which, result, lot, mayOpen } of steps) {
      nowMs += passMs;
      assert.equal(breaker.allows(nowMs), model.allows(nowMs));
      if (what === "call" && model.allows(nowMs)) {
        const call = {};
        underWay.push({ call, beganMs: nowMs });
        breaker.took(call, nowMs);
        model.took(call, nowMs);
      } else if (what === "end" && underWay.length > 0) {
        const [{ call, beganMs } = assert.fail("none")] = underWay.splice(which % underWay.length, 1);
        const wasHalfOpen = model.state === "half-open";
        const cause = breaker.ended(call, result, { beganMs, nowMs });
        assert.equal(cause !== undefined, model.ended(call, result, beganMs, nowMs));
        if (cause !== undefined && (mayOpen || wasHalfOpen)) {
          breaker.open(cause, nowMs, lot);
          model.open(nowMs, lot);
        }
      }
      assert.deepEqual([breaker.state, breaker.untilMs], [model.state, model.untilMs]);
    }
  });
  fc.assert(property, { numRuns: process.env["ORRERY_LONG"] === "1" ? 50_000 : 2000 });
});
