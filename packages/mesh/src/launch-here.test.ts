import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { createTableDirectory } from "@orrery/core";
import { readCapture } from "@orrery/core/internal";
import { launchHere } from "./launch-here.ts";
import { createMeshClient } from "./mesh-node.ts";
import { Asker } from "./testing/apps/asker.ts";
import { Counter } from "./testing/apps/counter.ts";
import { APPS } from "./testing/apps.ts";

const scratch = mkdtempSync(join(tmpdir(), "orrery-here-"));
after(() => rmSync(scratch, { recursive: true }));

describe("launchHere", () => {
  it("runs components together, without a socket when there is nothing to listen at", async () => {
    const before = process.getActiveResourcesInfo().filter((name) => /TCP|UDP/.test(name)).length;
    const app = await launchHere({ paths: ["counter.ts", "asker.ts"], cwd: APPS, listen: undefined });
    assert.deepEqual(await app.node.client(Asker).ask({}), { total: 101, first: 100, pid: process.pid });
    assert.equal(process.getActiveResourcesInfo().filter((name) => /TCP|UDP/.test(name)).length, before);
    assert.deepEqual(app.directory.components(), []);
    await app.stop();
  });

  it("listens, tells where, and runs as many instances as were ordered", async () => {
    const app = await launchHere({
      paths: ["counter.ts"],
      cwd: APPS,
      listen: "tcp://127.0.0.1:0",
      instances: new Map([["counter", 3]]),
    });
    const [address = ""] = app.addresses();
    assert.match(address, /^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/);
    assert.deepEqual(app.directory.resolve("test.counter"), [address]);
    const [component] = app.components();
    assert.equal(component?.file, join(APPS, "counter.ts"));
    assert.deepEqual(
      component?.instances.map(({ slot, state, restarts }) => [slot, state, restarts]),
      [
        [0, "ready", 0],
        [1, "ready", 0],
        [2, "ready", 0],
      ],
    );
    assert.equal((await app.services()).length, 1);
    await app.stop();
  });

  it("stops at the end of an await using block", async () => {
    let address = "";
    {
      await using app = await launchHere({ paths: ["counter.ts"], cwd: APPS, listen: "tcp://127.0.0.1:0" });
      address = app.addresses()[0] ?? "";
    }
    await using app = await launchHere({ paths: ["counter.ts"], cwd: APPS, listen: address });
    assert.deepEqual(app.addresses(), [address]);
  });

  it("calls components elsewhere as the directory says", async () => {
    const remote = await launchHere({ paths: ["counter.ts"], cwd: APPS, listen: "tcp://127.0.0.1:0" });
    const directory = createTableDirectory({ "test.counter": remote.addresses() });
    const local = await launchHere({ paths: ["asker.ts"], cwd: APPS, listen: undefined, directory });
    assert.equal((await local.node.client(Asker).ask({})).total, 101);
    await local.stop();
    await remote.stop();
  });

  it("starts nothing when a handler is missing, and names it", async () => {
    await assert.rejects(launchHere({ paths: ["half.ts"], cwd: APPS, listen: "tcp://127.0.0.1:0" }), {
      code: "invalid_argument",
      message:
        'Cannot start component "test.counter": it has no handler for "add", its factory must return one for each method',
    });
  });

  it("refuses a port that is taken", async () => {
    const first = await launchHere({ paths: ["counter.ts"], cwd: APPS, listen: "tcp://127.0.0.1:0" });
    const [listen = ""] = first.addresses();
    await assert.rejects(launchHere({ paths: ["counter.ts"], cwd: APPS, listen }), { code: "unavailable" });
    await first.stop();
  });

  it("records the packets that come and go", async () => {
    const capture = join(scratch, "frames.capture");
    const app = await launchHere({ paths: ["counter.ts"], cwd: APPS, listen: "tcp://127.0.0.1:0", capture });
    const directory = createTableDirectory({ "test.counter": app.addresses() });
    const client = await createMeshClient({ directory });
    await client.client(Counter).add({ by: 1 });
    await client.stop();
    await app.stop();
    const packets = [...readCapture(readFileSync(capture))];
    assert.deepEqual(new Set(packets.map(({ direction }) => direction)), new Set(["in", "out"]));
    assert.ok(packets.some(({ packet }) => Buffer.from(packet).includes("test.counter")));
  });
});
