import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent } from "./component.ts";
import { contractOf } from "./contract.ts";
import { defineService } from "./contract-schema.ts";
import { createEnvelope, type Envelope, Kind } from "./envelope.ts";
import { bytes, json } from "./json-body.ts";
import { BODY_BYTES_MAX } from "./limits.ts";
import { createGate } from "./testing/gate.ts";
import { createHandTransport } from "./testing/hand-transport.ts";
import { settle } from "./testing/test-clock.ts";
import { startTestNode } from "./testing/test-node.ts";

const Feed = defineService("feed", {
  watch: { mode: "stream", request: json<unknown>(), reply: json<unknown>() },
  raw: { mode: "stream", request: json<unknown>(), reply: bytes },
  ask: { request: json<unknown>(), reply: json<unknown>() },
});

type Source = (request: unknown, signal: AbortSignal) => AsyncIterable<unknown>;

/** A node with a stream whose reader is the test. */
async function setUp(source: Source) {
  const transport = createHandTransport();
  const component = defineComponent(Feed, () => ({
    watch: (request, { signal }) => source(request, signal),
    raw: (request, { signal }) => source(request, signal) as AsyncIterable<Uint8Array>,
    ask: (request) => request,
  }));
  const { node, clock, lines } = await startTestNode([component], { transports: [transport] });
  const link = transport.comeIn("hand://reader");
  let lastId = 0;
  const open = (method: "watch" | "raw" | "ask", given: { credit?: number; idleMs?: number } = {}) => {
    const { fingerprint, mode } = contractOf(Feed).methods.get(method) ?? assert.fail("no method");
    const envelope = createEnvelope(method === "ask" ? Kind.request : Kind.streamOpen, ++lastId, {
      component: "feed",
      method,
      version: "",
      fingerprint,
      mode,
      contentType: "application/json",
      instance: "",
      source: { node: "reader", instance: "", incarnation: 1 },
      agent: "",
      horizon: undefined,
      resource: "",
    });
    envelope.bytes = new TextEncoder().encode("1");
    envelope.credit = given.credit ?? 2;
    envelope.idleMs = given.idleMs ?? 1000;
    transport.arrive(link, envelope);
    return envelope.id;
  };
  const follow = (kind: Kind, id: number, credit = 0) => {
    const envelope = createEnvelope(kind, id);
    envelope.credit = credit;
    transport.arrive(link, envelope);
  };
  const of = (id: number) => transport.sent.filter((envelope) => envelope.id === id);
  return {
    node,
    clock,
    lines,
    transport,
    link,
    open,
    credit: (id: number, count: number) => follow(Kind.streamCredit, id, count),
    cancel: (id: number) => follow(Kind.cancel, id),
    items: (id: number) => of(id).filter(({ kind }) => kind === Kind.streamItem),
    ends: (id: number): (Envelope["failure"] | "well")[] =>
      of(id)
        .filter(({ kind }) => kind === Kind.streamEnd)
        .map(({ failure }) => failure ?? "well"),
  };
}

async function* count(): AsyncGenerator<number> {
  for (let at = 0; ; at++) yield at;
}

test("createStreamWriter asks the handler for an item only while there is credit", async () => {
  const asked: number[] = [];
  const world = await setUp(async function* () {
    for (let at = 0; ; at++) {
      asked.push(at);
      yield at;
    }
  });
  const id = world.open("watch", { credit: 3 });
  await settle();
  assert.deepEqual([asked.length, world.items(id).length], [3, 3]);
  world.credit(id, 2);
  await settle();
  assert.deepEqual([asked.length, world.items(id).length], [5, 5]);
  world.cancel(id);
  await settle();
  assert.deepEqual([asked.length, world.ends(id)], [5, []]);
  await world.node.stop();
});

test("createStreamWriter sends nothing to a reader that opens with no credit", async () => {
  const world = await setUp(count);
  const id = world.open("watch", { credit: 0 });
  await settle();
  assert.equal(world.items(id).length, 0);
  world.credit(id, 1);
  await settle();
  assert.equal(world.items(id).length, 1);
  world.cancel(id);
  await world.node.stop();
});

