import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent } from "./component.ts";
import type { InstanceHandle } from "./instance-handle.ts";
import { RESTART_WINDOW_MS, RESTARTS_MAX } from "./limits.ts";
import type { Node } from "./node.ts";
import { outcomeOf } from "./outcome.ts";
import { Any } from "./testing/services.ts";
import { createTestClock, settle } from "./testing/test-clock.ts";
import { startTestNode } from "./testing/test-node.ts";

const LONG = process.env["ORRERY_LONG"] === "1";

/** A component whose instances crash when they are told to. */
function brittle(instances: number, made: InstanceHandle[] = []) {
  return defineComponent(
    Any,
    (instance) => {
      made.push(instance);
      return {
        call: (request) => {
          if (request === "crash") instance.crash(new Error("broken"));
          return { id: instance.id, incarnation: instance.incarnation };
        },
      };
    },
    { instances, version: "1.2.3" },
  );
}

const views = (node: Node) => node.components()[0]?.instances ?? [];

async function crash(node: Node): Promise<void> {
  await outcomeOf(node.client(Any).call("crash"));
  await settle();
}

test("createReplicas runs as many instances as it is asked for, after the start and after a crash", async () => {
  const { node } = await startTestNode([brittle(3)]);
  const before = views(node);
  assert.deepEqual(
    before.map(({ state }) => state),
    ["ready", "ready", "ready"],
  );
  await crash(node);
  const after = views(node);
  assert.deepEqual(
    after.map(({ state }) => state),
    ["ready", "ready", "ready"],
  );
  assert.deepEqual(after.slice(1), before.slice(1));
  await node.stop();
});

test("createReplicas changes instance id and incarnation with a restart, and nothing else", async () => {
  const made: InstanceHandle[] = [];
  const { node } = await startTestNode([brittle(1, made)]);
  await crash(node);
  const [first, second] = made;
  const rest = (handle: InstanceHandle | undefined) => [handle?.component, handle?.version, handle?.node];
  assert.deepEqual(rest(first), rest(second));
  assert.notEqual(first?.id, second?.id);
  assert.equal(first?.id.split("-")[0], second?.id.split("-")[0]); // The slot stays.
  assert.ok((second?.incarnation ?? 0) > (first?.incarnation ?? 0));
  assert.deepEqual(
    views(node).map(({ id }) => id),
    [second?.id],
  );
  await node.stop();
});

test("createReplicas gives a slot up that crashes too often, with the reason", async () => {
  const { node, lines, clock } = await startTestNode([brittle(1)]);
  for (let crashes = 1; crashes <= RESTARTS_MAX; crashes++) {
    assert.equal(views(node)[0]?.state, "ready");
    await crash(node);
    await clock.advance(100);
  }
  const [view] = views(node);
  const reason = "it crashed 5 times in 10 s, the last time because it crashed, broken";
  assert.deepEqual([view?.state, view?.reason], ["failed", reason]);
  const outcome = await outcomeOf(node.client(Any).call(1));
  const error = outcome.kind === "reply" ? assert.fail("replied") : outcome.error;
  assert.equal(error.message, `Cannot call "any.call": no instance is ready ("${view?.id}" is failed, ${reason})`);
  assert.deepEqual([error.reason, error.definite], ["not_ready", true]);
  const given = lines.filter(({ text }) => text === "instance given up");
  assert.deepEqual(
    given.map(({ fields }) => fields),
    [{ node: "here", instance: view?.id, crashes: 5, withinMs: RESTART_WINDOW_MS }],
  );
  await node.stop();
});

test("createReplicas goes on for ever with a slot that crashes rarely enough", async () => {
  const { node, clock } = await startTestNode([brittle(1)]);
  for (let crashes = 0; crashes < 3 * RESTARTS_MAX; crashes++) {
    await crash(node);
    await clock.advance(RESTART_WINDOW_MS / (RESTARTS_MAX - 1));
  }
  assert.equal(views(node)[0]?.state, "ready");
  await node.stop();
});

test("createReplicas counts the crashes of each slot apart", async () => {
  const { node } = await startTestNode([brittle(3)]);
  for (const { slot } of [{ slot: 0 }, { slot: 1 }, { slot: 2 }]) {
    for (let crashes = 1; crashes < RESTARTS_MAX; crashes++) {
      const instance = views(node)[slot]?.id ?? assert.fail("no instance");
      await outcomeOf(node.client(Any).call("crash", { instance }));
      await settle();
    }
  }
  assert.deepEqual(
    views(node).map(({ state }) => state),
    ["ready", "ready", "ready"],
  );
  await node.stop();
});

test("createReplicas counts a restart that fails as a crash", async () => {
  let starts = 0;
  const component = defineComponent(Any, (instance) => {
    instance.onStart(() => {
      if (++starts > 1) throw new Error("no way back");
    });
    return { call: () => instance.crash("broken") as unknown };
  });
  const { node } = await startTestNode([component]);
  await crash(node);
  await settle();
  assert.equal(starts, RESTARTS_MAX);
  const [view] = views(node);
  assert.equal(view?.reason, "it crashed 5 times in 10 s, the last time because it could not start, no way back");
  await node.stop();
});

test("createReplicas goes on when a crash hook throws or hangs", async () => {
  const clock = createTestClock();
  const component = defineComponent(Any, (instance) => {
    instance.onCrash(({ crashes }) => {
      if (crashes === 1) throw new Error("oh");
      return new Promise(() => undefined);
    });
    return { call: () => instance.crash("broken") as unknown };
  });
  const { node } = await startTestNode([component], { clock });
  await crash(node);
  assert.equal(views(node)[0]?.state, "ready");
  await crash(node);
  assert.equal(views(node)[0]?.state, "failed"); // While its hook hangs.
  await clock.advance(10_000);
  assert.equal(views(node)[0]?.state, "ready");
  await node.stop();
});

test("createReplicas ends what an instance was doing when it crashed, and gives the next message to the next", async () => {
  const made: InstanceHandle[] = [];
  const component = defineComponent(Any, (instance) => {
    made.push(instance);
    return { call: (request) => (request === "hang" ? new Promise(() => undefined) : request) };
  });
  const { node } = await startTestNode([component]);
  const calls = ["hang", 2].map((request) => outcomeOf(node.client(Any).call(request)));
  made[0]?.crash("broken");
  const ends = await Promise.all(calls);
  const text = `Cannot finish at "${made[0]?.id}": it crashed`;
  assert.deepEqual(
    ends.map((end) => (end.kind === "reply" ? "reply" : [end.error.reason, end.error.definite, end.error.message])),
    [
      ["instance_crashed", false, text],
      ["not_ready", true, text],
    ],
  );
  await settle();
  assert.equal(await node.client(Any).call(3), 3);
  await node.stop();
});

test("createReplicas never gives two instances one id", async () => {
  const count = LONG ? 1_000_000 : 100_000;
  const ids = new Set<string>();
  const component = defineComponent(
    Any,
    (instance) => {
      ids.add(instance.id);
      return { call: (request) => request };
    },
    { instances: 1000 },
  );
  for (let round = 0; round < count / 1000; round++) {
    const { node } = await startTestNode([component], { seed: round + 1 });
    await node.stop();
  }
  assert.equal(ids.size, count);
});
