import assert from "node:assert/strict";
import { test } from "node:test";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { defineComponent } from "./component.ts";
import type { Context } from "./context.ts";
import { defineService } from "./contract-schema.ts";
import { createTableDirectory } from "./directory.ts";
import { EnvelopeSchema, HeadSchema } from "./gen/orrery/wire/v1/envelope_pb.ts";
import { bytes, json } from "./json-body.ts";
import { INBOX_MESSAGES_MAX, MESSAGE_BYTES_NOMINAL, STREAMS_OPEN_MAX } from "./limits.ts";
import { createMemoryHub } from "./memory-transport.ts";
import { createClient } from "./node.ts";
import type { OrreryError } from "./orrery-error.ts";
import { outcomeOf } from "./outcome.ts";
import { createGate } from "./testing/gate.ts";
import { createTestClock, settle } from "./testing/test-clock.ts";
import { startTestNode } from "./testing/test-node.ts";

const LONG = process.env["ORRERY_LONG"] === "1";

const Desk = defineService("desk", {
  ask: { request: json<number>(), reply: json<number>() },
  tell: { mode: "async", request: json<number>() },
  list: { mode: "stream", request: json<number>(), reply: json<number>() },
  shout: { mode: "broadcast", request: json<number>() },
  checked: { request: checkedBy(async () => undefined), reply: json<number>() },
  store: { request: bytes, reply: json<number>() },
});

type Take = (request: number, context: Context) => number | Promise<number>;

/** A desk whose every method but the stream does the same, so that a test can watch what reaches it. */
function desk(take: Take, options: Parameters<typeof defineComponent>[2] = {}) {
  return defineComponent(
    Desk,
    () => ({
      ask: take,
      tell: async (request, context) => void (await take(request, context)),
      async *list(request, context) {
        yield await take(request, context);
      },
      shout: async (request, context) => void (await take(request, context)),
      checked: take,
      store: (body, context) => take(body.length, context),
    }),
    options,
  );
}

/** A schema that takes every number, in its own time. */
function checkedBy(check: () => Promise<void>): StandardSchemaV1<number, number> {
  const validate = (value: unknown) => check().then(() => ({ value: value as number }));
  return { "~standard": { version: 1, vendor: "test", validate } };
}

async function reasonOf(call: Promise<unknown>): Promise<string | undefined> {
  const outcome = await outcomeOf(call);
  return outcome.kind === "reply" ? "reply" : outcome.error.reason;
}

test("createInstanceQueue handles one message at a time, awaits included, first come first served", async () => {
  const count = LONG ? 1_000_000 : 100_000;
  let running = 0;
  let mostRunning = 0;
  let expected = 0;
  const component = desk(async (request) => {
    mostRunning = Math.max(mostRunning, ++running);
    assert.equal(request, expected++);
    if (request % 3 !== 0) await undefined;
    if (request % 1000 === 0) await settle();
    running--;
    return request;
  });
  const { node } = await startTestNode([component]);
  const client = node.client(Desk);
  for (let from = 0; from < count; from += INBOX_MESSAGES_MAX) {
    const wave = Math.min(INBOX_MESSAGES_MAX, count - from);
    const replies = await Promise.all(Array.from({ length: wave }, (_, at) => client.ask(from + at)));
    assert.equal(replies.at(-1), from + wave - 1);
  }
  assert.equal(expected, count);
  assert.equal(mostRunning, 1);
  await node.stop();
});

test("createInstanceQueue keeps one order for messages of every mode, and one handler serves them", async () => {
  const seen: number[] = [];
  let running = 0;
  const { node } = await startTestNode([
    desk(async (request) => {
      assert.equal(++running, 1);
      await settle();
      seen.push(request);
      running--;
      return request;
    }),
  ]);
  const calls = [node.client(Desk).ask(0), node.send(Desk).tell(1).accepted, node.client(Desk).list(2).next()];
  node.publish(Desk).shout(3);
  calls.push(node.client(Desk).ask(4), node.send(Desk).tell(5).accepted, node.client(Desk).ask(6));
  await Promise.all(calls);
  assert.deepEqual(seen, [0, 1, 2, 3, 4, 5, 6]);
  await node.stop();
});

