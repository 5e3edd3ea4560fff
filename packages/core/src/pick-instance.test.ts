import assert from "node:assert/strict";
import { test } from "node:test";
import { type Component, type ComponentOptions, defineComponent } from "./component.ts";
import type { Context } from "./context.ts";
import { defineService } from "./contract-schema.ts";
import { createTableDirectory } from "./directory.ts";
import { json } from "./json-body.ts";
import { CALL_DEPTH_MAX } from "./limits.ts";
import { createMemoryHub } from "./memory-transport.ts";
import type { Node } from "./node.ts";
import type { OrreryError } from "./orrery-error.ts";
import { outcomeOf } from "./outcome.ts";
import { createGate } from "./testing/gate.ts";
import { anyService } from "./testing/services.ts";
import { settle } from "./testing/test-clock.ts";
import { startTestNode } from "./testing/test-node.ts";

const [A, B] = [anyService("a"), anyService("b")];

type Handle = (request: unknown, context: Context) => unknown;

function one(service: typeof A, call: Handle, options: ComponentOptions = {}): Component {
  return defineComponent(service, () => ({ call }), options);
}

const idOf = (node: Node, component: string, slot = 0): string =>
  node.components().find(({ name }) => name === component)?.instances[slot]?.id ?? assert.fail(`no ${component}`);

async function errorOf(call: Promise<unknown>): Promise<OrreryError> {
  const outcome = await outcomeOf(call);
  return outcome.kind === "reply" ? assert.fail(`replied ${JSON.stringify(outcome.value)}`) : outcome.error;
}

/** A handler that tells its caller, as its own reply, how its call ended. */
const telling =
  (next: typeof A): Handle =>
  async (request, context) => {
    const outcome = await outcomeOf(context.client(next).call(request));
    return outcome.kind === "reply" ? outcome.value : { reason: outcome.error.reason, text: outcome.error.message };
  };

test("pickInstance refuses a call of an instance to itself at once, with the chain", async () => {
  const { node, clock } = await startTestNode([one(A, telling(A))]);
  const id = idOf(node, "a");
  assert.deepEqual(await node.client(A).call(1), {
    reason: "call_cycle",
    text: `Cannot call "a.call": the call comes back to an instance that waits for it, ${id} > ${id}`,
  });
  assert.equal(clock.monotonic(), 1000);
  await node.stop();
});

test("pickInstance refuses a call that comes back over another component, with the chain", async () => {
  const { node } = await startTestNode([one(A, telling(B)), one(B, telling(A))]);
  const [a, b] = [idOf(node, "a"), idOf(node, "b")];
  assert.deepEqual(await node.client(A).call(1), {
    reason: "call_cycle",
    text: `Cannot call "a.call": the call comes back to an instance that waits for it, ${a} > ${b} > ${a}`,
  });
  await node.stop();
});

test("pickInstance refuses a call that comes back over another node", async () => {
  const hub = createMemoryHub();
  const directory = createTableDirectory({ a: ["memory://one"], b: ["memory://two"] });
  const bodies = "bytes";
  const first = await startTestNode([one(A, telling(B))], {
    name: "one",
    directory,
    listen: ["memory://one"],
    transports: [hub.transport({ bodies })],
  });
  const second = await startTestNode([one(B, telling(A))], {
    name: "two",
    directory,
    listen: ["memory://two"],
    transports: [hub.transport({ bodies })],
    seed: 2,
  });
  const [a, b] = [idOf(first.node, "a"), idOf(second.node, "b")];
  assert.deepEqual(await first.node.client(A).call(1), {
    reason: "call_cycle",
    text: `Cannot call "a.call": the call comes back to an instance that waits for it, ${a} > ${b} > ${a}`,
  });
  await first.node.stop();
  await second.node.stop();
});

test("pickInstance prefers an instance that does not wait for the call", async () => {
  const seen: string[] = [];
  const component = one(
    A,
    async (depth, context) => {
      seen.push(context.instance);
      return depth === 0 ? "end" : context.client(A).call((depth as number) - 1);
    },
    { instances: 3 },
  );
  const { node } = await startTestNode([component]);
  assert.equal(await node.client(A).call(2), "end");
  assert.equal(new Set(seen).size, 3);
  const error = await errorOf(node.client(A).call(3));
  assert.equal(error.kind, "error"); // The handler's own failure, as its caller sees it.
  assert.match(error.message, /^Cannot finish "a.call": Cannot call "a.call": the call comes back/);
  await node.stop();
});

test("pickInstance sees no cycle in a one-way message that comes back", async () => {
  const Post = defineService("post", {
    start: { request: json<number>(), reply: json<string>() },
    back: { mode: "async", request: json<number>() },
  });
  const seen: number[] = [];
  const post = defineComponent(Post, () => ({
    start: async (_, context) => {
      await context.send(Post).back(1).accepted;
      return "accepted";
    },
    back: (request) => void seen.push(request),
  }));
  const { node } = await startTestNode([post]);
  assert.equal(await node.client(Post).start(1), "accepted");
  await settle();
  assert.deepEqual(seen, [1]);
  await node.stop();
});

