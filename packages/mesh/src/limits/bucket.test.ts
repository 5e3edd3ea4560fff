import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Bucket } from "./bucket.ts";

test("Bucket gives its burst at once, and then as its rate has it", () => {
  const bucket = new Bucket({ perSecond: 10, burst: 3 }, 0);
  const taken: number[] = [];
  for (let nowMs = 0; nowMs <= 500; nowMs += 10) {
    if (!bucket.has(nowMs)) continue;
    bucket.take(nowMs);
    taken.push(nowMs);
  }
  assert.deepEqual(taken, [0, 10, 20, 100, 200, 300, 400, 500]);
});

test("Bucket says in how long a token is there", () => {
  const bucket = new Bucket({ perSecond: 10, burst: 1 }, 0);
  assert.equal(bucket.waitMs(0), 0);
  bucket.take(0);
  assert.equal(bucket.waitMs(40), 60);
  bucket.change({ perSecond: 0, burst: 1 }, 40);
  assert.equal(bucket.waitMs(1000), Number.POSITIVE_INFINITY);
});

test("Bucket gives in no stretch of time more than burst and rates allow, whatever is changed, and all that they do", () => {
  const anyChange = fc.record({ perSecond: fc.constantFrom(0, 1, 10, 250), burst: fc.integer({ min: 1, max: 20 }) });
  const anyStep = fc.record({
    passMs: fc.nat({ max: 200 }),
    takes: fc.nat({ max: 30 }),
    change: fc.option(anyChange, { freq: 5, nil: undefined }),
  });
  const property = fc.property(anyChange, fc.array(anyStep, { maxLength: 60 }), (first, steps) => {
    const bucket = new Bucket(first, 0);
    let settings = first;
    let nowMs = 0;
    // What an ideal bucket holds, in tokens.
    let ideal = first.burst;
    for (const { passMs, takes, change } of steps) {
      nowMs += passMs;
      ideal = Math.min(settings.burst, ideal + (passMs * settings.perSecond) / 1000);
      let got = 0;
      for (let take = 0; take < takes && bucket.has(nowMs); take++, got++) bucket.take(nowMs);
      assert.ok(got <= ideal + 1e-6, `${got} of ${ideal}`);
      assert.ok(got >= Math.min(takes, Math.floor(ideal - 1e-6)), `${got} of ${takes} where ${ideal} are there`);
      ideal = Math.max(0, ideal - got);
      if (change !== undefined) {
        settings = change;
        bucket.change(change, nowMs);
        ideal = Math.min(ideal, change.burst);
      }
    }
  });
  fc.assert(property, { numRuns: 500 });
});