test("createInstanceQueue knows no priority: neither envelope nor head has a field for one", () => {
  const fields = [...EnvelopeSchema.fields, ...HeadSchema.fields].map(({ name }) => name);
  assert.ok(fields.includes("horizon"));
  assert.deepEqual(
    fields.filter((name) => /prio|urgen|weight|importan/.test(name)),
    [],
  );
});

test("createInstanceQueue tells a one-way message's sender of its acceptance before it is handled", async () => {
  const gate = createGate();
  const seen: number[] = [];
  const { node } = await startTestNode([
    desk(async (request) => {
      await gate.passed;
      seen.push(request);
      return request;
    }),
  ]);
  const ticket = node.send(Desk).tell(1);
  await ticket.accepted;
  assert.deepEqual(ticket.check(), { kind: "reply", definite: true, value: undefined });
  assert.deepEqual(seen, []);
  gate.open();
  await settle();
  assert.deepEqual(seen, [1]);
  await node.stop();
});

test("createInstanceQueue handles an accepted one-way message however late, with no deadline", async () => {
  const gate = createGate();
  const deadlines: number[] = [];
  const { node, clock } = await startTestNode([
    desk(async (request, context) => {
      deadlines.push(context.deadline);
      await gate.passed;
      return request;
    }),
  ]);
  const first = node.client(Desk).ask(1, { timeoutMs: 60_000 });
  await node.send(Desk).tell(2, { timeoutMs: 10 }).accepted;
  await clock.advance(1000);
  gate.open();
  await first;
  await settle();
  assert.deepEqual(deadlines, [61_000, 0]);
  await node.stop();
});

test("createInstanceQueue bounces the message that is one past the bound by count", async () => {
  const gate = createGate();
  const { node } = await startTestNode([desk(() => gate.passed.then(() => 1), { inboxMessagesMax: 2 })]);
  const calls = [0, 1, 2].map((request) => reasonOf(node.client(Desk).ask(request)));
  const [view] = node.components()[0]?.instances ?? [];
  assert.deepEqual([view?.state, view?.waiting], ["saturated", 2]);
  const past = await outcomeOf(node.client(Desk).ask(3));
  const error = past.kind === "reply" ? assert.fail("accepted") : past.error;
  assert.equal(
    error.message,
    `Cannot accept "desk.ask": the inbox of "${view?.id}" is full with 2 messages of ${2 * MESSAGE_BYTES_NOMINAL} bytes`,
  );
  assert.deepEqual([error.reason, error.code, error.definite], ["overloaded", "resource_exhausted", true]);
  gate.open();
  assert.deepEqual(await Promise.all(calls), ["reply", "reply", "reply"]);
  assert.equal(await reasonOf(node.client(Desk).ask(4)), "reply");
  await node.stop();
});

test("createInstanceQueue bounces the message that is one byte past the bound by bytes", async () => {
  const gate = createGate();
  const component = desk(() => gate.passed.then(() => 1), { inboxBytesMax: 2 * MESSAGE_BYTES_NOMINAL + 1000 });
  const { node } = await startTestNode([component], { local: "encode" });
  const running = reasonOf(node.client(Desk).store(new Uint8Array(1200)));
  const waiting = reasonOf(node.client(Desk).store(new Uint8Array(400)));
  assert.equal(await reasonOf(node.client(Desk).store(new Uint8Array(601))), "overloaded");
  const fits = reasonOf(node.client(Desk).store(new Uint8Array(600)));
  gate.open();
  assert.deepEqual(await Promise.all([running, waiting, fits]), ["reply", "reply", "reply"]);
  await node.stop();
});

test("createInstanceQueue makes room in a full inbox by what nobody waits for any more, behind a handler that is stuck", async () => {
  const stuck = createGate();
  const { node, clock } = await startTestNode([desk(() => stuck.passed.then(() => 1), { inboxMessagesMax: 3 })]);
  const client = node.client(Desk);
  const first = reasonOf(client.ask(0, { timeoutMs: 60_000 }));
  const expired = reasonOf(client.ask(1, { timeoutMs: 100 }));
  const give = new AbortController();
  const cancelled = reasonOf(client.ask(2, { signal: give.signal }));
  const kept = reasonOf(client.ask(3, { timeoutMs: 60_000 }));
  assert.equal(await reasonOf(client.ask(4)), "overloaded");
  give.abort();
  const second = reasonOf(client.ask(5, { timeoutMs: 60_000 }));
  assert.equal(await reasonOf(client.ask(6)), "overloaded");
  await clock.advance(200);
  const third = reasonOf(client.ask(7, { timeoutMs: 60_000 }));
  assert.equal(await reasonOf(client.ask(8)), "overloaded");
  stuck.open();
  const reasons = await Promise.all([first, expired, cancelled, kept, second, third]);
  assert.deepEqual(reasons, ["reply", "timeout", "cancelled", "reply", "reply", "reply"]);
  await node.stop();
});

