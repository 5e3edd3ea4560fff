import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { defineService } from "./contract-schema.ts";
import { createTableDirectory } from "./directory.ts";
import { createEnvelope, Kind } from "./envelope.ts";
import { json } from "./json-body.ts";
import { STREAM_CREDIT, STREAM_CREDIT_MAX, STREAM_IDLE_DEFAULT_MS } from "./limits.ts";
import { createClient } from "./node.ts";
import type { StreamOptions } from "./options.ts";
import { OrreryError } from "./orrery-error.ts";
import { outcomeOf } from "./outcome.ts";
import { createHandTransport, failureTo } from "./testing/hand-transport.ts";
import { createTestClock, settle } from "./testing/test-clock.ts";

const List = defineService("list", { all: { mode: "stream", request: json<number>(), reply: json<number>() } });

/** A stream whose writer is the test. */
function setUp() {
  const clock = createTestClock();
  const transport = createHandTransport();
  const node = createClient({
    name: "here",
    clock,
    transports: [transport],
    directory: createTableDirectory({ list: ["hand://far"] }),
    deadlineStepMs: 1,
  });
  const link = transport.link("hand://far");
  const openingOf = () => transport.sent.find(({ kind }) => kind === Kind.streamOpen) ?? assert.fail("not opened");
  return {
    clock,
    transport,
    node,
    link,
    open: (options?: StreamOptions) => node.client(List).all(1, options),
    opening: openingOf,
    item(value: number) {
      const item = createEnvelope(Kind.streamItem, openingOf().id);
      item.bytes = new TextEncoder().encode(String(value));
      transport.arrive(link, item);
    },
    end: () => transport.arrive(link, createEnvelope(Kind.streamEnd, openingOf().id)),
    credits: () => transport.sent.filter(({ kind }) => kind === Kind.streamCredit).map(({ credit }) => credit),
    cancels: () => transport.sent.filter(({ kind }) => kind === Kind.cancel).length,
  };
}

async function errorOf(next: Promise<unknown>): Promise<OrreryError> {
  const outcome = await outcomeOf(next);
  return outcome.kind === "reply" ? assert.fail("replied") : outcome.error;
}

test("makeStreamCall ends the stream at its source at the end of an await using block", async () => {
  const world = setUp();
  {
    await using stream = world.open();
    const first = stream.next();
    world.item(1);
    assert.deepEqual(await first, { done: false, value: 1 });
    assert.equal(world.cancels(), 0);
  }
  assert.equal(world.cancels(), 1);
});

test("makeStreamCall sends nothing before the first item is asked for", async () => {
  const world = setUp();
  const stream = world.open();
  await settle();
  assert.equal(world.transport.sent.length, 0);
  void stream.next();
  assert.deepEqual([world.opening().credit, world.opening().idleMs], [STREAM_CREDIT, STREAM_IDLE_DEFAULT_MS]);
  await stream.return?.();
  await world.node.stop();
});

test("makeStreamCall gives the items in order and then ends", async () => {
  const world = setUp();
  const got: number[] = [];
  const read = (async () => {
    for await (const item of world.open()) got.push(item);
  })();
  for (let value = 0; value < 200; value++) {
    world.item(value);
    await settle();
  }
  world.end();
  await read;
  assert.deepEqual(
    got,
    Array.from({ length: 200 }, (_, value) => value),
  );
  assert.equal(world.cancels(), 0);
  await world.node.stop();
});

test("makeStreamCall answers several that ask at once, in the order they asked", async () => {
  const world = setUp();
  const stream = world.open();
  const asked = [stream.next(), stream.next(), stream.next()];
  world.item(1);
  world.item(2);
  world.end();
  assert.deepEqual(await Promise.all(asked), [
    { done: false, value: 1 },
    { done: false, value: 2 },
    { done: true, value: undefined },
  ]);
  assert.deepEqual(await stream.next(), { done: true, value: undefined });
  await world.node.stop();
});

