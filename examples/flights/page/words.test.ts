import assert from "node:assert/strict";
import { test } from "node:test";
import { clockOf, hoursOf, wholeOf } from "./words.ts";

test("hoursOf writes minutes, and hours from the first on", () => {
  assert.equal(hoursOf({ seconds: 59n * 60n }), "59 min");
  assert.equal(hoursOf({ seconds: 3600n }), "1 h 0 min");
  assert.equal(hoursOf(undefined), "0 min");
});

test("clockOf writes minutes of a day with two digits each", () => {
  assert.equal(clockOf(0), "00:00");
  assert.equal(clockOf(1439), "23:59");
});

test("wholeOf rounds and separates thousands", () => {
  assert.equal(wholeOf(4548.4), "4,548");
});
