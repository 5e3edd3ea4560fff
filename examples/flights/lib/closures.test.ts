import assert from "node:assert/strict";
import { test } from "node:test";
import { createManualClock } from "../testing/manual-clock.ts";
import { createClosures } from "./closures.ts";
import { CLOSURES_MAX } from "./limits.ts";

test("createClosures closes an airport until its time is over", () => {
  const clock = createManualClock();
  const closures = createClosures(clock);
  closures.note("ORD", { reason: "snow", lastsMs: 60_000 });
  clock.advance(59_999);
  assert.equal(closures.isClosed("ORD"), true);
  clock.advance(1);
  assert.equal(closures.isClosed("ORD"), false);
  closures.assertOpen("ORD");
});

test("createClosures says why an airport is closed and when it opens", () => {
  const closures = createClosures(createManualClock());
  closures.note("ORD", { reason: "snow", lastsMs: 1500 });
  assert.throws(() => closures.assertOpen("ORD"), {
    code: "failed_precondition",
    message: 'Cannot plan a trip over "ORD": it is closed (snow), it opens in 2 s',
    details: { iata: "ORD", opensInSeconds: 2 },
  });
});

test("createClosures forgets the oldest closure past its limit", () => {
  const closures = createClosures(createManualClock());
  for (let index = 0; index <= CLOSURES_MAX; index++) closures.note(`A${index}`, { reason: "", lastsMs: 1000 });
  assert.equal(closures.isClosed("A0"), false);
  assert.equal(closures.isClosed("A1"), true);
  assert.equal(closures.isClosed(`A${CLOSURES_MAX}`), true);
});
