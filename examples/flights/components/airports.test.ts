import assert from "node:assert/strict";
import { after, test } from "node:test";
import { AirportService } from "../gen/flights/v1/airport_pb.ts";
import { startLoneNode } from "../testing/lone-node.ts";
import airports from "./airports.ts";

const node = await startLoneNode(airports);
after(() => node.stop());
const client = node.client(AirportService);

test("getAirport takes a code in either case", async () => {
  const { name, city } = await client.getAirport({ iata: "sea" });
  assert.deepEqual([name, city], ["Seattle-Tacoma Intl", "Seattle"]);
});

test("getAirport says what to do about an unknown code", async () => {
  await assert.rejects(client.getAirport({ iata: "QQQ" }), {
    code: "not_found",
    message: 'Cannot find airport "QQQ": no airport has that code, look for its city with SearchAirports',
  });
});

test("searchAirports gives as many as asked for", async () => {
  const { airports } = await client.searchAirports({ query: "new york", limit: 2, servedOnly: true });
  assert.deepEqual(
    airports.map(({ iata }) => iata),
    ["LGA", "JFK"],
  );
});

test("searchAirports refuses to give more than it can", async () => {
  await assert.rejects(client.searchAirports({ query: "a", limit: 101 }), {
    code: "invalid_argument",
    message: 'Cannot give "101" as limit: at most 100 are given at once',
  });
});

test("listNearestAirports gives served airports round a point", async () => {
  const place = { latitude: 47.6, longitude: -122.3 };
  const { airports } = await client.listNearestAirports({ place, limit: 1, servedOnly: true });
  assert.equal(airports[0]?.airport?.iata, "SEA");
  assert.equal(Math.round(airports[0]?.distanceKm ?? 0), 17);
});

const NOWHERE: readonly [string, { place?: { latitude: number; longitude: number } }][] = [
  ["no place", {}],
  ["a latitude past the pole", { place: { latitude: 91, longitude: 0 } }],
  ["a longitude past the date line", { place: { latitude: 0, longitude: -181 } }],
  ["a latitude that is no number", { place: { latitude: Number.NaN, longitude: 0 } }],
];

for (const [what, request] of NOWHERE)
  test(`listNearestAirports refuses ${what}`, async () => {
    await assert.rejects(client.listNearestAirports(request), { code: "invalid_argument" });
  });

test("listAirports gives every airport once, page by page", async () => {
  const codes: string[] = [];
  for (let pageToken = ""; ; ) {
    const page = await client.listAirports({ pageSize: 1000, pageToken });
    codes.push(...page.airports.map(({ iata }) => iata));
    pageToken = page.nextPageToken;
    if (pageToken === "") break;
  }
  assert.equal(codes.length, 3376);
  assert.equal(new Set(codes).size, 3376);
});

test("listAirports keeps to one state and to served airports", async () => {
  const { airports, nextPageToken } = await client.listAirports({ state: "wa", servedOnly: true });
  assert.ok(airports.length > 3);
  assert.ok(airports.every((airport) => airport.state === "WA" && airport.departuresPerYear > 0));
  assert.equal(nextPageToken, "");
});
