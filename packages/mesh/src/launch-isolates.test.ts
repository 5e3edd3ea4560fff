import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type AppEvent, launchProcesses } from "./index.ts";
import { ISOLATES } from "./isolate.ts";
import { Asker } from "./testing/apps/asker.ts";
import { Counter } from "./testing/apps/counter.ts";
import { APPS } from "./testing/apps.ts";
import { waitUntil } from "./testing/wait-until.ts";

const LISTEN = "tcp://127.0.0.1:0";

for (const isolate of ISOLATES) {
  describe(`launchProcesses, isolate: ${isolate}`, () => {
    it("loses one instance to a crash, keeps answering, and has it back at its address", async () => {
      const events: AppEvent[] = [];
      const onEvent = (event: AppEvent) => void events.push(event);
      const instances = new Map([["counter", 2]]);
      const paths = ["asker.ts", "counter.ts"];
      await using app = await launchProcesses({ paths, cwd: APPS, listen: LISTEN, instances, isolate, onEvent });
      const happened = (kind: AppEvent["kind"]) => events.filter((event) => event.kind === kind).length;
      const ids = app.components().flatMap((one) => one.instances.map(({ pid }) => pid));
      assert.equal(new Set([...ids, process.pid]).size, 4);
      assert.ok((await app.node.client(Asker).ask({})).total > 0);
      const addresses = app.addresses();
      const client = app.node.client(Counter);
      await app.node
        .send(Counter)
        .crash({})
        .accepted.catch(() => undefined); // It may be gone before it has said so.
      await waitUntil(() => happened("crashed") === 1);
      assert.equal(events[0]?.text, "it exited with code 7");
      await client.add({ by: 1 });
      await waitUntil(() => happened("restarted") === 1);
      assert.deepEqual(app.addresses(), addresses);
      for (let i = 0; i < 8; i++) await client.add({ by: 1 });
      assert.equal(events.length, 2);
    });

    it("finishes what was accepted", async () => {
      const app = await launchProcesses({ paths: ["counter.ts"], cwd: APPS, listen: LISTEN, isolate });
      const client = app.node.client(Counter);
      await client.add({ by: 1 });
      const calls = Array.from({ length: 20 }, () => client.add({ by: 1 }));
      assert.equal((await Promise.all(calls)).at(-1)?.total, 21);
      await app.stop();
      assert.deepEqual(
        app.components().flatMap((one) => one.instances.map(({ state }) => state)),
        ["stopped"],
      );
    });

    it("says what is missing, and starts nothing", async () => {
      await assert.rejects(launchProcesses({ paths: ["half.ts"], cwd: APPS, listen: LISTEN, isolate }), {
        code: "invalid_argument",
        message: /^Cannot start component "test.counter": it has no handler for "add"/,
      });
    });
  });
}

it("launchProcesses names the two ways to isolate instances where it is given another", async () => {
  const isolate = "fiber" as "thread";
  await assert.rejects(launchProcesses({ paths: ["counter.ts"], cwd: APPS, listen: LISTEN, isolate }), {
    code: "invalid_argument",
    message: 'Cannot isolate instances by "fiber": there is no such way, write process or thread',
  });
});
