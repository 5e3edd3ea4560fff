import assert from "node:assert/strict";
import { test } from "node:test";
import { type ComponentOptions, defineComponent } from "./component.ts";
import type { Context } from "./context.ts";
import { defineService } from "./contract-schema.ts";
import { createTableDirectory } from "./directory.ts";
import { json } from "./json-body.ts";
import { createMemoryHub } from "./memory-transport.ts";
import { createClient } from "./node.ts";
import type { OrreryError } from "./orrery-error.ts";
import { outcomeOf } from "./outcome.ts";
import { createGate } from "./testing/gate.ts";
import { anyService } from "./testing/services.ts";
import { createTestClock, settle } from "./testing/test-clock.ts";
import { startTestNode } from "./testing/test-node.ts";

const Feed = defineService("feed", { watch: { mode: "stream", request: json<number>(), reply: json<number>() } });

type Watch = (request: number, context: Context) => AsyncIterable<number>;

const feed = (watch: Watch, options: ComponentOptions = {}) => defineComponent(Feed, () => ({ watch }), options);

/** Gives a number each second, for ever, and ends as most feeds do: its sleep rejects. */
async function* ticks(first: number, { clock, signal }: Context): AsyncGenerator<number> {
  for (let at = first; ; at++) {
    yield at;
    await clock.sleep(1000, signal);
  }
}

async function errorOf(next: Promise<unknown>): Promise<OrreryError> {
  const outcome = await outcomeOf(next);
  return outcome.kind === "reply" ? assert.fail(`replied ${JSON.stringify(outcome.value)}`) : outcome.error;
}

for (const streams of ["hold", "beside"] as const) {
  test(`Container.stop asks feeds to end that go on for ever, with streams: ${streams}, and waits no longer`, async () => {
    const hub = createMemoryHub();
    const clock = createTestClock();
    const { node } = await startTestNode([feed(ticks, { streams })], {
      clock,
      listen: ["memory://here"],
      transports: [hub.transport({ clock })],
    });
    const directory = createTableDirectory({ feed: ["memory://here"] });
    const client = createClient({ clock, directory, transports: [hub.transport({ clock })] });
    const stream = client.client(Feed).watch(7);
    assert.deepEqual(await stream.next(), { done: false, value: 7 });
    const next = errorOf(stream.next());
    await settle();
    await node.stop();
    const { code, kind, definite, message } = await next;
    assert.deepEqual([code, kind, definite], ["unavailable", "error", true]);
    assert.equal(
      message,
      'Cannot finish "feed.watch": Cannot go on with stream "feed.watch": node "here" is shutting down',
    );
    assert.equal(clock.monotonic(), 1000);
    await client.stop();
    assert.equal(clock.timers, 0);
  });
}

test("Container.stop lets a feed that sees it coming end well", async () => {
  const { node } = await startTestNode([
    feed(async function* (first, { signal }) {
      yield first;
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      yield -1;
    }),
  ]);
  const stream = node.client(Feed).watch(1);
  assert.equal((await stream.next()).value, 1);
  const rest = Promise.all([stream.next(), stream.next()]);
  await settle();
  await node.stop();
  assert.deepEqual(await rest, [
    { done: false, value: -1 },
    { done: true, value: undefined },
  ]);
});

test("Container.stop lets a stream finish that has an end", async () => {
  const gate = createGate();
  const { node } = await startTestNode([
    feed(async function* (count) {
      for (let at = 1; at <= count; at++) {
        yield at;
        await gate.passed;
      }
    }),
  ]);
  const stream = node.client(Feed).watch(200);
  const items = [(await stream.next()).value];
  const stopped = node.stop();
  gate.open();
  for await (const item of stream) items.push(item);
  assert.equal(items.length, 200);
  await stopped;
});

test("Container.stop bounces a stream that waits for its turn", async () => {
  const seen: number[] = [];
  const { node } = await startTestNode([
    feed((first, context) => {
      seen.push(first);
      return ticks(first, context);
    }),
  ]);
  const first = node.client(Feed).watch(1);
  await first.next();
  const second = errorOf(node.client(Feed).watch(2).next());
  await settle();
  await node.stop();
  const { reason, definite } = await second;
  assert.deepEqual([reason, definite], ["draining", true]);
  assert.deepEqual(seen, [1]);
});

test("Container.stop does not trouble a stream that an accepted message reads", async () => {
  const gate = createGate();
  const source = feed(async function* (_, { signal }) {
    yield 1;
    await gate.passed;
    signal.throwIfAborted();
    yield 2;
  });
  const A = anyService("a");
  const reader = defineComponent(A, () => ({
    call: async (_, context) => {
      let sum = 0;
      for await (const item of context.client(Feed).watch(0)) sum += item;
      return sum;
    },
  }));
  const { node } = await startTestNode([source, reader]);
  const call = node.client(A).call(1);
  await settle();
  const stopped = node.stop();
  gate.open();
  assert.equal(await call, 3);
  await stopped;
});
