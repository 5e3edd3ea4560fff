import assert from "node:assert/strict";
import { test } from "node:test";
import { project, regionOf } from "./projection.ts";

/** What d3's geoAlbersUsa gives at its default scale, from d3-geo's own tests. */
const PLACES: readonly [string, number, number, number, number][] = [
  ["San Francisco", -122.4194, 37.7749, 107.4, 214.1],
  ["New York", -74.0064, 40.7142, 794.6, 176.5],
  ["Tulsa", -95.9928, 36.154, 488.8, 298.0],
  ["Anchorage", -149.9003, 61.2181, 171.2, 446.9],
  ["Honolulu", -157.8583, 21.3069, 298.5, 451.0],
];

for (const [name, longitude, latitude, x, y] of PLACES)
  test(`project puts ${name} where d3 puts it`, () => {
    const [px, py] = project({ longitude, latitude }) ?? [];
    assert.ok(Math.abs(480 + 1070 * (px ?? 0) - x) < 0.1, `x ${px}`);
    assert.ok(Math.abs(250 + 1070 * (py ?? 0) - y) < 0.1, `y ${py}`);
  });

test("project knows Puerto Rico, and the Aleutians beyond the date line", () => {
  assert.equal(regionOf({ longitude: -66, latitude: 18.4 }), "puertoRico");
  assert.equal(regionOf({ longitude: 173, latitude: 52.9 }), "alaska");
});

test("project gives nothing for the open sea", () => {
  assert.equal(project({ longitude: -140, latitude: 30 }), undefined);
});