test("createStreamWriter ends once, well or with what the handler threw", async () => {
  const world = await setUp(async function* (request) {
    yield request;
    if (world.items(1).length > 0 && world.ends(1).length > 0) throw new Error("secret");
  });
  const first = world.open("watch");
  await settle();
  assert.deepEqual([world.items(first).length, world.ends(first)], [1, ["well"]]);
  const second = world.open("watch");
  await settle();
  const [end, ...more] = world.ends(second);
  assert.ok(typeof end === "object" && end !== null);
  assert.deepEqual(
    [end.reason, end.message, more],
    ["handler_threw", 'Cannot finish "feed.watch": its handler failed, the log of its node tells why', []],
  );
  assert.equal(world.lines.filter(({ text }) => text === "handler failed").length, 1);
  await world.node.stop();
});

test("createStreamWriter runs the handler's clean-up when the reader leaves, and the next message waits for it", async () => {
  const gate = createGate();
  const seen: string[] = [];
  const world = await setUp(async function* (_, signal) {
    signal.addEventListener("abort", () => seen.push("aborted"));
    try {
      yield* count();
    } finally {
      seen.push("cleaning");
      await gate.passed;
      seen.push("clean");
    }
  });
  const id = world.open("watch");
  await settle();
  const asked = world.open("ask");
  world.cancel(id);
  await settle();
  assert.deepEqual(seen, ["aborted", "cleaning"]);
  assert.equal(
    world.transport.sent.some((envelope) => envelope.id === asked),
    false,
  );
  gate.open();
  await settle();
  assert.deepEqual(seen, ["aborted", "cleaning", "clean"]);
  assert.equal(
    world.transport.sent.some((envelope) => envelope.id === asked),
    true,
  );
  await world.node.stop();
});

test("createStreamWriter ends a stream whose reader takes nothing for the idle time", async () => {
  const world = await setUp(count);
  const id = world.open("watch", { credit: 2, idleMs: 100 });
  await settle();
  await world.clock.advance(60);
  world.credit(id, 1);
  await world.clock.advance(99);
  assert.deepEqual(world.ends(id), []);
  await world.clock.advance(1);
  const [end, ...more] = world.ends(id);
  assert.ok(typeof end === "object" && end !== null);
  assert.deepEqual(
    [end.reason, end.message, more],
    ["stream_idle", 'Cannot go on with stream "watch": its reader took nothing for 100 ms', []],
  );
  assert.equal(world.clock.timers, 0);
  await world.node.stop();
});

test("createStreamWriter ends a stream whose handler gives nothing for the idle time, while the handler hangs", async () => {
  const aborted: unknown[] = [];
  const hang = createGate();
  const world = await setUp(async function* (_, signal) {
    signal.addEventListener("abort", () => aborted.push(signal.reason));
    yield 1;
    await hang.passed;
    yield 2;
  });
  const id = world.open("watch", { credit: 10, idleMs: 100 });
  await settle();
  await world.clock.advance(100);
  const [end] = world.ends(id);
  assert.ok(typeof end === "object" && end !== null);
  assert.deepEqual(
    [end.reason, end.message],
    ["stream_idle", 'Cannot go on with stream "watch": its handler gave nothing for 100 ms'],
  );
  assert.equal(aborted.length, 1);
  const asked = world.open("ask");
  assert.equal(
    world.transport.sent.some((envelope) => envelope.id === asked),
    false,
  ); // The handler is at it still.
  hang.open();
  await settle();
  assert.equal(world.items(id).length, 1);
  assert.equal(world.ends(id).length, 1);
  assert.equal(
    world.transport.sent.some((envelope) => envelope.id === asked),
    true,
  );
  await world.node.stop();
});

