import assert from "node:assert/strict";
import { test } from "node:test";
import { punctualityOf } from "./punctuality.ts";

test("punctualityOf counts a flight as on time up to 14 minutes", () => {
  const delays = [-5, 0, 14, 15, 60];
  const flights = delays.map((delayMinutes) => ({ origin: "A", destination: "B", minuteOfDay: 0, delayMinutes }));
  assert.deepEqual(punctualityOf(flights), { departures: 5, onTime: 0.6, delayMinutesMedian: 14, delayMinutesP90: 15 });
});

test("punctualityOf gives nothing for no flights", () => {
  assert.equal(punctualityOf([]), undefined);
});
