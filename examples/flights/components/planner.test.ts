import assert from "node:assert/strict";
import { after, test } from "node:test";
import { PlannerService, Preference, type Trip } from "../gen/flights/v1/planner_pb.ts";
import { startLoneNode } from "../testing/lone-node.ts";
import airports from "./airports.ts";
import planner from "./planner.ts";
import routes from "./routes.ts";

const node = await startLoneNode(airports, routes, planner);
after(() => node.stop());
const client = node.client(PlannerService);

function stopsOf({ legs }: Trip): string {
  return [legs[0]?.origin?.iata, ...legs.map(({ destination }) => destination?.iata)].join("-");
}

test("planTrip takes a direct flight where one is flown", async () => {
  const trip = await client.planTrip({ origin: "sea", destination: "mia" });
  assert.equal(stopsOf(trip), "SEA-MIA");
  assert.equal(trip.distanceKm, trip.directDistanceKm);
  assert.equal(trip.duration?.seconds, trip.legs[0]?.duration?.seconds);
});

test("planTrip leaves out connections that are flown less often than asked", async () => {
  const trip = await client.planTrip({ origin: "SEA", destination: "MIA", flightsPerYearMin: 1000 });
  assert.equal(trip.legs.length, 2);
  assert.ok(trip.legs.every(({ flightsPerYear }) => flightsPerYear >= 1000));
  assert.ok(trip.distanceKm > trip.directDistanceKm);
});

test("planTrip goes the shortest way when asked, however many flights it takes", async () => {
  const ends = { origin: "ADK", destination: "MQT" };
  const few = await client.planTrip(ends);
  const short = await client.planTrip({ ...ends, preference: Preference.SHORTEST_DISTANCE });
  assert.ok(short.legs.length > few.legs.length, `${stopsOf(short)} ${stopsOf(few)}`);
  assert.ok(short.distanceKm < few.distanceKm);
});

test("planTrip joins legs end to end and adds them up", async () => {
  const { legs, distanceKm } = await client.planTrip({ origin: "BLI", destination: "MLB" });
  for (const [index, leg] of legs.slice(1).entries()) assert.equal(leg.origin?.iata, legs[index]?.destination?.iata);
  assert.ok(Math.abs(legs.reduce((sum, leg) => sum + leg.distanceKm, 0) - distanceKm) < 1e-6);
});

test("planTrip avoids the airports it is told to", async () => {
  const ends = { origin: "SEA", destination: "MIA", flightsPerYearMin: 1000 };
  const [first] = (await client.planTrip(ends)).legs;
  const avoid = [first?.destination?.iata ?? ""];
  assert.ok(!stopsOf(await client.planTrip({ ...ends, avoid })).includes(avoid[0] ?? ""));
});

const REFUSED: readonly [
  string,
  { origin: string; destination: string; legsMax?: number; avoid?: string[] },
  RegExp,
][] = [
  ["an unknown origin", { origin: "QQQ", destination: "MIA" }, /Cannot find airport "QQQ"/],
  ["an unknown destination", { origin: "SEA", destination: "" }, /Cannot find airport ""/],
  ["one airport twice", { origin: "SEA", destination: "sea" }, /name two different airports/],
  ["too many legs", { origin: "SEA", destination: "MIA", legsMax: 9 }, /Cannot give "9" as legs_max: at most 8/],
  ["too many airports to avoid", { origin: "SEA", destination: "MIA", avoid: Array(101).fill("ORD") }, /at most 100/],
  ["a way that is not flown", { origin: "SEA", destination: "00M" }, /no way of 4 flights is flown/],
];

for (const [what, request, message] of REFUSED)
  test(`planTrip refuses ${what}`, async () => {
    await assert.rejects(client.planTrip(request), { message });
  });

test("noteClosure makes every planner go round the airport until it opens", async () => {
  const ends = { origin: "SEA", destination: "MIA", flightsPerYearMin: 1000 };
  const closed = (await client.planTrip(ends)).legs[0]?.destination?.iata ?? "";
  node.publish(PlannerService).noteClosure({ iata: closed, reason: "snow", lasts: { seconds: 60n } });
  // As many at once as there are planners, twice over: each of them has heard of it.
  const trips = await Promise.all(Array.from({ length: 6 }, () => client.planTrip(ends)));
  for (const trip of trips) assert.ok(!stopsOf(trip).includes(closed));
  await assert.rejects(client.planTrip({ origin: closed, destination: "MIA" }), {
    code: "failed_precondition",
    message: `Cannot plan a trip over "${closed}": it is closed (snow), it opens in 60 s`,
  });
});

test("planTrip says when it is closed airports that are in the way", async () => {
  // All that leaves Melbourne, Florida, changes at one of these.
  for (const iata of ["ATL", "EWR", "CLT", "IAH", "DCA"])
    node.publish(PlannerService).noteClosure({ iata, reason: "storm", lasts: { seconds: 60n } });
  await assert.rejects(client.planTrip({ origin: "MLB", destination: "SEA" }), {
    code: "failed_precondition",
    message: /every way leads through a closed airport/,
  });
});
