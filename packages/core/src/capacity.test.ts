import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Capacity } from "./capacity.ts";
import { type Component, type ComponentOptions, defineComponent } from "./component.ts";
import type { Context } from "./context.ts";
import { defineService } from "./contract-schema.ts";
import { json } from "./json-body.ts";
import { INSTANCES_MAX, MEMORY_LOOK_MS, MESSAGE_BYTES_NOMINAL } from "./limits.ts";
import { createClient, createNode, type Node } from "./node.ts";
import type { OrreryError } from "./orrery-error.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { createGate } from "./testing/gate.ts";
import { anyService } from "./testing/services.ts";
import { createTestClock, settle, type TestClock } from "./testing/test-clock.ts";
import { startTestNode } from "./testing/test-node.ts";

const Desk = anyService("desk");

type Handle = (request: unknown, context: Context) => unknown;

function desk(call: Handle, options: ComponentOptions = {}): Component {
  return defineComponent(Desk, () => ({ call }), options);
}

const states = (node: Node) => node.components()[0]?.instances.map(({ state }) => state) ?? [];
const viewsOf = (node: Node) => node.components()[0]?.instances ?? [];

function errorOf(outcome: Outcome<unknown>): OrreryError {
  return outcome.kind === "reply" ? assert.fail(`replied ${JSON.stringify(outcome.value)}`) : outcome.error;
}

async function stopNow(node: Node, clock: TestClock): Promise<void> {
  const stopped = node.stop({ timeoutMs: 0 });
  await clock.advance(1);
  await stopped;
}