test("createInstanceQueue never starts a message whose time is over", async () => {
  const budgets: number[] = [];
  const clock = createTestClock();
  const { node } = await startTestNode(
    [
      desk(async (request, context) => {
        budgets.push(context.deadline - clock.monotonic());
        await clock.sleep(7);
        return request;
      }),
    ],
    { clock, deadlineStepMs: 1 },
  );
  const calls = Array.from({ length: 200 }, (_, at) => reasonOf(node.client(Desk).ask(at, { timeoutMs: 1 + at })));
  const checked = Array.from({ length: 50 }, (_, at) => reasonOf(node.client(Desk).checked(at, { timeoutMs: 1 + at })));
  await clock.advance(5000);
  const reasons = await Promise.all([...calls, ...checked]);
  assert.ok(budgets.length > 20 && budgets.length < 100, `${budgets.length} were started`);
  assert.deepEqual(
    budgets.filter((budgetMs) => budgetMs <= 0),
    [],
  );
  assert.ok(reasons.every((reason) => reason === "reply" || reason === "timeout" || reason === "expired"));
  await node.stop();
});

test("createInstanceQueue does not start a message whose time ran out, or whose caller left, while its request was checked", async () => {
  const gates = [createGate(), createGate()];
  let at = 0;
  const Slow = defineService("slow", {
    ask: {
      request: checkedBy(async () => void (await gates[at++]?.passed)),
      reply: json<number>(),
    },
  });
  let started = 0;
  const { node, clock } = await startTestNode([defineComponent(Slow, () => ({ ask: () => ++started }))]);
  const late = reasonOf(node.client(Slow).ask(1, { timeoutMs: 100 }));
  clock.skip(100); // The call's own timer has not fired yet: the queue must look itself.
  gates[0]?.open();
  assert.equal(await late, "expired");
  const give = new AbortController();
  const left = reasonOf(node.client(Slow).ask(1, { signal: give.signal }));
  give.abort();
  gates[1]?.open();
  assert.equal(await left, "cancelled");
  assert.equal(await reasonOf(node.client(Slow).ask(1)), "reply");
  assert.equal(started, 1);
  await node.stop();
});

test("createInstanceQueue aborts the signal of the message that is cancelled, and goes on when its handler has ended", async () => {
  const told: unknown[] = [];
  const ended: number[] = [];
  const { node } = await startTestNode([
    desk(async (request, { signal }) => {
      if (request === 1)
        await new Promise<void>((resolve) =>
          signal.addEventListener("abort", () => {
            told.push((signal.reason as OrreryError).reason);
            resolve();
          }),
        );
      ended.push(request);
      return request;
    }),
  ]);
  const give = new AbortController();
  const running = reasonOf(node.client(Desk).ask(1, { signal: give.signal }));
  const waiting = reasonOf(node.client(Desk).ask(2, { signal: give.signal }));
  const other = reasonOf(node.client(Desk).ask(3));
  give.abort();
  assert.deepEqual(await Promise.all([running, waiting, other]), ["cancelled", "cancelled", "reply"]);
  assert.deepEqual(told, ["cancelled"]);
  assert.deepEqual(ended, [1, 3]);
  await node.stop();
});

test("createInstanceQueue aborts the signal of the message whose time is over", async () => {
  const told: unknown[] = [];
  const { node, clock } = await startTestNode([
    desk(async (request, { signal }) => {
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      told.push((signal.reason as OrreryError).reason);
      return request;
    }),
  ]);
  const late = reasonOf(node.client(Desk).ask(1, { timeoutMs: 100 }));
  await clock.advance(200);
  assert.equal(await late, "timeout");
  assert.deepEqual(told, ["expired"]);
  await node.stop();
});