test("pickInstance sees a cycle that begins with the handler of a one-way message", async () => {
  const Post = defineService("post", {
    begin: { mode: "async", request: json<number>() },
    ask: { request: json<number>(), reply: json<number>() },
  });
  const outcomes: unknown[] = [];
  const post = defineComponent(Post, () => ({
    begin: async (_, context) => {
      const outcome = await outcomeOf(context.client(Post).ask(1));
      outcomes.push(outcome.kind === "reply" ? outcome.value : outcome.error.reason);
    },
    ask: (request) => request,
  }));
  const { node } = await startTestNode([post]);
  await node.send(Post).begin(1).accepted;
  await settle();
  assert.deepEqual(outcomes, ["call_cycle"]);
  await node.stop();
});

test("pickInstance lets the own chain in beside the waiting handler of a component that is reentrant, and nobody else", async () => {
  const seen: unknown[] = [];
  const gate = createGate();
  const a = one(
    A,
    async (request, context) => {
      seen.push(`begin ${request}`);
      if (request === "outer") await context.client(B).call("through");
      if (request === "inner") await gate.passed;
      seen.push(`end ${request}`);
      return request;
    },
    { reentrant: "flow" },
  );
  const b = one(B, (_, context) => context.client(A).call("inner"));
  const { node } = await startTestNode([a, b]);
  const outer = node.client(A).call("outer");
  const stranger = node.client(A).call("stranger");
  await settle();
  assert.deepEqual(seen, ["begin outer", "begin inner"]);
  gate.open();
  await Promise.all([outer, stranger]);
  assert.deepEqual(seen, ["begin outer", "begin inner", "end inner", "end outer", "begin stranger", "end stranger"]);
  await node.stop();
});

test("pickInstance lets a chain of one-way beginning in beside, too", async () => {
  const Post = defineService("post", {
    begin: { mode: "async", request: json<number>() },
    ask: { request: json<number>(), reply: json<number>() },
  });
  const replies: number[] = [];
  const post = defineComponent(
    Post,
    () => ({
      begin: async (_, context) => void replies.push(await context.client(Post).ask(1)),
      ask: (request) => request + 1,
    }),
    { reentrant: "flow" },
  );
  const { node } = await startTestNode([post]);
  await node.send(Post).begin(1).accepted;
  await settle();
  assert.deepEqual(replies, [2]);
  await node.stop();
});

test("pickInstance makes a chain wait its turn at a reentrant instance that has left the chain", async () => {
  const back = createGate();
  const hold = createGate();
  const seen: string[] = [];
  const a = one(
    A,
    async (request, context) => {
      seen.push(`begin ${request}`);
      if (request === "outer")
        void context
          .client(B)
          .call("through")
          .catch(() => undefined); // Does not wait for it.
      if (request === "other") await hold.passed;
      seen.push(`end ${request}`);
      return request;
    },
    { reentrant: "flow" },
  );
  const b = one(B, async (_, context) => {
    await back.passed;
    return context.client(A).call("inner");
  });
  const c = one(anyService("c"), (request, context) => context.client(A).call(request));
  const { node } = await startTestNode([a, b, c]);
  await node.client(anyService("c")).call("outer");
  const busy = node.client(A).call("other");
  back.open();
  await settle();
  assert.deepEqual(seen, ["begin outer", "end outer", "begin other"]);
  hold.open();
  await busy;
  await settle();
  assert.deepEqual(seen.slice(3), ["end other", "begin inner", "end inner"]);
  await node.stop();
});

test("pickInstance bounds what a chain may bring in beside the waiting handler", async () => {
  const gate = createGate();
  const a = one(
    A,
    async (request, context) => {
      if (request === "inner") {
        await gate.passed;
        return "inner";
      }
      const calls = [1, 2, 3, 4].map(() => outcomeOf(context.client(B).call("inner")));
      await settle();
      gate.open();
      const outcomes = await Promise.all(calls);
      return outcomes.map((outcome) => (outcome.kind === "reply" ? outcome.value : outcome.error.message));
    },
    { reentrant: "flow", inboxMessagesMax: 3 },
  );
  const b = one(B, (request, context) => context.client(A).call(request), { instances: 4 });
  const { node } = await startTestNode([a, b]);
  const id = idOf(node, "a");
  assert.deepEqual(await node.client(A).call("outer"), [
    "inner",
    "inner",
    `Cannot finish "b.call": Cannot accept "a.call": 3 messages run at "${id}" already`,
    `Cannot finish "b.call": Cannot accept "a.call": 3 messages run at "${id}" already`,
  ]);
  await node.stop();
});