describe("Node.setCapacity", () => {
  test("runs more instances at once, ready when its promise ends, each with a slot of its own", async () => {
    const { node } = await startTestNode([desk((_, { instance }) => instance)]);
    await node.setCapacity("desk", { instances: 4 });
    assert.deepEqual(states(node), ["ready", "ready", "ready", "ready"]);
    assert.deepEqual(
      viewsOf(node).map(({ id }) => id.split("-")[0]),
      ["desk.0", "desk.1", "desk.2", "desk.3"],
    );
    assert.equal(node.components()[0]?.capacity.instances, 4);
    await node.stop();
  });

  test("takes work to what it adds that waits for nobody else", async () => {
    const gate = createGate();
    const { node } = await startTestNode([desk(() => gate.passed.then(() => 1))]);
    const held = node.client(Desk).call(1);
    await settle();
    await node.setCapacity("desk", { instances: 2 });
    const second = node.client(Desk).call(2);
    await settle();
    assert.deepEqual(
      viewsOf(node).map(({ busy, waiting }) => [busy, waiting]),
      [
        [1, 0],
        [1, 0],
      ],
    );
    gate.open();
    await Promise.all([held, second]);
    await node.stop();
  });

  test("lets what it takes away finish all that it accepted, and gives it nothing new", async () => {
    const gate = createGate();
    const { node } = await startTestNode([desk((_, { instance }) => gate.passed.then(() => instance))], {
      capacity: { desk: { instances: 3 } },
    });
    const client = node.client(Desk);
    const accepted = Array.from({ length: 9 }, (_, at) => client.call(at));
    await settle();
    let isDone = false;
    const shrunk = node.setCapacity("desk", { instances: 1 }).then(() => {
      isDone = true;
    });
    await settle();
    assert.deepEqual(states(node), ["ready", "draining", "draining"]);
    const later = Array.from({ length: 5 }, (_, at) => client.call(at));
    await settle();
    assert.deepEqual(
      viewsOf(node).map(({ busy, waiting }) => busy + waiting),
      [8, 3, 3],
    );
    assert.equal(isDone, false);
    gate.open();
    const names = (await Promise.all(accepted)).map((id) => String(id).split("-")[0]);
    assert.deepEqual(new Set(names), new Set(["desk.0", "desk.1", "desk.2"]));
    assert.deepEqual(new Set((await Promise.all(later)).map((id) => String(id).split("-")[0])), new Set(["desk.0"]));
    await shrunk;
    assert.deepEqual(states(node), ["ready"]);
    await node.stop();
  });

  test("runs drain and stop hooks of what it takes away, once and in order", async () => {
    const log: string[] = [];
    const component = defineComponent(Desk, (instance) => {
      const slot = instance.id.split("-")[0];
      instance.onDrain(() => void log.push(`drain ${slot}`));
      instance.onStop(() => void log.push(`stop ${slot}`));
      return { call: () => 1 };
    });
    const { node } = await startTestNode([component], { capacity: { desk: { instances: 2 } } });
    await node.setCapacity("desk", { instances: 1 });
    assert.deepEqual(log, ["drain desk.1", "stop desk.1"]);
    await node.stop();
    assert.deepEqual(log.slice(2), ["drain desk.0", "stop desk.0"]);
  });

  test("waits for one that is starting before it takes it away, and loses nothing that waited for it", async () => {
    const gate = createGate();
    const slow = defineComponent(Desk, (instance) => {
      if (!instance.id.startsWith("desk.0")) instance.onStart(() => gate.passed);
      return { call: () => instance.id.split("-")[0] };
    });
    const { node } = await startTestNode([slow]);
    const grown = node.setCapacity("desk", { instances: 2 });
    await settle();
    const [, starting] = viewsOf(node);
    assert.equal(starting?.state, "starting");
    const waits = node.client(Desk).call(1, { instance: starting?.id ?? "" });
    const shrunk = node.setCapacity("desk", { instances: 1 });
    gate.open();
    assert.equal(await waits, "desk.1");
    await Promise.all([grown, shrunk]);
    assert.deepEqual(states(node), ["ready"]);
    await node.stop();
  });

  test("with 0 drains the component: calls are bounced for certain, until it runs again", async () => {
    const gate = createGate();
    const { node } = await startTestNode([desk(() => gate.passed.then(() => "done"))]);
    const accepted = node.client(Desk).call(1);
    await settle();
    const id = viewsOf(node)[0]?.id ?? "";
    const drained = node.setCapacity("desk", { instances: 0 });
    const error = errorOf(await outcomeOf(node.client(Desk).call(2)));
    assert.deepEqual([error.reason, error.definite], ["no_such_component", true]);
    gate.open();
    assert.equal(await accepted, "done");
    await drained;
    assert.deepEqual(viewsOf(node), []);
    await node.setCapacity("desk", { instances: 1 });
    assert.equal(await node.client(Desk).call(3), "done");
    assert.notEqual(viewsOf(node)[0]?.id, id);
    await node.stop();
  });

  test("lets in what the work of an instance that goes leads back to", async () => {
    const gate = createGate();
    const component = desk(
      async (request, context) => {
        if (request === "inner") return context.instance;
        await gate.passed;
        return [context.instance, await context.client(Desk).call("inner", { instance: context.instance })];
      },
      { reentrant: "flow" },
    );
    const { node } = await startTestNode([component], { capacity: { desk: { instances: 2 } } });
    const id = viewsOf(node)[1]?.id ?? "";
    const outer = node.client(Desk).call("outer", { instance: id });
    await settle();
    const shrunk = node.setCapacity("desk", { instances: 1 });
    const late = errorOf(await outcomeOf(node.client(Desk).call("late", { instance: id })));
    assert.deepEqual(
      [late.reason, late.message],
      ["draining", `Cannot call instance "${id}" of "desk": it is being taken away`],
    );
    gate.open();
    assert.deepEqual(await outer, [id, id]);
    await shrunk;
    await node.stop();
  });

  test("asks the streams of what it takes away to end, and waits for them", async () => {
    const Feed = defineService("feed", { watch: { mode: "stream", request: json<number>(), reply: json<number>() } });
    const component = defineComponent(Feed, () => ({
      async *watch(first, { clock, signal }) {
        for (let at = first; ; at++) {
          yield at;
          await clock.sleep(1000, signal);
        }
      },
    }));
    const { node, clock } = await startTestNode([component]);
    const stream = node.client(Feed).watch(7);
    await stream.next();
    const next = outcomeOf(stream.next());
    await clock.advance(250);
    const { heldBy } = viewsOf(node)[0] ?? assert.fail("none");
    assert.deepEqual([heldBy?.method, heldBy?.mode], ["watch", "stream"]);
    await clock.advance(500);
    assert.equal((viewsOf(node)[0]?.heldBy?.heldMs ?? 0) - (heldBy?.heldMs ?? 0), 500);
    await node.setCapacity("feed", { instances: 0 });
    assert.match(errorOf(await next).message, /instance "feed\.0-\w+" is being taken away$/);
    assert.deepEqual(viewsOf(node), []);
    await node.stop();
  });

  test("takes away what failed first, and what crashes while it goes is not replaced", async () => {
    const gate = createGate();
    const component = defineComponent(Desk, (instance) => ({
      call: async (request) => {
        await gate.passed;
        if (request === "crash") instance.crash(new Error("broken"));
        return instance.id;
      },
    }));
    const { node } = await startTestNode([component], { capacity: { desk: { instances: 2 } } });
    const id = viewsOf(node)[1]?.id ?? "";
    const call = outcomeOf(node.client(Desk).call("crash", { instance: id }));
    await settle();
    const shrunk = node.setCapacity("desk", { instances: 1 });
    gate.open();
    assert.equal(errorOf(await call).reason, "instance_crashed");
    await shrunk;
    await settle();
    assert.deepEqual(states(node), ["ready"]);
    await node.stop();
  });

  test("says why one did not start, keeps those that did, and counts only them", async () => {
    const component = defineComponent(Desk, (instance) => {
      if (instance.id.startsWith("desk.2")) throw new Error("no licence");
      return { call: () => 1 };
    });
    const { node } = await startTestNode([component]);
    await assert.rejects(node.setCapacity("desk", { instances: 4 }), /no licence/);
    assert.deepEqual(states(node), ["ready", "ready", "ready"]);
    assert.equal(node.components()[0]?.capacity.instances, 3);
    await node.stop();
  });

  test("bounces only what comes later when the inbox becomes smaller", async () => {
    const gate = createGate();
    const { node } = await startTestNode([desk(() => gate.passed.then(() => 1))]);
    const client = node.client(Desk);
    const accepted = Array.from({ length: 6 }, (_, at) => client.call(at));
    await settle();
    await node.setCapacity("desk", { inboxMessages: 2 });
    const error = errorOf(await outcomeOf(client.call(7)));
    assert.deepEqual([error.reason, error.details], ["overloaded", { check: "capacity" }]);
    await node.setCapacity("desk", { inboxMessages: 6 });
    const seventh = client.call(8);
    gate.open();
    assert.deepEqual(await Promise.all([...accepted, seventh]), [1, 1, 1, 1, 1, 1, 1]);
    await node.stop();
  });

  test("at the same time as another ends where the last one said", async () => {
    const { node } = await startTestNode([desk(async (request) => request)]);
    const changes = [5, 2, 7, 0, 3].map((instances) => node.setCapacity("desk", { instances }));
    await Promise.all(changes);
    assert.deepEqual(states(node), ["ready", "ready", "ready"]);
    await node.stop();
  });

  test("halved and doubled again and again under load ends every call in a reply", async () => {
    const clock = createTestClock();
    const { node } = await startTestNode([desk((request, context) => context.clock.sleep(3).then(() => request))], {
      clock,
      capacity: { desk: { instances: 8 } },
    });
    const client = node.client(Desk);
    const calls: Promise<unknown>[] = [];
    const changes: Promise<void>[] = [];
    for (let at = 0; at < 400; at++) {
      calls.push(client.call(at));
      if (at % 20 === 0) changes.push(node.setCapacity("desk", { instances: at % 40 === 0 ? 4 : 8 }));
      await clock.advance(1);
    }
    await clock.advance(500);
    assert.deepEqual(
      await Promise.all(calls),
      Array.from({ length: 400 }, (_, at) => at),
    );
    await Promise.all(changes);
    assert.equal(states(node).length, 8);
    await node.stop();
  });

  const refused: readonly { readonly change: object; readonly text: string }[] = [
    { change: { instances: -1 }, text: `instances is -1, write a whole number from 0 to ${INSTANCES_MAX}` },
    {
      change: { instances: INSTANCES_MAX + 1 },
      text: `instances is 1025, write a whole number from 0 to ${INSTANCES_MAX}`,
    },
    { change: { inboxMessages: 0 }, text: "inboxMessages is 0, write a whole number from 1 to" },
    { change: { inboxBytes: 1.5 }, text: "inboxBytes is 1.5, write a whole number from 1 to" },
    { change: { copies: 2 }, text: 'there is no "copies", write instances, inboxMessages, inboxBytes' },
  ];
  for (const { change, text } of refused) {
    test(`refuses ${JSON.stringify(change)}, and changes nothing`, async () => {
      const { node } = await startTestNode([desk(() => 1)]);
      const before = node.components()[0]?.capacity;
      await assert.rejects(node.setCapacity("desk", change as Partial<Capacity>), (error: OrreryError) => {
        assert.equal(error.code, "invalid_argument");
        assert.ok(error.message.startsWith(`Cannot set the capacity of "desk": ${text}`), error.message);
        return true;
      });
      assert.deepEqual(node.components()[0]?.capacity, before);
      await node.stop();
    });
  }

  test("refuses what does not run here, a client, and a node that does not run", async () => {
    const node = createNode({ name: "here", components: [desk(() => 1)] });
    await assert.rejects(node.setCapacity("z", {}), { code: "not_found", message: /"here" has "desk"$/ });
    await assert.rejects(node.setCapacity("desk", {}), { code: "failed_precondition", message: /was not started/ });
    await node.start();
    await node.stop();
    await assert.rejects(node.setCapacity("desk", {}), { code: "failed_precondition" });
    const client = createClient() as Node;
    await assert.rejects(client.setCapacity("desk", {}), { code: "not_found", message: /is a client/ });
    await client.stop();
  });
});

