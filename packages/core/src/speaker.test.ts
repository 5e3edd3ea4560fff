import assert from "node:assert/strict";
import { test } from "node:test";
import { type Component, defineComponent } from "./component.ts";
import type { Context } from "./context.ts";
import { defineService } from "./contract-schema.ts";
import { createTableDirectory } from "./directory.ts";
import { type Envelope, Kind, type TraceRef } from "./envelope.ts";
import type { FlowEvent } from "./flow.ts";
import { json } from "./json-body.ts";
import { BODY_BYTES_MAX, CALL_TIMEOUT_DEFAULT_MS, CALL_TIMEOUT_MAX_MS } from "./limits.ts";
import { createClient } from "./node.ts";
import { OrreryError } from "./orrery-error.ts";
import { outcomeOf } from "./outcome.ts";
import { ShopService } from "./testdata/gen/shop/v1/shop_pb.ts";
import { createHandTransport, replyTo } from "./testing/hand-transport.ts";
import { anyService, Shop } from "./testing/services.ts";
import { createTestClock, settle } from "./testing/test-clock.ts";
import { startTestNode } from "./testing/test-node.ts";

const Far = defineService("far", {
  ask: { request: json<unknown>(), reply: json<unknown>() },
  quick: { request: json<unknown>(), reply: json<unknown>(), timeoutMs: 250, horizon: "network" },
  tell: { mode: "async", request: json<unknown>() },
  shout: { mode: "broadcast", request: json<unknown>() },
  list: { mode: "stream", request: json<unknown>(), reply: json<unknown>() },
});

/** A client whose network is the test. */
function setUp(options: { agent?: string; addresses?: readonly string[] } = {}) {
  const clock = createTestClock();
  const transport = createHandTransport();
  const directory = createTableDirectory({ far: options.addresses ?? ["hand://far"] });
  const node = createClient({
    name: "here",
    clock,
    directory,
    transports: [transport],
    ...(options.agent === undefined ? {} : { agent: options.agent }),
  });
  const last = (): Envelope => transport.sent.at(-1) ?? assert.fail("nothing was sent");
  return { clock, transport, node, last };
}

const ignore = (call: Promise<unknown>) => void call.catch(() => undefined);

test("createSpeaker writes into a message what its receiver must know", async () => {
  const { node, last } = setUp({ agent: "space:acme" });
  const trace: TraceRef = {
    traceId: new Uint8Array(16).fill(1),
    spanId: new Uint8Array(8).fill(2),
    flags: 1,
    state: "a=b",
  };
  ignore(
    node.client(Far).ask(1, {
      timeoutMs: 500,
      version: "1.2.3",
      instance: "far.0-x",
      shardKey: "k",
      idempotencyKey: "i",
      attempt: 2,
      horizon: { scope: "host", beyond: "drop" },
      trace,
    }),
  );
  const { head, kind, deadlineMs, shardKey, idempotencyKey, attempt, trace: sent, path, flow } = last();
  assert.deepEqual(
    { ...head, fingerprint: "" },
    {
      component: "far",
      method: "ask",
      version: "1.2.3",
      fingerprint: "",
      mode: "sync",
      contentType: "application/json",
      instance: "far.0-x",
      source: { node: "here", instance: "", incarnation: node.incarnation },
      agent: "space:acme",
      horizon: { scope: "host", beyond: "drop", distanceMs: 0, hops: 0 },
      resource: "",
    },
  );
  assert.deepEqual(
    { kind, deadlineMs, shardKey, idempotencyKey, attempt, path, flow },
    { kind: Kind.request, deadlineMs: 1500, shardKey: "k", idempotencyKey: "i", attempt: 2, path: [], flow: undefined },
  );
  assert.deepEqual(sent, trace);
  await node.stop();
});

test("createSpeaker takes what the caller does not say from the contract, then from the node", async () => {
  const { node, last } = setUp();
  ignore(node.client(Far).ask(1));
  assert.deepEqual(
    [last().deadlineMs, last().head?.horizon, last().head?.agent],
    [1000 + CALL_TIMEOUT_DEFAULT_MS, undefined, "anonymous"],
  );
  ignore(node.client(Far).quick(1));
  assert.deepEqual([last().deadlineMs, last().head?.horizon?.scope], [1250, "network"]);
  ignore(node.client(Far).quick(1, { timeoutMs: 999 }));
  assert.equal(last().deadlineMs, 1999);
  ignore(node.client(Far).list(1).next());
  assert.equal(last().deadlineMs, 0); // A stream rests or ends; it has no time of its own.
  await node.stop();
});

