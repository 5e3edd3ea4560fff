import assert from "node:assert/strict";
import { after, test } from "node:test";
import { RouteService } from "../gen/flights/v1/route_pb.ts";
import { startLoneNode } from "../testing/lone-node.ts";
import routes from "./routes.ts";

const node = await startLoneNode(routes);
after(() => node.stop());
const client = node.client(RouteService);

test("listConnections gives what leaves an airport, the most flown first", async () => {
  const { connections } = await client.listConnections({ origin: "sea" });
  assert.equal(connections[0]?.destination, "LAX");
  assert.ok(connections.some(({ destination }) => destination === "MIA"));
});

test("listConnections leaves out what is rarely flown", async () => {
  const { connections } = await client.listConnections({ origin: "ABE", flightsPerYearMin: 52 });
  assert.ok(connections.length > 0);
  assert.ok(connections.every(({ flightsPerYear }) => flightsPerYear >= 52));
  const { connections: all } = await client.listConnections({ origin: "ABE" });
  assert.ok(all.length > connections.length);
});

test("listConnections gives nothing for an airfield without airline", async () => {
  assert.deepEqual((await client.listConnections({ origin: "00M" })).connections, []);
});

test("getConnection gives distance and flights", async () => {
  const { distanceKm, flightsPerYear } = await client.getConnection({ origin: "SEA", destination: "MIA" });
  assert.equal(Math.round(distanceKm), 4379);
  assert.equal(flightsPerYear, 366);
});

test("getConnection says what to do when nobody flies it", async () => {
  await assert.rejects(client.getConnection({ origin: "SEA", destination: "00M" }), {
    code: "not_found",
    message: 'Cannot find a connection from "SEA" to "00M": nobody flies it, plan a trip with PlanTrip',
  });
});

test("listBusiest gives the most flown connections of all", async () => {
  const { connections } = await client.listBusiest({ limit: 3 });
  assert.deepEqual(
    connections.map(({ origin, destination }) => `${origin}-${destination}`),
    ["SFO-LAX", "LAX-SFO", "OGG-HNL"],
  );
});