describe("createNode", () => {
  test("runs what its capacity says, in place of what the component asks for, and refuses what it does not run", async () => {
    const capacity = { desk: { instances: 2, inboxMessages: 1 } };
    const { node, clock } = await startTestNode([desk(() => new Promise(() => undefined), { instances: 5 })], {
      capacity,
    });
    assert.deepEqual(node.components()[0]?.capacity, { instances: 2, inboxMessages: 1, inboxBytes: 67_108_864 });
    const outcomes = Array.from({ length: 6 }, (_, at) => outcomeOf(node.client(Desk).call(at)));
    await settle();
    assert.deepEqual(
      viewsOf(node).map(({ state, busy, waiting }) => [state, busy, waiting]),
      [
        ["saturated", 1, 1],
        ["saturated", 1, 1],
      ],
    );
    for (const bounced of outcomes.slice(4)) assert.equal(errorOf(await bounced).reason, "overloaded");
    await stopNow(node, clock);
    const text = 'Cannot make node "here": its capacity names component "tills", which it does not run';
    assert.throws(() => createNode({ name: "here", components: [], capacity: { tills: {} } }), { message: text });
  });

  test("lets no more messages or bytes wait than its totals say, over all components", async () => {
    const gate = createGate();
    const wait = () => gate.passed.then(() => 1);
    const two = [desk(wait), defineComponent(anyService("till"), () => ({ call: wait }))];
    const { node } = await startTestNode(two, { totals: { waitingMessages: 3 } });
    const all = ["desk", "till"].flatMap((name) =>
      Array.from({ length: 3 }, (_, at) => outcomeOf(node.client(anyService(name)).call(at))),
    );
    await settle();
    const error = errorOf(await outcomeOf(node.client(Desk).call(9)));
    assert.equal(error.message, 'Cannot accept "desk.call": 3 messages wait in node "here", its limit is 3');
    gate.open();
    assert.deepEqual((await Promise.all(all)).map(({ kind }) => kind).join(), "reply,reply,reply,reply,reply,bounced");
    assert.equal(await node.client(Desk).call(1), 1); // What does not wait is let in at any time.
    await node.stop();
    const small = await startTestNode([desk(() => new Promise(() => undefined))], {
      totals: { waitingBytes: 2 * MESSAGE_BYTES_NOMINAL },
    });
    const calls = Array.from({ length: 4 }, (_, at) => outcomeOf(small.node.client(Desk).call(at)));
    assert.match(
      errorOf(await (calls[3] ?? assert.fail())).message,
      /512 bytes wait in node "here", its limit is 512$/,
    );
    await stopNow(small.node, small.clock);
  });

  test("lets nothing more wait while its memory is over the limit, and looks at it now and then", async () => {
    let used = 10;
    let looks = 0;
    const memory = {
      bytesMax: 100,
      used: () => {
        looks++;
        return used;
      },
    };
    const gate = createGate();
    const { node, clock } = await startTestNode([desk(() => gate.passed.then(() => 1))], { totals: { memory } });
    const client = node.client(Desk);
    const accepted = [client.call(1), client.call(2), client.call(3)];
    await settle();
    assert.equal(looks, 1);
    used = 101;
    await clock.advance(MEMORY_LOOK_MS);
    const error = errorOf(await outcomeOf(client.call(4)));
    assert.equal(error.message, 'Cannot accept "desk.call": node "here" uses 101 bytes of memory, its limit is 100');
    assert.deepEqual([error.reason, error.definite, error.details], ["overloaded", true, { check: "capacity" }]);
    used = 100;
    await clock.advance(MEMORY_LOOK_MS);
    accepted.push(client.call(5));
    gate.open();
    assert.deepEqual(await Promise.all(accepted), [1, 1, 1, 1]);
    await node.stop();
  });

  test("says under ten times its load who is too much, and holds no more than it may", async () => {
    const inboxMessages = 200;
    const { node, clock } = await startTestNode([desk((_, context) => context.clock.sleep(10).then(() => 1))], {
      capacity: { desk: { inboxMessages } },
    });
    const client = node.client(Desk);
    const counts = { reply: 0, overloaded: 0 };
    const all: Promise<void>[] = [];
    for (let at = 0; at < 10 * inboxMessages; at++) {
      const call = outcomeOf(client.call(at, { timeoutMs: 86_400_000 }));
      all.push(
        call.then((outcome) => {
          if (outcome.kind === "reply") counts.reply++;
          else if (outcome.error.reason === "overloaded") counts.overloaded++;
        }),
      );
    }
    await settle();
    assert.deepEqual(
      viewsOf(node).map(({ waiting, state }) => [waiting, state]),
      [[inboxMessages, "saturated"]],
    );
    await clock.advance(10 * (inboxMessages + 2));
    await Promise.all(all);
    assert.deepEqual(counts, { reply: inboxMessages + 1, overloaded: 9 * inboxMessages - 1 });
    await node.stop();
  });

  test("keeps its memory flat under ten times its load", { skip: process.env["ORRERY_LONG"] !== "1" }, async () => {
    const inboxMessages = 500;
    const node = createNode({
      components: [desk((_, { clock }) => clock.sleep(1).then(() => 1))],
      capacity: { desk: { inboxMessages } },
    });
    await node.start();
    const client = node.client(Desk);
    const usedBytes: number[] = [];
    let overloaded = 0;
    for (let round = 0; round < 30; round++) {
      const calls = Array.from({ length: 10 * inboxMessages }, () =>
        client.call("x".repeat(100)).then(undefined, (error: OrreryError) => {
          if (error.reason === "overloaded") overloaded++;
        }),
      );
      usedBytes.push(process.memoryUsage().heapUsed);
      await Promise.all(calls.slice(0, inboxMessages / 10));
      await settle();
    }
    const most = (from: number, to: number) => Math.max(...usedBytes.slice(from, to));
    assert.ok(overloaded > 20 * 9 * inboxMessages, `${overloaded} bounced`);
    assert.ok(most(20, 30) < 1.5 * most(5, 15), usedBytes.map((bytes) => Math.round(bytes / 1e6)).join(" "));
    await node.stop({ timeoutMs: 0 });
  });

  for (const totals of [
    { waitingMessages: 0 },
    { waitingBytes: Number.NaN },
    { memory: { bytesMax: 0, used: () => 0 } },
  ]) {
    test(`refuses the totals ${JSON.stringify(totals)}`, () => {
      assert.throws(() => createNode({ name: "here", components: [], totals }), {
        code: "invalid_argument",
        message: /^Cannot make node "here": \w+ is \S+, write a number from 1$/,
      });
    });
  }
});

describe("Node.components", () => {
  test("shows how long the first that waits has waited, leaving out what nobody waits for any more", async () => {
    const { node, clock } = await startTestNode([desk(() => new Promise(() => undefined))]);
    const client = node.client(Desk);
    const calls = [outcomeOf(client.call(1)), outcomeOf(client.call(2, { timeoutMs: 100 }))];
    await clock.advance(30);
    calls.push(outcomeOf(client.call(3)));
    await clock.advance(40);
    assert.deepEqual(
      viewsOf(node).map(({ waiting, waitedMs }) => [waiting, waitedMs]),
      [[2, 70]],
    );
    await clock.advance(50);
    assert.equal(viewsOf(node)[0]?.waitedMs, 90);
    assert.equal(viewsOf(node)[0]?.heldBy?.mode, "sync");
    await stopNow(node, clock);
  });
});