test("makeStreamCall asks for more once half of what it asked for was taken", async () => {
  const world = setUp();
  const stream = world.open({ credit: 4 });
  const first = stream.next();
  for (const value of [1, 2, 3, 4]) world.item(value);
  await first;
  assert.deepEqual(world.credits(), []);
  await stream.next();
  assert.deepEqual(world.credits(), [2]);
  await stream.next();
  assert.deepEqual(world.credits(), [2]);
  await stream.next();
  assert.deepEqual(world.credits(), [2, 2]);
  await stream.return?.();
  await world.node.stop();
});

test("makeStreamCall never has more than its credit waiting, whatever its reader and writer do", async () => {
  const step = fc.constantFrom("item", "take");
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 9 }), async (steps, credit) => {
      const world = setUp();
      const stream = world.open({ credit });
      const first = stream.next();
      let sent = 0;
      let taken = 0;
      for (const one of ["item", ...steps]) {
        const granted = credit + world.credits().reduce((sum, more) => sum + more, 0);
        if (one === "item" && sent < granted) world.item(sent++);
        if (one === "take" && taken < sent)
          assert.deepEqual(await (taken === 0 ? first : stream.next()), { done: false, value: taken++ });
        assert.ok(sent - taken <= credit, `${sent - taken} wait`);
      }
      assert.equal(world.cancels(), 0);
      await stream.return?.();
      await world.node.stop();
    }),
    { numRuns: 50 },
  );
});

test("makeStreamCall ends a stream whose writer sends more than it was asked for, after what it was asked for", async () => {
  const world = setUp();
  const stream = world.open({ credit: 2 });
  const first = stream.next();
  world.item(1);
  await first;
  for (const value of [2, 3, 4, 5]) world.item(value);
  assert.equal(world.cancels(), 1);
  assert.deepEqual(await stream.next(), { done: false, value: 2 });
  assert.deepEqual(await stream.next(), { done: false, value: 3 });
  const error = await errorOf(stream.next());
  assert.deepEqual(
    [error.reason, error.message],
    ["stream_overrun", 'Cannot read stream "all": more than the 2 items that were asked for came'],
  );
  assert.deepEqual(await stream.next(), { done: true, value: undefined });
  await world.node.stop();
  assert.equal(world.clock.timers, 0);
});

test("makeStreamCall ends the stream at its source when the loop is left", async () => {
  const world = setUp();
  const read = (async () => {
    for await (const item of world.open()) if (item === 2) break;
  })();
  for (const value of [1, 2, 3]) world.item(value);
  await read;
  assert.equal(world.cancels(), 1);
  assert.equal(world.clock.timers, 0);
  await world.node.stop();
});

test("makeStreamCall wakes who waits for an item when the stream is given back", async () => {
  const world = setUp();
  const stream = world.open();
  const waiting = stream.next();
  await stream.return?.();
  assert.deepEqual(await waiting, { done: true, value: undefined });
  await world.node.stop();
});

test("makeStreamCall ends a stream with an item that it cannot read", async () => {
  const world = setUp();
  const stream = world.open();
  const next = errorOf(stream.next());
  const item = createEnvelope(Kind.streamItem, world.opening().id);
  item.bytes = new TextEncoder().encode("{");
  world.transport.arrive(world.link, item);
  assert.equal((await next).reason, "undecodable_reply");
  assert.equal(world.cancels(), 1);
  assert.deepEqual(await stream.next(), { done: true, value: undefined });
  await world.node.stop();
  assert.equal(world.clock.timers, 0);
});

test("makeStreamCall ends with the error that its writer ends with, after the items", async () => {
  const world = setUp();
  const stream = world.open();
  const first = stream.next();
  world.item(1);
  const end = failureTo(world.opening().id, { kind: "error", code: "data_loss", message: "Cannot go on" });
  world.transport.arrive(world.link, { ...end, kind: Kind.streamEnd });
  assert.deepEqual(await first, { done: false, value: 1 });
  const error = await errorOf(stream.next());
  assert.deepEqual([error.code, error.message, error.kind], ["data_loss", "Cannot go on", "error"]);
  await world.node.stop();
});