for (const timeoutMs of [0, 0.5, -1, Number.NaN, CALL_TIMEOUT_MAX_MS + 1]) {
  test(`createSpeaker refuses a timeout of ${timeoutMs} ms, for every mode`, async () => {
    const { node, transport } = setUp();
    const error = new OrreryError(
      "invalid_argument",
      `Cannot call "ask": timeoutMs is ${timeoutMs}, write a number from 1 to 86400000`,
    );
    await assert.rejects(node.client(Far).ask(1, { timeoutMs }), error);
    const outcome = await outcomeOf(node.send(Far).tell(1, { timeoutMs }).accepted);
    assert.equal(outcome.kind === "reply" ? "" : outcome.error.code, "invalid_argument");
    assert.throws(() => node.publish(Far).shout(1, { timeoutMs }), /Cannot call "shout": timeoutMs is/);
    assert.equal(transport.sent.length, 0);
    await node.stop();
  });
}

test("createSpeaker hands on flow, trace, agent and chain from the message that is handled", async () => {
  const seen: Record<string, unknown>[] = [];
  const see = (name: string, next?: string): Component =>
    defineComponent(anyService(name), () => ({
      call: async (request, context: Context) => {
        const { flow, agent, source, trace } = context;
        seen.push({ name, flow: { ...flow }, agent, from: source.instance.split(".")[0], spanId: trace?.spanId[0] });
        return next === undefined ? request : context.client(anyService(next)).call(request);
      },
    }));
  const events: FlowEvent[] = [];
  const { node } = await startTestNode([see("a", "b"), see("b")], {
    agent: "ada",
    onFlow: (event) => events.push(event),
  });
  const trace: TraceRef = { traceId: new Uint8Array(16), spanId: new Uint8Array(8).fill(9), flags: 0, state: "" };
  const flow = node.beginFlow("booking");
  await node.client(anyService("a")).call(1, { flow, trace });
  await flow.end("ok");
  await flow.end("failed");
  const same = { flow: { id: flow.id, node: "here", name: "booking", parentId: 0 }, agent: "ada", spanId: 9 };
  assert.deepEqual(seen, [
    { name: "a", ...same, from: "" },
    { name: "b", ...same, from: "a" },
  ]);
  assert.deepEqual(
    events.map((event) => (event.kind === "end" ? event.how : event.kind)),
    ["begin", "ok"],
  );
  await node.stop();
});

test("createSpeaker begins a flow with a message that is in none, and sub-flows where a handler asks", async () => {
  const flows: unknown[] = [];
  const b = defineComponent(anyService("b"), () => ({
    call: (_, { flow }) => void flows.push([flow.name, flow.parentId]),
  }));
  const a = defineComponent(anyService("a"), () => ({
    call: async (request, context) => {
      flows.push([context.flow.name, context.flow.parentId]);
      await context.client(anyService("b")).call(request);
      const part = context.beginFlow("part");
      await context.client(anyService("b")).call(request, { flow: part });
      await part.end("ok");
      return context.flow.id === part.parentId;
    },
  }));
  const { node } = await startTestNode([a, b]);
  assert.equal(await node.client(anyService("a")).call(1), true);
  assert.deepEqual(flows.slice(0, 2), [
    ["", 0],
    ["", 0],
  ]);
  const [name, parentId] = flows[2] as [string, number];
  assert.ok(name === "part" && parentId > 0);
  await node.stop();
});

test("createSpeaker tells by a ticket what became of a one-way message, and never rejects unseen", async () => {
  const { node, transport, last } = setUp();
  const link = transport.link("hand://far");
  const accepted = node.send(Far).tell(1);
  assert.equal(accepted.id, last().id);
  assert.equal(accepted.check(), undefined);
  transport.arrive(link, replyTo(accepted.id, new Uint8Array(0)));
  assert.equal(await accepted.accepted, undefined);
  assert.equal(accepted.check()?.kind, "reply");
  accepted.cancel(); // Harmless now.
  const cancelled = node.send(Far).tell(2);
  cancelled.cancel();
  await settle();
  const outcome = cancelled.check();
  assert.equal(outcome?.kind, "cancelled");
  const never = node.send(anyService("nobody") as never) as unknown as Record<string, unknown>;
  assert.throws(
    () => (never["call"] as (request: unknown) => unknown)(1),
    /its mode is sync, write client\(service\)\.call\(request\)/,
  );
  const refused = node.send(Shop).note({ text: "x" });
  await settle(); // An unhandled rejection would fail this test.
  const end = refused.check();
  assert.equal(end?.kind === "bounced" ? end.error.reason : end?.kind, "no_such_component");
  await node.stop();
});