test("createStreamWriter ends a stream with an item that JSON cannot carry, and runs the handler's clean-up", async () => {
  let cleaned = 0;
  const world = await setUp(async function* () {
    try {
      yield 1;
      yield { at: new Date(0) };
      yield 3;
    } finally {
      cleaned++;
    }
  });
  const id = world.open("watch", { credit: 10 });
  await settle();
  const [end, ...more] = world.ends(id);
  assert.ok(typeof end === "object" && end !== null);
  assert.deepEqual(
    [end.reason, end.kind, end.message, more],
    [
      "bad_reply",
      "defect",
      'Cannot send an item of "watch": Cannot send "body.at": a Date is not plain data, pass its fields',
      [],
    ],
  );
  assert.deepEqual([world.items(id).length, cleaned], [1, 1]);
  assert.equal(world.lines.filter(({ text }) => text === "handler failed").length, 1);
  await world.node.stop();
});

test("createStreamWriter takes an item of the largest size, and ends with one past it", async () => {
  const world = await setUp(async function* () {
    yield new Uint8Array(BODY_BYTES_MAX);
    yield new Uint8Array(BODY_BYTES_MAX + 1);
  });
  const id = world.open("raw", { credit: 10 });
  await settle();
  const [end] = world.ends(id);
  assert.ok(typeof end === "object" && end !== null);
  assert.deepEqual(
    [world.items(id).length, end.reason, end.message],
    [
      1,
      "bad_reply",
      `Cannot send an item of "raw": it has ${BODY_BYTES_MAX + 1} bytes, the limit is ${BODY_BYTES_MAX}`,
    ],
  );
  await world.node.stop();
});

test("createStreamWriter stops when the carrier takes nothing", async () => {
  let given = 0;
  const world = await setUp(async function* () {
    for (;;) {
      given++;
      if (given === 3) world.transport.result = "overloaded";
      yield given;
    }
  });
  world.open("watch", { credit: 100 });
  await settle();
  assert.equal(given, 3);
  world.transport.result = "accepted";
  assert.equal(world.clock.timers, 0);
  await world.node.stop();
});

test("createStreamWriter ends a stream whose handler gives no async iterable", async () => {
  const world = await setUp(() => 7 as never);
  const id = world.open("watch");
  await settle();
  const [end] = world.ends(id);
  assert.ok(typeof end === "object" && end !== null);
  assert.deepEqual(
    [end.reason, end.message],
    ["bad_reply", 'Cannot stream "feed.watch": its handler gave no async iterable, make it an async function*'],
  );
  assert.equal(world.clock.timers, 0);
  await world.node.stop();
});

test("createStreamWriter takes credit beyond its bound for the bound, and for no stream for nothing", async () => {
  const world = await setUp(async function* (_, signal) {
    for (let at = 0; at < 100_000 && !signal.aborted; at++) yield at;
  });
  world.credit(999, 5);
  const id = world.open("watch", { credit: 0xffffffff });
  for (let round = 0; round < 5; round++) world.credit(id, 0xffffffff);
  await settle();
  assert.equal(world.items(id).length, 65_536);
  world.cancel(id);
  await world.node.stop();
});

test("createStreamWriter refuses a stream without an idle deadline", async () => {
  const world = await setUp(count);
  const id = world.open("watch", { idleMs: 0 });
  const [end] = world.ends(id);
  assert.ok(typeof end === "object" && end !== null);
  assert.deepEqual(
    [end.reason, end.message],
    ["malformed", 'Cannot open stream "feed.watch": it has no idle deadline, send one of at least 1 µs'],
  );
  await world.node.stop();
});

test("createStreamWriter stops when the connection of its reader is lost", async () => {
  let cleaned = 0;
  const world = await setUp(async function* () {
    try {
      yield* count();
    } finally {
      cleaned++;
    }
  });
  const id = world.open("watch");
  await settle();
  world.transport.lose(world.link);
  await settle();
  assert.deepEqual([cleaned, world.ends(id), world.clock.timers], [1, [], 0]);
  await world.node.stop();
});