test("makeStreamCall ends a stream that is answered by a reply in place of items", async () => {
  const world = setUp();
  const next = errorOf(world.open().next());
  world.transport.arrive(
    world.link,
    failureTo(world.opening().id, { kind: "bounced", code: "unavailable", reason: "draining", message: "later" }),
  );
  assert.equal((await next).reason, "draining");
  await world.node.stop();
});

test("makeStreamCall ends when nothing comes for the idle time, and tells the source", async () => {
  const world = setUp();
  const stream = world.open({ idleMs: 100 });
  const next = stream.next();
  await world.clock.advance(90);
  world.item(1);
  await next;
  const second = errorOf(stream.next());
  await world.clock.advance(99);
  assert.equal(world.cancels(), 0);
  await world.clock.advance(1);
  const error = await second;
  assert.deepEqual(
    [error.reason, error.message, error.where],
    ["stream_idle", 'Cannot go on with stream "all": nothing came for 100 ms', "here"],
  );
  assert.equal(world.cancels(), 1);
  assert.equal(world.clock.timers, 0);
  await world.node.stop();
});

test("makeStreamCall ends when its reader takes nothing for the idle time, after what has come", async () => {
  const world = setUp();
  const stream = world.open({ idleMs: 100 });
  const first = stream.next();
  for (const value of [1, 2, 3]) world.item(value);
  await first;
  await world.clock.advance(99);
  await stream.next();
  await world.clock.advance(100);
  assert.equal(world.cancels(), 1);
  assert.deepEqual(await stream.next(), { done: false, value: 3 });
  const error = await errorOf(stream.next());
  assert.equal(error.message, 'Cannot go on with stream "all": its reader took nothing for 100 ms');
  await world.node.stop();
});

test("makeStreamCall stays open for as long as something moves, with no deadline of its own", async () => {
  const world = setUp();
  const stream = world.open({ idleMs: 100 });
  let next = stream.next();
  for (let value = 0; value < 50; value++) {
    await world.clock.advance(99);
    world.item(value);
    assert.deepEqual(await next, { done: false, value });
    next = stream.next();
  }
  world.end();
  assert.equal((await next).done, true);
  await world.node.stop();
});

test("makeStreamCall ends at the deadline that it was given", async () => {
  const world = setUp();
  const next = errorOf(world.open({ timeoutMs: 50 }).next());
  await world.clock.advance(50);
  const error = await next;
  assert.deepEqual([error.reason, error.message], ["timeout", 'Cannot finish "list.all": no answer within 50 ms']);
  assert.equal(world.cancels(), 1);
  assert.equal(world.clock.timers, 0);
  await world.node.stop();
});

test("makeStreamCall ends when its signal aborts", async () => {
  const world = setUp();
  const give = new AbortController();
  const next = errorOf(world.open({ signal: give.signal }).next());
  give.abort();
  assert.deepEqual([(await next).reason, world.cancels()], ["cancelled", 1]);
  await world.node.stop();
});

const outOfRange: readonly { readonly options: StreamOptions; readonly text: string }[] = [
  { options: { credit: 0 }, text: `credit is 0, write a number from 1 to ${STREAM_CREDIT_MAX}` },
  {
    options: { credit: STREAM_CREDIT_MAX + 1 },
    text: `credit is 65537, write a number from 1 to ${STREAM_CREDIT_MAX}`,
  },
  { options: { credit: 1.5 }, text: `credit is 1.5, write a whole number from 1 to ${STREAM_CREDIT_MAX}` },
  { options: { idleMs: 0 }, text: "idleMs is 0, write a number from 1 to 86400000" },
  { options: { idleMs: Number.POSITIVE_INFINITY }, text: "idleMs is Infinity, write a number from 1 to 86400000" },
  { options: { timeoutMs: Number.NaN }, text: "timeoutMs is NaN, write a number from 1 to 86400000" },
];

for (const { options, text } of outOfRange) {
  test(`makeStreamCall refuses an option out of its range: ${text}`, async () => {
    const world = setUp();
    const stream = world.open(options);
    await assert.rejects(stream.next(), new OrreryError("invalid_argument", `Cannot call "all": ${text}`));
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
    assert.equal(world.transport.sent.length, 0);
    await world.node.stop();
  });
}
