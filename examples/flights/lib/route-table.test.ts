import assert from "node:assert/strict";
import { test } from "node:test";
import { loadAirports } from "./airport-table.ts";
import { readData } from "./data.ts";
import { loadRoutes } from "./route-table.ts";

const routes = loadRoutes(loadAirports());

/** Length of a statute mile, in which the records give distances. */
const MILE_KM = 1.609344;

test("loadRoutes reads every connection of the data, the most flown first", () => {
  assert.equal([...routes.values()].flat().length, 5366);
  const counts = (routes.get("ATL") ?? []).map(({ flightsPerYear }) => flightsPerYear);
  assert.deepEqual(
    counts,
    [...counts].sort((a, b) => b - a),
  );
});

test("loadRoutes measures distances that agree with the recorded ones", () => {
  const records = JSON.parse(readData("flights-20k.json")) as {
    origin: string;
    destination: string;
    distance: number;
  }[];
  let compared = 0;
  for (const { origin, destination, distance } of records) {
    const route = routes.get(origin)?.find((candidate) => candidate.destination === destination);
    if (route === undefined) continue;
    compared++;
    assert.ok(Math.abs(route.distanceKm - distance * MILE_KM) < 15, `${origin}-${destination}`);
  }
  assert.ok(compared > 15_000);
});
