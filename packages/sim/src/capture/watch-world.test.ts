import assert from "node:assert/strict";
import { test } from "node:test";
import { createScheduler } from "../order/scheduler.ts";
import { watchWorld } from "./watch-world.ts";

for (const spinMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
  test(`watchWorld refuses to watch for events of ${spinMs} ms`, () => {
    assert.throws(() => watchWorld(spinMs, { scheduler: createScheduler(), nameOf: String }), {
      code: "invalid_argument",
      message: `Cannot watch for events of ${spinMs} ms: write a number above 0`,
    });
  });
}
