import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { outcomeOf } from "@orrery/core";
import { RelayService } from "./gen/relay/v1/relay_pb.ts";
import { clientOf } from "./testing/client-of.ts";
import { startServer } from "./testing/start-server.ts";

const ROOT = join(import.meta.dirname, "..");
const PINGS = 50;

test("a node whose handler never ends answers pings of another process within 50 ms", async () => {
  await using server = await startServer();
  await using client = clientOf(server.address);
  const giveUp = new AbortController();
  const relay = client.client(RelayService);
  const stuck = outcomeOf(relay.wait({}, { signal: giveUp.signal }));
  const behind = outcomeOf(relay.look({}, { signal: giveUp.signal }));
  await server.line("waiting");
  const roundTrips: number[] = [];
  for (let i = 0; i < PINGS; i++) roundTrips.push((await client.ping(server.address)).roundTripMs);
  // A busy machine slows some pings down; one that had to wait for the handler would not come back at all.
  const fastestMs = Math.min(...roundTrips);
  assert.ok(fastestMs < 50, `the fastest of ${PINGS} pings took ${fastestMs} ms`);
  giveUp.abort();
  assert.deepEqual([(await stuck).kind, (await behind).kind], ["cancelled", "cancelled"]);
});

/** Protobuf files of the two planes, and what each imports. */
function importsOf(pattern: string): string[] {
  const files = globSync(pattern, { cwd: ROOT });
  assert.ok(files.length > 0, pattern);
  return files.flatMap((file) =>
    [...readFileSync(join(ROOT, file), "utf8").matchAll(/^import .*"(.+)";$/gm)].map(String),
  );
}

test("the protobuf files of control plane and application plane import nothing of each other", () => {
  assert.deepEqual(importsOf("proto/orrery/control/**/*.proto"), []);
  assert.deepEqual(importsOf("proto/orrery/wire/**/*.proto"), []);
});

test("the control plane's code imports no message of the application plane, and the other way round", () => {
  const folder = "packages/core/src";
  const files = globSync(`${folder}/**/*.ts`, {
    cwd: ROOT,
    exclude: (path) => /\.test\.ts$|testing|testdata|\/gen\//.test(path),
  });
  const both = files.filter((file) => {
    const text = readFileSync(join(ROOT, file), "utf8");
    return text.includes("gen/orrery/control/") && text.includes("gen/orrery/wire/");
  });
  assert.ok(files.includes(`${folder}/control-plane.ts`));
  assert.deepEqual(both, []);
  const control = readFileSync(join(ROOT, folder, "control-plane.ts"), "utf8");
  assert.doesNotMatch(control, /from "\.\/(envelope|wire|instance-queue|container|caller)/);
});
