import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { matchName, type NameMatch } from "./match-name.ts";

const NAMES = [
  "flights.v1.AirportService",
  "flights.v1.RouteService",
  "weather",
  "other.v1.Weather",
  "shop.Cart",
  "zoo.Cart",
];
const one = (name: string): NameMatch => ({ kind: "one", name });

const CASES: readonly (readonly [string, NameMatch])[] = [
  ["flights.v1.AirportService", one("flights.v1.AirportService")],
  ["AirportService", one("flights.v1.AirportService")],
  ["airportservice", one("flights.v1.AirportService")],
  ["airport-service", one("flights.v1.AirportService")],
  ["airport", one("flights.v1.AirportService")],
  ["Airport", one("flights.v1.AirportService")],
  ["weather", one("weather")],
  ["Weather", one("other.v1.Weather")],
  ["WEATHER", { kind: "many", names: ["weather", "other.v1.Weather"] }],
  ["Cart", { kind: "many", names: ["shop.Cart", "zoo.Cart"] }],
  ["zoo.Cart", one("zoo.Cart")],
  ["service", { kind: "none" }],
  ["v1", { kind: "none" }],
  ["", { kind: "none" }],
];

describe("matchName", () => {
  for (const [said, match] of CASES) {
    it(`takes "${said}" for ${match.kind === "one" ? match.name : match.kind}`, () => {
      assert.deepEqual(matchName(said, NAMES), match);
    });
  }

  it("counts a name that stands twice once", () => {
    assert.deepEqual(matchName("weather", ["weather", "weather"]), one("weather"));
  });
});