test("pickInstance lets a chain of calls be as deep as the limit, and refuses one past it", async () => {
  const deep = (length: number) => {
    const services = Array.from({ length }, (_, at) => anyService(`s${at}`));
    return {
      first: services[0] as typeof A,
      components: services.map((service, at) =>
        one(service, async (request, context) => {
          const next = services[at + 1];
          if (next === undefined) return "bottom";
          const outcome = await outcomeOf(context.client(next).call(request));
          return outcome.kind === "reply" ? outcome.value : `${outcome.error.reason}: ${outcome.error.message}`;
        }),
      ),
    };
  };
  const fits = deep(CALL_DEPTH_MAX);
  const first = await startTestNode(fits.components);
  assert.equal(await first.node.client(fits.first).call(1), "bottom");
  await first.node.stop();
  const past = deep(CALL_DEPTH_MAX + 1);
  const second = await startTestNode(past.components);
  assert.equal(
    await second.node.client(past.first).call(1),
    'call_too_deep: Cannot call "s32.call": the chain of calls has 32 instances, the limit is 32',
  );
  await second.node.stop();
});

test("pickInstance gives a message to the instance with the least to do", async () => {
  const gate = createGate();
  const served: string[] = [];
  const component = one(
    A,
    async (_, context) => {
      served.push(context.instance);
      await gate.passed;
    },
    { instances: 3 },
  );
  const { node } = await startTestNode([component]);
  const calls = [1, 2, 3, 4, 5, 6].map((request) => node.client(A).call(request));
  assert.deepEqual(
    node.components()[0]?.instances.map(({ waiting }) => waiting),
    [1, 1, 1],
  );
  gate.open();
  await Promise.all(calls);
  assert.equal(new Set(served.slice(0, 3)).size, 3);
  await node.stop();
});

test("pickInstance gives messages of one key to one instance, and spreads keys", async () => {
  const component = one(A, (_, context) => context.instance, { instances: 4 });
  const { node } = await startTestNode([component]);
  const byKey = new Map<string, Set<unknown>>();
  for (let round = 0; round < 3; round++) {
    for (let key = 0; key < 40; key++) {
      const shardKey = `customer-${key}`;
      const instance = await node.client(A).call(1, { shardKey });
      byKey.set(shardKey, (byKey.get(shardKey) ?? new Set()).add(instance));
    }
  }
  assert.ok([...byKey.values()].every((instances) => instances.size === 1));
  assert.equal(new Set([...byKey.values()].flatMap((instances) => [...instances])).size, 4);
  await node.stop();
});

test("pickInstance gives a message to the instance that it names, and refuses one that is not here", async () => {
  const component = one(A, (_, context) => context.instance, { instances: 3 });
  const { node } = await startTestNode([component]);
  const instance = idOf(node, "a", 2);
  assert.equal(await node.client(A).call(1, { instance }), instance);
  const error = await errorOf(node.client(A).call(1, { instance: "a.0-gone" }));
  assert.deepEqual(
    [error.reason, error.message],
    ["no_such_instance", 'Cannot call instance "a.0-gone" of "a": it is not here, it may have restarted'],
  );
  await node.stop();
});

const Feed = defineService("feed", {
  watch: { mode: "stream", request: json<string>(), reply: json<string>() },
  ask: { request: json<string>(), reply: json<string>() },
});
const Through = defineService("through", { ask: { request: json<string>(), reply: json<string>() } });

/** A component whose streams run beside its other messages, and ask another component, which asks back. */
function besideWorld(ask: (request: string, context: Context) => string | Promise<string>) {
  const feed = defineComponent(
    Feed,
    () => ({
      async *watch(request, context) {
        yield await context.client(Through).ask(request);
      },
      ask,
    }),
    { streams: "beside" },
  );
  const through = defineComponent(Through, () => ({
    ask: (request, context) => context.client(Feed).ask(request),
  }));
  return startTestNode([feed, through]);
}

test("pickInstance lets a call of a stream beside come back, for it keeps nobody waiting", async () => {
  const { node } = await besideWorld((request) => `re: ${request}`);
  assert.deepEqual(await node.client(Feed).watch("a").next(), { done: false, value: "re: a" });
  await node.stop();
});

test("pickInstance makes a call of a stream beside wait its turn when it comes back", async () => {
  const gate = createGate();
  const seen: string[] = [];
  const { node } = await besideWorld(async (request) => {
    seen.push(`begin ${request}`);
    if (request === "busy") await gate.passed;
    seen.push(`end ${request}`);
    return request;
  });
  const busy = node.client(Feed).ask("busy");
  const next = node.client(Feed).watch("back").next();
  await settle();
  assert.deepEqual(seen, ["begin busy"]);
  gate.open();
  await busy;
  assert.deepEqual(await next, { done: false, value: "back" });
  assert.deepEqual(seen, ["begin busy", "end busy", "begin back", "end back"]);
  await node.stop();
});

test("pickInstance refuses a call that waits for itself while streams run beside", async () => {
  const { node } = await besideWorld(async (request, context) => {
    if (request === "again") return context.client(Through).ask("back");
    return request;
  });
  const quiet = node.client(Feed).watch("quiet");
  await quiet.next();
  const error = await errorOf(node.client(Feed).ask("again"));
  assert.match(error.message, /the call comes back to an instance that waits for it/);
  const fromStream = await errorOf(node.client(Feed).watch("again").next());
  assert.match(fromStream.message, /the call comes back to an instance that waits for it/);
  await quiet.return();
  await node.stop();
});
