import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createSystemClock, createTableDirectory } from "@orrery/core";
import { createMeshClient } from "@orrery/mesh";
import { FeedService } from "./gen/flights/v1/feed_pb.ts";
import { PlannerService } from "./gen/flights/v1/planner_pb.ts";
import { type RunningExample, runExample } from "./testing/run-example.ts";

/** Longest time to wait for what must happen soon, such as a killed process's return. */
const SOON_MS_MAX = 20_000;

const clock = createSystemClock();
const folder = mkdtempSync(join(tmpdir(), "orrery-flights-"));
let example: RunningExample;
before(async () => {
  example = await runExample({ script: "local.ts", port: 0, folder });
});
after(async () => {
  await example?.stop();
  rmSync(folder, { recursive: true });
});

/** Calls a method by plain HTTP. */
async function post(method: string, body: object): Promise<{ status: number; reply: Record<string, unknown> }> {
  const response = await fetch(`${example.address}/flights.v1.${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, reply: (await response.json()) as Record<string, unknown> };
}

test("local runs every component in a process of its own", () => {
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

test("local tells three commands, and each of them works", async () => {
  assert.equal(example.commands.length, 3);
  const outputs = await example.try();
  assert.match(outputs[0] ?? "", /"iata":"EYW"/);
  assert.match(outputs[1] ?? "", /"iata": "PDX"/);
  const skies = outputs[2]?.trimEnd().split("\n") ?? [];
  assert.deepEqual(
    skies.map((sky) => Object.keys(JSON.parse(sky) as object).slice(0, 2)),
    Array.from({ length: 3 }, () => ["minuteOfDay", "aircraft"]),
  );
});

test("local answers an error with its status and the text of the component", async () => {
  const { status, reply } = await post("PlannerService/PlanTrip", { origin: "SEA", destination: "QQQ" });
  assert.equal(status, 404);
  assert.equal(reply["code"], "not_found");
  assert.match(String(reply["message"]), /^Cannot find airport "QQQ"/);
});

test("local lets ZeroMQ clients call and read its components", async () => {
  const table = [...example.processes].map(([name, instances]) => [name, instances.map(({ address }) => address)]);
  await using client = await createMeshClient({ directory: createTableDirectory(Object.fromEntries(table)) });
  const trip = await client.client(PlannerService).planTrip({ origin: "SEA", destination: "MIA" });
  assert.deepEqual(
    trip.legs.map(({ destination }) => destination?.iata),
    ["MIA"],
  );
  await using skies = client.client(FeedService).watchAircraft({ intervalMs: 100 });
  const first = (await skies.next()).value;
  const second = (await skies.next()).value;
  assert.ok((first?.aircraft.length ?? 0) > 300);
  assert.notDeepEqual(first?.aircraft[0]?.place, second?.aircraft[0]?.place);
});

test("local leads every planner round an airport that the feed closed", async () => {
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

test("local keeps answering while a component is gone, and brings it back", async () => {
  const [routes] = example.processes.get("flights.v1.RouteService") ?? [];
  process.kill(routes?.pid ?? 0, "SIGKILL");
  const plan = () => post("PlannerService/PlanTrip", { origin: "SEA", destination: "MIA" });
  const airport = await post("AirportService/GetAirport", { iata: "SEA" });
  assert.equal(airport.status, 200);
  await eventually(async () => (await plan()).status === 200);
  await eventually(async () => /RouteService is back/.test(example.told()));
});

test("local ends a stream with a clear error when its process is killed, and streams again", async () => {
  const [feed] = example.processes.get("flights.v1.FeedService") ?? [];
  const watch = () =>
    fetch(`${example.address}/flights.v1.FeedService/WatchAircraft`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ intervalMs: 100 }),
    });
  const response = await watch();
  const lines: string[] = [];
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    if (lines.length === 0) process.kill(feed?.pid ?? 0, "SIGKILL");
    lines.push(chunk);
  }
  const { error } = JSON.parse(lines.join("").trimEnd().split("\n").at(-1) ?? "") as { error: Record<string, string> };
  assert.equal(error["code"], "unavailable");
  assert.match(error["message"] ?? "", /"flights\.v1\.FeedService\.WatchAircraft": the connection to ".*" was lost/);
  await eventually(async () => {
    const again = await watch();
    await again.body?.cancel();
    return again.status === 200;
  });
});

test("local says which port is taken and what to do", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  const refused = await runExample({ script: "local.ts", port, folder }).catch((error: Error) => error.message);
  server.close();
  assert.match(String(refused), /^exit 1\n/);
  assert.match(String(refused), new RegExp(`Cannot listen at http://127.0.0.1:${port}: port is taken, choose another`));
});

test("local ends cleanly at Ctrl-C, and leaves no process behind", async () => {
  const own = await runExample({ script: "local.ts", port: 0, folder });
  assert.equal(await own.stop(), 0);
  for (const { pid } of [...own.processes.values()].flat())
    assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
});

/** Asks again and again until the answer is yes. @throws Error when it is not soon. */
async function eventually(ask: () => Promise<boolean>): Promise<void> {
  const end = clock.monotonic() + SOON_MS_MAX;
  while (!(await ask())) {
    if (clock.monotonic() > end) throw new Error(`Cannot wait longer: still no after ${SOON_MS_MAX} ms`);
    await clock.sleep(100);
  }
}