test("createSpeaker lets go of a signal once its tickets have ended", async () => {
  const { node, transport } = setUp();
  const link = transport.link("hand://far");
  let listeners = 0;
  const signal = {
    aborted: false,
    addEventListener: () => listeners++,
    removeEventListener: () => listeners--,
  } as unknown as AbortSignal;
  for (let i = 0; i < 10; i++) {
    const ticket = node.send(Far).tell(1, { signal });
    transport.arrive(link, replyTo(ticket.id, new Uint8Array(0)));
    await ticket.accepted;
    const call = node.client(Far).ask(1, { signal });
    transport.arrive(link, replyTo(transport.sent.at(-1)?.id ?? 0, new TextEncoder().encode("1")));
    await call;
  }
  assert.equal(listeners, 0);
  await node.stop();
});

test("createSpeaker accepts a protobuf one-way message with no more than its acceptance", async () => {
  for (const local of ["copy", "encode"] as const) {
    const notes: string[] = [];
    const shop = defineComponent(ShopService, () => ({
      buy: () => ({ total: 2 }),
      getPrice: () => ({}),
      note: ({ text }) => void notes.push(text),
      async *watch({ upTo }) {
        for (let at = 0; at < upTo; at++) yield { at };
      },
      close: () => undefined,
    }));
    const { node } = await startTestNode([shop], { local });
    assert.equal(await node.send(ShopService).note({ text: "hi" }).accepted, undefined);
    assert.equal((await node.client(ShopService).buy({ item: "pen" })).total, 2);
    assert.equal((await node.client(ShopService).getPrice({})).total, 0); // An empty message is a message.
    const items: number[] = [];
    for await (const { at } of node.client(ShopService).watch({ upTo: 3 })) items.push(at);
    assert.deepEqual([items, notes], [[0, 1, 2], ["hi"]]);
    await node.stop();
  }
});

test("createSpeaker sends a broadcast to every place, and goes on where a carrier refuses", async () => {
  const { node, transport } = setUp({ addresses: ["hand://one", "hand://two"] });
  node.publish(Far).shout("all");
  assert.deepEqual(
    transport.sent.map(({ kind, head }) => [kind, head?.mode]),
    [
      [Kind.broadcast, "broadcast"],
      [Kind.broadcast, "broadcast"],
    ],
  );
  transport.result = "overloaded";
  node.publish(Far).shout("nobody hears");
  node.publish(Shop).close({ why: "nobody is there" });
  await node.stop();
});

test("createSpeaker refuses a broadcast that is too large", async () => {
  const { node } = setUp();
  assert.throws(
    () => node.publish(Far).shout("x".repeat(BODY_BYTES_MAX)),
    (error: OrreryError) =>
      error.reason === "too_large" && error.message.startsWith('Cannot send "shout": its body has'),
  );
  await node.stop();
});

test("createSpeaker survives a handler that floods: what is over the bounds is refused, and told on the tickets", async () => {
  const counts = new Map<string, number>();
  let handled = 0;
  const shop = defineComponent(
    Shop,
    () => ({
      buy: async ({ count = 0 }, context) => {
        const tickets = Array.from({ length: count }, (_, at) => context.send(Shop).note({ text: String(at) }));
        await Promise.all(tickets.map(({ accepted }) => outcomeOf(accepted)));
        for (const ticket of tickets) {
          const end = ticket.check();
          const how = end === undefined || end.kind === "reply" ? String(end?.kind) : String(end.error.reason);
          counts.set(how, (counts.get(how) ?? 0) + 1);
        }
        return { total: count };
      },
      note: () => void handled++,
      async *watch() {},
      close: () => undefined,
    }),
    { inboxMessagesMax: 100 },
  );
  const { node } = await startTestNode([shop]);
  await node.client(Shop).buy({ item: "flood", count: 20_000 });
  await settle();
  assert.deepEqual(
    [...counts],
    [
      ["reply", 100],
      ["overloaded", 19_900],
    ],
  );
  assert.equal(handled, 100);
  await node.stop();
});

test("createSpeaker keeps a handler that never settles to itself: its caller is told, and others are refused in time", async () => {
  const stuck = defineComponent(anyService("stuck"), () => ({ call: () => new Promise(() => undefined) }), {
    inboxMessagesMax: 1,
  });
  const { node, clock } = await startTestNode([stuck]);
  const client = node.client(anyService("stuck"));
  const calls = [1, 2, 3].map((request) => outcomeOf(client.call(request, { timeoutMs: 100 })));
  await clock.advance(200);
  assert.deepEqual(
    (await Promise.all(calls)).map((end) => (end.kind === "reply" ? "reply" : end.error.reason)),
    ["timeout", "timeout", "overloaded"],
  );
  const stopped = node.stop({ timeoutMs: 50 });
  await clock.advance(50);
  await stopped;
  assert.equal(clock.timers, 0);
});
