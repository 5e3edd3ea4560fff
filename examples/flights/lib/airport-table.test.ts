import assert from "node:assert/strict";
import { test } from "node:test";
import { loadAirports, nearestAirports, searchAirports } from "./airport-table.ts";

const airports = loadAirports();

test("loadAirports reads every airport of the data", () => {
  assert.equal(airports.size, 3376);
  assert.deepEqual(airports.get("SEA"), {
    iata: "SEA",
    name: "Seattle-Tacoma Intl",
    city: "Seattle",
    state: "WA",
    country: "USA",
    place: { latitude: 47.44898194, longitude: -122.3093131 },
    departuresPerYear: 109_069,
  });
});

test("loadAirports reads a quoted name with a comma", () => {
  assert.equal(airports.get("BTR")?.name, "Baton Rouge Metropolitan, Ryan");
});

const SEARCHES: readonly [string, string][] = [
  ["sea", "SEA"],
  ["Seattle", "SEA"],
  ["miami", "MIA"],
  ["portland or", "PDX"],
  ["portland, me", "PWM"],
  ["o'hare", "ORD"],
  ["los angeles", "LAX"],
  ["kennedy new york", "JFK"],
];

for (const [query, iata] of SEARCHES)
  test(`searchAirports finds ${iata} first for "${query}"`, () => {
    assert.equal(searchAirports(airports.values(), query)[0]?.iata, iata);
  });

for (const query of ["", "  ", "atlantis", "seattle fl"])
  test(`searchAirports finds nothing for "${query}"`, () => {
    assert.deepEqual(searchAirports(airports.values(), query), []);
  });

test("nearestAirports begins with the nearest and goes on outwards", () => {
  const near = nearestAirports(airports.values(), { latitude: 47.45, longitude: -122.31 });
  assert.equal(near[0]?.airport.iata, "SEA");
  for (const [index, { distanceKm }] of near.entries()) assert.ok(distanceKm >= (near[index - 1]?.distanceKm ?? 0));
});
