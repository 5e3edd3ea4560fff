import assert from "node:assert/strict";
import { test } from "node:test";
import { distanceKm, headingDegrees, pointAlong } from "./geo.ts";

const seattle = { latitude: 47.449, longitude: -122.309 };
const miami = { latitude: 25.793, longitude: -80.291 };

test("distanceKm gives the length of the great circle", () => {
  assert.ok(Math.abs(distanceKm(seattle, miami) - 4383) < 10);
  assert.equal(distanceKm(seattle, seattle), 0);
});

test("pointAlong divides the great circle", () => {
  const middle = pointAlong(seattle, miami, 0.25);
  assert.ok(Math.abs(distanceKm(seattle, middle) / distanceKm(seattle, miami) - 0.25) < 1e-9);
  assert.ok(Math.abs(distanceKm(middle, miami) / distanceKm(seattle, miami) - 0.75) < 1e-9);
});

test("pointAlong stays where both ends are one", () => {
  assert.deepEqual(pointAlong(miami, miami, 0.5), miami);
});

test("headingDegrees counts from north by east", () => {
  const equator = { latitude: 0, longitude: 0 };
  assert.equal(headingDegrees(equator, { latitude: 10, longitude: 0 }), 0);
  assert.equal(Math.round(headingDegrees(equator, { latitude: 0, longitude: 10 })), 90);
  assert.equal(Math.round(headingDegrees(equator, { latitude: -10, longitude: 0 })), 180);
  assert.equal(Math.round(headingDegrees(equator, { latitude: 0, longitude: -10 })), 270);
});
