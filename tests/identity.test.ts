import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { createNode, type LogEntry, outcomeOf } from "@orrery/core";
import { type AppEvent, launchProcesses } from "@orrery/mesh";
import { type LookReply, RelayService } from "./gen/relay/v1/relay_pb.ts";
import { createRelay } from "./testing/relay.ts";

/** Who answered: all of it but what the messages have left there. */
function whoIs({ seen: _, notes: __, announced: ___, $typeName: ____, ...rest }: LookReply) {
  return rest;
}

test("an instance that restarts in its node has another id and incarnation, an empty env, and else the same", async () => {
  await using node = createNode({ name: "desk", components: [createRelay({ version: "1.2.3", instances: 3 })] });
  await node.start();
  const instances = () => node.components()[0]?.instances ?? [];
  const ids = () => instances().map(({ id }) => id);
  const [victim = "", ...others] = ids();
  assert.equal(new Set(ids()).size, 3);
  const relay = node.client(RelayService);
  await relay.look({}, { instance: victim });
  const before = await relay.look({}, { instance: victim });
  assert.equal(before.seen, 2);
  await node.send(RelayService).crash({}, { instance: victim }).accepted;
  while (ids().includes(victim) || instances().some(({ state }) => state !== "ready")) await setImmediate();
  const [fresh = "", ...still] = ids();
  assert.deepEqual(still, others);
  const after = await relay.look({}, { instance: fresh });
  assert.equal(after.seen, 1);
  assert.ok(after.incarnation > before.incarnation);
  assert.deepEqual(whoIs(after), { ...whoIs(before), instance: fresh, incarnation: after.incarnation });
  assert.equal((await outcomeOf(relay.look({}, { instance: victim }))).kind, "bounced");
});

test("a line that a handler logs says which instance of which node wrote it", async () => {
  const lines: LogEntry[] = [];
  const relay = createRelay({ instances: 2 }, (_payload, { log }) => log.info("echoed"));
  await using node = createNode({ name: "desk", components: [relay], log: (line) => lines.push(line) });
  await node.start();
  const ids = node.components()[0]?.instances.map(({ id }) => id) ?? [];
  for (const instance of ids) await node.client(RelayService).echo({}, { instance });
  const echoed = lines
    .filter(({ text }) => text === "echoed")
    .map(({ fields }) => [fields["node"], fields["instance"]]);
  assert.deepEqual(
    echoed,
    ids.map((id) => ["desk", id]),
  );
});

test("a process that restarts has instances of other ids, of the same component, version and node name, and as many", async () => {
  const events: AppEvent[] = [];
  let told = Promise.withResolvers<void>();
  const app = await launchProcesses({
    paths: ["relay.ts"],
    cwd: `${import.meta.dirname}/testing/apps`,
    listen: "tcp://127.0.0.1:0",
    instances: new Map([["relay.v1.RelayService", 3]]),
    onEvent(event) {
      events.push(event);
      told.resolve();
      told = Promise.withResolvers();
    },
  });
  try {
    const instances = () => app.components()[0]?.instances ?? [];
    const relay = app.node.client(RelayService);
    const whoAnswers = async (pid: number) => {
      for (;;) {
        const look = await relay.look({});
        if (look.pid === pid) return look;
      }
    };
    const [victim] = instances();
    assert.ok(victim !== undefined);
    assert.equal(new Set(instances().map(({ pid }) => pid)).size, 3);
    const before = await whoAnswers(victim.pid);
    process.kill(victim.pid, "SIGKILL");
    while (!events.some(({ kind }) => kind === "restarted")) await told.promise;
    assert.equal(instances().length, 3);
    const after = await whoAnswers(instances()[0]?.pid ?? 0);
    assert.notEqual(after.instance, before.instance);
    assert.equal(after.seen, 1);
    const { node, component, version } = after;
    assert.deepEqual([node, component, version], [before.node, before.component, before.version]);
  } finally {
    await app.stop();
  }
});
