import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { TripService } from "./gen/trip/v1/trip_pb.ts";

/** Lines that may differ between the two folders, those taken out and those put in together. */
const CHANGED_LINES_MAX = 39;

function linesOf(folder: string, name: string): string[] {
  return readFileSync(new URL(`${folder}/${name}`, import.meta.url), "utf8")
    .trimEnd()
    .split("\n");
}

/** Lines that one list has and the other has not, in the shortest change from one to the other. */
function changedLines(before: readonly string[], after: readonly string[]): number {
  let row = new Array<number>(after.length + 1).fill(0);
  for (const line of before) {
    const next = [0];
    for (const [at, other] of after.entries())
      next.push(line === other ? (row[at] ?? 0) + 1 : Math.max(row[at + 1] ?? 0, next[at] ?? 0));
    row = next;
  }
  return before.length + after.length - 2 * (row.at(-1) ?? 0);
}

test("changedLines counts what is taken out and what is put in", () => {
  assert.equal(changedLines(["a", "b", "c"], ["a", "b", "c"]), 0);
  assert.equal(changedLines(["a", "b", "c"], ["a", "x", "c", "d"]), 3);
  assert.equal(changedLines(["a", "b"], ["b", "a"]), 2);
});

test("eject changes fewer than 40 lines", () => {
  const names = readdirSync(new URL("with", import.meta.url)).sort();
  assert.deepEqual(readdirSync(new URL("without", import.meta.url)).sort(), names);
  const changes = names.map((name) => changedLines(linesOf("with", name), linesOf("without", name)));
  const sum = changes.reduce((total, count) => total + count, 0);
  assert.ok(sum <= CHANGED_LINES_MAX, `${sum} lines: ${names.map((name, at) => `${name} ${changes[at]}`).join(", ")}`);
});

test("eject leaves nothing of Orrery", () => {
  for (const name of readdirSync(new URL("without", import.meta.url)))
    assert.ok(!linesOf("without", name).join("\n").includes("@orrery/"), name);
});

/** Starts one of the two and gives a client of it, the same for both. */
async function startServer(folder: string) {
  const file = new URL(`${folder}/start.ts`, import.meta.url).pathname;
  const child = spawn(process.execPath, ["--conditions=source", file], {
    env: { ...process.env, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [baseUrl] = (await once(createInterface(child.stdout), "line")) as [string];
  const client = createClient(TripService, createConnectTransport({ baseUrl }));
  const stop = async () => {
    child.kill();
    await once(child, "exit");
  };
  return { client, [Symbol.asyncDispose]: stop };
}

for (const folder of ["with", "without"]) {
  test(`${folder}/start answers a call whose handler asks another`, async () => {
    await using server = await startServer(folder);
    const trip = await server.client.measureTrip({ stops: ["SEA", "ATL", "EYW"] });
    assert.equal(Math.round(trip.distanceKm), 4548);
    assert.deepEqual(
      trip.stops.map(({ city }) => city),
      ["Seattle", "Atlanta", "Key West"],
    );
  });

  test(`${folder}/start passes the errors of both handlers on`, async () => {
    await using server = await startServer(folder);
    await assert.rejects(server.client.measureTrip({ stops: ["SEA", "QQQ"] }), {
      message: '[not_found] Cannot find airport "QQQ": try SEA, ATL, EYW',
    });
    await assert.rejects(server.client.measureTrip({ stops: ["SEA"] }), {
      message: "[invalid_argument] Cannot measure the trip: it leads nowhere, name two airports or more",
    });
  });
}
