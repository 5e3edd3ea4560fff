import assert from "node:assert/strict";
import { exec } from "node:child_process";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { createSystemClock, createTableDirectory } from "@orrery/core";
import { createMeshClient } from "@orrery/mesh";
import { FeedService } from "./gen/flights/v1/feed_pb.ts";
import { PlannerService } from "./gen/flights/v1/planner_pb.ts";
import { type RunningExample, runExample } from "./testing/run-example.ts";

/** Longest time that a killed process may stay away. */
const BACK_MS_MAX = 15_000;

const clock = createSystemClock();
let example: RunningExample;
before(async () => {
  example = await runExample({ port: 0 });
});
after(() => example?.stop());

/** Calls a method by plain HTTP. */
async function post(method: string, body: object): Promise<{ status: number; reply: Record<string, unknown> }> {
  const response = await fetch(`${example.address}/flights.v1.${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, reply: (await response.json()) as Record<string, unknown> };
}

test("start runs every component in a process of its own", () => {
  const pids = [...example.processes.values()].flat().map(({ pid }) => pid);
  assert.deepEqual(
    [...example.processes].map(([name, instances]) => [name, instances.length]),
    [
      ["flights.v1.AirportService", 1],
      ["flights.v1.DepartureService", 1],
      ["flights.v1.FeedService", 1],
      ["flights.v1.PlannerService", 2],
      ["flights.v1.RouteService", 1],
    ],
  );
  assert.equal(new Set(pids).size, 6);
});

test("start tells three commands, and each of them works", async () => {
  assert.equal(example.commands.length, 3);
  const run = promisify(exec);
  const outputs = await Promise.all(example.commands.map((command) => run(command, { timeout: 20_000 })));
  assert.match(outputs[0]?.stdout ?? "", /"iata":"PDX"/);
  assert.match(outputs[1]?.stdout ?? "", /"iata":"EYW"/);
  assert.equal(outputs[2]?.stdout.trimEnd().split("\n").length, 3);
});

test("start answers an error with its status and the text of the component", async () => {
  const { status, reply } = await post("PlannerService/PlanTrip", { origin: "SEA", destination: "QQQ" });
  assert.equal(status, 404);
  assert.equal(reply["code"], "not_found");
  assert.match(String(reply["message"]), /^Cannot find airport "QQQ"/);
});

test("start lets ZeroMQ clients call and read its components", async () => {
  const table = [...example.processes].map(([name, instances]) => [name, instances.map(({ address }) => address)]);
  await using client = await createMeshClient({ directory: createTableDirectory(Object.fromEntries(table)) });
  const trip = await client.client(PlannerService).planTrip({ origin: "SEA", destination: "MIA" });
  assert.deepEqual(
    trip.legs.map(({ destination }) => destination?.iata),
    ["MIA"],
  );
  const skies = client.client(FeedService).watchAircraft({ intervalMs: 100 });
  const first = (await skies.next()).value;
  const second = (await skies.next()).value;
  assert.ok(first.aircraft.length > 300);
  assert.notDeepEqual(first.aircraft[0].place, second.aircraft[0].place);
  await skies.return?.();
});

test("start leads every planner round an airport that the feed closed", async () => {
  const ends = { origin: "SEA", destination: "EYW" };
  const { reply } = await post("PlannerService/PlanTrip", ends);
  const [leg] = reply["legs"] as { destination: { iata: string } }[];
  const closed = leg?.destination.iata ?? "";
  await post("FeedService/CloseAirport", { iata: closed, reason: "storm", lasts: "5s" });
  await eventually(async () => {
    const trips = await Promise.all(Array.from({ length: 4 }, () => post("PlannerService/PlanTrip", ends)));
    return trips.every((trip) => trip.status === 400 || !JSON.stringify(trip.reply).includes(`"iata":"${closed}"`));
  });
});

test("start keeps answering while a component is gone, and brings it back", async () => {
  const [routes] = example.processes.get("flights.v1.RouteService") ?? [];
  process.kill(routes?.pid ?? 0, "SIGKILL");
  const began = clock.monotonic();
  const plan = () => post("PlannerService/PlanTrip", { origin: "SEA", destination: "MIA" });
  const [gone, airport] = await Promise.all([plan(), post("AirportService/GetAirport", { iata: "SEA" })]);
  assert.equal(airport.status, 200);
  if (gone.status !== 200) {
    assert.equal(gone.status, 503);
    assert.match(String(gone.reply["message"]), /RouteService\.ListConnections/);
  }
  await eventually(async () => (await plan()).status === 200);
  assert.ok(clock.monotonic() - began < BACK_MS_MAX);
  assert.match(example.told(), /RouteService/);
});

test("start says which port is taken and what to do", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  const refused = await runExample({ port }).catch((error: Error) => error.message);
  server.close();
  assert.match(String(refused), /^exit 1\n/);
  assert.match(String(refused), new RegExp(`Cannot listen at http://127.0.0.1:${port}: port is taken, choose another`));
});

test("start ends cleanly at Ctrl-C, and leaves no process behind", async () => {
  const own = await runExample({ port: 0 });
  assert.equal(await own.stop(), 0);
  for (const { pid } of [...own.processes.values()].flat())
    assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
});

/** Asks again and again until the answer is yes. @throws Error when it is not within the time that a process may be away. */
async function eventually(ask: () => Promise<boolean>): Promise<void> {
  const end = clock.monotonic() + BACK_MS_MAX;
  while (!(await ask())) {
    if (clock.monotonic() > end) throw new Error(`Cannot wait longer: still no after ${BACK_MS_MAX} ms`);
    await clock.sleep(100);
  }
}