test("createInstanceQueue lets an open stream hold its instance", async () => {
  const seen: string[] = [];
  const Feed = defineService("feed", {
    watch: { mode: "stream", request: json<number>(), reply: json<number>() },
    ask: { request: json<number>(), reply: json<number>() },
  });
  const component = defineComponent(Feed, () => ({
    async *watch(upTo) {
      for (let at = 0; at < upTo; at++) {
        seen.push(`item ${at}`);
        yield at;
      }
      seen.push("end");
    },
    ask: (request) => {
      seen.push("ask");
      return request;
    },
  }));
  const { node } = await startTestNode([component]);
  const stream = node.client(Feed).watch(3, { credit: 1 });
  await stream.next();
  const asked = node.client(Feed).ask(1);
  await settle();
  assert.deepEqual(seen, ["item 0", "item 1"]);
  for await (const _ of stream);
  await asked;
  assert.deepEqual(seen, ["item 0", "item 1", "item 2", "end", "ask"]);
  await node.stop();
});

test("createInstanceQueue lets streams run beside the other messages when the component says so", async () => {
  const component = desk(async (request) => request, { streams: "beside" });
  const open = createGate();
  const Feed = defineService("feed", { watch: { mode: "stream", request: json<number>(), reply: json<number>() } });
  const feed = defineComponent(
    Feed,
    () => ({
      async *watch(request) {
        yield request;
        await open.passed;
      },
    }),
    { streams: "beside" },
  );
  const { node } = await startTestNode([component, feed]);
  const streams = Array.from({ length: 5 }, (_, at) => node.client(Feed).watch(at));
  const items = await Promise.all(streams.map((stream) => stream.next()));
  assert.deepEqual(
    items.map(({ value }) => value),
    [0, 1, 2, 3, 4],
  );
  open.open();
  const ends = await Promise.all(streams.map((stream) => stream.next()));
  assert.ok(ends.every(({ done }) => done === true));
  await node.stop();
});

test("createInstanceQueue refuses the stream that is one past the bound beside the others", async () => {
  const Feed = defineService("feed", { watch: { mode: "stream", request: json<number>(), reply: json<number>() } });
  const open = createGate();
  const feed = defineComponent(
    Feed,
    () => ({
      async *watch(request) {
        yield request;
        await open.passed;
      },
    }),
    { streams: "beside" },
  );
  const { node } = await startTestNode([feed]);
  const streams = Array.from({ length: STREAMS_OPEN_MAX }, (_, at) => node.client(Feed).watch(at));
  await Promise.all(streams.map((stream) => stream.next()));
  const id = node.components()[0]?.instances[0]?.id;
  await assert.rejects(node.client(Feed).watch(0).next(), (error: OrreryError) => {
    assert.equal(error.message, `Cannot accept "feed.watch": 10000 streams are open at "${id}", close some`);
    return error.reason === "overloaded";
  });
  open.open();
  await Promise.all(streams.map((stream) => stream.return?.()));
  await settle();
  assert.deepEqual(await node.client(Feed).watch(7).next(), { done: false, value: 7 });
  await node.stop();
});

test("createInstanceQueue never keeps the control plane waiting: a node with a stuck handler answers a ping", async () => {
  const hub = createMemoryHub();
  const clock = createTestClock();
  const stuck = desk(async (request) => {
    await clock.sleep(10_000);
    return request;
  });
  const { node } = await startTestNode([stuck], {
    clock,
    transports: [hub.transport({ clock })],
    listen: ["memory://desk"],
  });
  const directory = createTableDirectory({ desk: ["memory://desk"] });
  const client = createClient({ clock, directory, transports: [hub.transport({ clock })] });
  const call = client.client(Desk).ask(1);
  await clock.advance(5);
  assert.equal(node.components()[0]?.instances[0]?.waiting, 0);
  const startMs = performance.now();
  const { roundTripMs } = await client.ping("memory://desk");
  assert.ok(performance.now() - startMs < 50, "slow by the machine's clock");
  assert.equal(roundTripMs, 0);
  await clock.advance(10_000);
  assert.equal(await call, 1);
  await client.stop();
  await node.stop();
});
