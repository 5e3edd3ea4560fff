import assert from "node:assert/strict";
import { test } from "node:test";
import { type Component, type ComponentOptions, defineComponent } from "./component.ts";
import type { Context } from "./context.ts";
import { defineService } from "./contract-schema.ts";
import { json } from "./json-body.ts";
import { createClient } from "./node.ts";
import { outcomeOf } from "./outcome.ts";
import { createGate } from "./testing/gate.ts";
import { anyService } from "./testing/services.ts";
import { settle } from "./testing/test-clock.ts";
import { startTestNode } from "./testing/test-node.ts";

type Handle = (request: unknown, context: Context) => unknown;

function one(name: string, call: Handle, options: ComponentOptions = {}): Component {
  return defineComponent(anyService(name), () => ({ call }), options);
}

test("Node.drain finishes what one component had accepted, refuses what comes after, and leaves the others alone", async () => {
  const gate = createGate();
  const { node } = await startTestNode([
    one("a", async (request) => gate.passed.then(() => request)),
    one("b", (request) => request),
  ]);
  const client = node.client(anyService("a"));
  const accepted = [1, 2, 3].map((request) => client.call(request));
  await settle();
  assert.deepEqual(
    node.components()[0]?.instances.map(({ busy, waiting }) => [busy, waiting]),
    [[1, 2]],
  );
  let isDrained = false;
  const drained = node.drain("a").then(() => {
    isDrained = true;
  });
  const late = await outcomeOf(client.call(4));
  const error = late.kind === "reply" ? assert.fail("replied") : late.error;
  assert.deepEqual(
    [error.reason, error.definite, error.message],
    ["draining", true, 'Cannot accept "a.call": component "a" of node "here" is being drained'],
  );
  assert.equal(await node.client(anyService("b")).call(5), 5);
  assert.deepEqual(
    node.components().map(({ instances }) => instances[0]?.state),
    ["draining", "ready"],
  );
  await settle();
  assert.equal(isDrained, false);
  gate.open();
  assert.deepEqual(await Promise.all(accepted), [1, 2, 3]);
  await drained;
  await node.drain("a"); // Again is at its end at once.
  await node.stop();
});

test("Node.drain lets in what the work of a drained component leads to, also in another that drains", async () => {
  const gate = createGate();
  const a = one("a", async (request, context) => {
    await gate.passed;
    return context.client(anyService("b")).call(request);
  });
  const { node } = await startTestNode([a, one("b", (request) => request), one("c", (request) => request)]);
  const call = node.client(anyService("a")).call("through");
  const drained = Promise.all([node.drain("a"), node.drain("b")]);
  const late = await outcomeOf(node.client(anyService("b")).call(1));
  assert.ok(late.kind === "bounced" && late.error.reason === "draining");
  gate.open();
  assert.equal(await call, "through");
  await drained;
  await node.stop();
});

test("Node.drain asks the streams of its component to end, and no other", async () => {
  const Feed = (name: string) =>
    defineService(name, { watch: { mode: "stream", request: json<number>(), reply: json<number>() } });
  const feed = (name: string) =>
    defineComponent(Feed(name), () => ({
      async *watch(first, { clock, signal }) {
        for (let at = first; ; at++) {
          yield at;
          await clock.sleep(1000, signal);
        }
      },
    }));
  const { node } = await startTestNode([feed("a"), feed("b")]);
  const [ending, staying] = [node.client(Feed("a")).watch(7), node.client(Feed("b")).watch(1)];
  assert.deepEqual(await ending.next(), { done: false, value: 7 });
  assert.deepEqual(await staying.next(), { done: false, value: 1 });
  const next = outcomeOf(ending.next());
  await settle();
  await node.drain("a");
  const outcome = await next;
  assert.match(outcome.kind === "reply" ? "" : outcome.error.message, /component "a" of node "here" is being drained$/);
  assert.deepEqual(
    node.components().map(({ instances }) => instances[0]?.busy),
    [0, 1],
  );
  await node.stop();
});

test("Node.drain refuses what does not run there", async () => {
  const { node } = await startTestNode([one("a", (request) => request)]);
  await assert.rejects(node.drain("z"), {
    code: "not_found",
    message: 'Cannot drain component "z": node "here" has "a"',
  });
  await node.stop();
  const client = createClient({ name: "looker" }) as unknown as typeof node;
  await assert.rejects(client.drain("a"), { code: "not_found", message: /"looker" is a client and has none$/ });
  await client.stop();
});
