import assert from "node:assert/strict";
import { test } from "node:test";
import { randomName } from "./random.ts";
import { createSystemRandom } from "./system-random.ts";

const LONG = process.env["ORRERY_LONG"] === "1";

test("randomName gives names of 13 letters that never repeat", () => {
  const random = createSystemRandom();
  const names = new Set<string>();
  const count = LONG ? 1_000_000 : 100_000;
  for (let i = 0; i < count; i++) names.add(randomName(random));
  assert.equal(names.size, count);
  for (const name of [...names].slice(0, 100)) assert.match(name, /^[0-9a-hjkmnp-tv-z]{13}$/);
});

test("createSystemRandom gives numbers in their ranges", () => {
  const random = createSystemRandom();
  for (let i = 0; i < 1000; i++) {
    const next = random.next();
    assert.ok(next >= 0 && next < 1);
    const integer = random.integer(7);
    assert.ok(Number.isInteger(integer) && integer >= 0 && integer < 7);
  }
  assert.equal(random.bytes(16).length, 16);
  assert.notDeepEqual(random.bytes(16), random.bytes(16));
});
