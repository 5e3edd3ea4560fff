import assert from "node:assert/strict";
import { test } from "node:test";
import { type Component, type ComponentOptions, defineComponent } from "./component.ts";
import type { Context } from "./context.ts";
import { defineService } from "./contract-schema.ts";
import { createTableDirectory } from "./directory.ts";
import { json } from "./json-body.ts";
import { HOOK_TIMEOUT_MS } from "./limits.ts";
import { createMemoryHub } from "./memory-transport.ts";
import { createClient, createNode } from "./node.ts";
import { OrreryError } from "./orrery-error.ts";
import { outcomeOf } from "./outcome.ts";
import { createGate } from "./testing/gate.ts";
import { Any, anyService, Shop } from "./testing/services.ts";
import { createTestClock, settle } from "./testing/test-clock.ts";
import { startTestNode } from "./testing/test-node.ts";

type Handle = (request: unknown, context: Context) => unknown;

function one(name: string, call: Handle, options: ComponentOptions = {}): Component {
  return defineComponent(anyService(name), () => ({ call }), options);
}

const summary = async (call: Promise<unknown>): Promise<string> => {
  const outcome = await outcomeOf(call);
  return outcome.kind === "reply" ? "reply" : `${outcome.error.reason} ${outcome.definite}`;
};

test("createContainer finishes what was accepted before it stops, and refuses what comes after", async () => {
  const gate = createGate();
  const { node } = await startTestNode([one("a", async (request) => gate.passed.then(() => request))]);
  const client = node.client(anyService("a"));
  const accepted = [1, 2, 3].map((request) => client.call(request));
  const stopped = node.stop();
  const late = await outcomeOf(client.call(4));
  const error = late.kind === "reply" ? assert.fail("replied") : late.error;
  assert.deepEqual(
    [error.reason, error.definite, error.message, error.where],
    ["draining", true, 'Cannot accept "a.call": node "here" is shutting down', "here"],
  );
  gate.open();
  assert.deepEqual(await Promise.all(accepted), [1, 2, 3]);
  await stopped;
});

test("createContainer lets in what its accepted messages lead to while it drains", async () => {
  const gate = createGate();
  const seen: unknown[] = [];
  const a = one("a", async (request, context) => {
    await gate.passed;
    await context.send(Shop).note({ text: "from a" }).accepted;
    return context.client(anyService("b")).call(request);
  });
  const b = one("b", (request) => request);
  const shop = defineComponent(Shop, () => ({
    buy: () => ({ total: 0 }),
    note: async ({ text }) => {
      await settle();
      seen.push(text);
    },
    async *watch() {},
    close: () => undefined,
  }));
  const { node } = await startTestNode([a, b, shop]);
  const call = node.client(anyService("a")).call("through");
  const stopped = node.stop();
  await settle();
  gate.open();
  assert.equal(await call, "through");
  await stopped;
  assert.deepEqual(seen, ["from a"]);
});

test("createContainer lets a chain back in that went out over another node while it drains", async () => {
  const hub = createMemoryHub();
  const gate = createGate();
  const directory = createTableDirectory({ b: ["memory://two"], c: ["memory://one"] });
  const one1 = await startTestNode(
    [
      one("a", async (request, context) => {
        await gate.passed;
        return context.client(anyService("b")).call(request);
      }),
      one("c", (request) => request),
    ],
    { name: "one", directory, listen: ["memory://one"], transports: [hub.transport()] },
  );
  const two = await startTestNode([one("b", (request, context) => context.client(anyService("c")).call(request))], {
    name: "two",
    directory,
    listen: ["memory://two"],
    transports: [hub.transport()],
  });
  const call = one1.node.client(anyService("a")).call("round");
  const stopped = one1.node.stop();
  await settle();
  assert.equal(await summary(two.node.client(anyService("c")).call(1)), "draining true");
  gate.open();
  assert.equal(await call, "round");
  await stopped;
  await two.node.stop();
});

test("createContainer ends no call indefinitely when it stops under load", async () => {
  const hub = createMemoryHub();
  const clock = createTestClock();
  const directory = createTableDirectory({ a: ["memory://here"] });
  const a = one("a", async (request) => clock.sleep(5).then(() => request), { instances: 4, inboxMessagesMax: 50 });
  const { node } = await startTestNode([a], {
    clock,
    listen: ["memory://here"],
    transports: [hub.transport({ clock })],
  });
  const client = createClient({ clock, directory, transports: [hub.transport({ clock })] });
  const ends: Promise<string>[] = [];
  for (let wave = 0; wave < 40; wave++) {
    for (let i = 0; i < 10; i++) ends.push(summary(client.client(anyService("a")).call(i)));
    if (wave === 20) void node.stop();
    await clock.advance(3);
  }
  await clock.advance(60_000);
  const counts = Map.groupBy(await Promise.all(ends), (end) => end);
  const kinds = [...counts.keys()].toSorted();
  assert.ok(
    kinds.every((kind) => kind === "reply" || kind.endsWith("true")),
    kinds.join(", "),
  );
  assert.ok((counts.get("reply")?.length ?? 0) >= 200, "few were answered");
  assert.ok(counts.has("draining true"));
  await client.stop();
});

test("createContainer gives every pending call an outcome when it is stopped by force", async () => {
  const hub = createMemoryHub();
  const clock = createTestClock();
  const Hang = defineService("hang", {
    ask: { request: json<number>(), reply: json<number>() },
    list: { mode: "stream", request: json<number>(), reply: json<number>() },
    tell: { mode: "async", request: json<number>() },
  });
  const hang = defineComponent(
    Hang,
    () => ({
      ask: () => new Promise<number>(() => undefined),
      async *list(request) {
        yield request;
        await new Promise(() => undefined);
      },
      tell: () => undefined,
    }),
    { streams: "beside" },
  );
  const { node, lines } = await startTestNode([hang], {
    clock,
    listen: ["memory://here"],
    transports: [hub.transport({ clock })],
  });
  const directory = createTableDirectory({ hang: ["memory://here"] });
  const client = createClient({ clock, directory, transports: [hub.transport({ clock })] });
  const stream = client.client(Hang).list(1);
  assert.deepEqual(await stream.next(), { done: false, value: 1 });
  const running = summary(client.client(Hang).ask(1));
  const waiting = summary(client.client(Hang).ask(2));
  await client.send(Hang).tell(3).accepted;
  const next = summary(stream.next());
  const stopped = node.stop({ timeoutMs: 0 });
  await clock.advance(0);
  await stopped;
  assert.deepEqual(await Promise.all([running, waiting, next]), ["stopped false", "draining true", "stopped false"]);
  const lost = lines.filter(({ text }) => text === "accepted messages lost");
  assert.deepEqual(
    lost.map(({ fields }) => fields["count"]),
    [1],
  );
  await client.stop();
  assert.equal(clock.timers, 0);
});

test("createContainer waits for what it accepted as long as it is told, then says why it ended it", async () => {
  const clock = createTestClock();
  const { node } = await startTestNode([one("a", () => new Promise(() => undefined))], { clock });
  const calls = [1, 2].map((request) => outcomeOf(node.client(anyService("a")).call(request)));
  const id = node.components()[0]?.instances[0]?.id;
  const stopped = node.stop({ timeoutMs: 500 });
  await clock.advance(499);
  assert.equal(node.components()[0]?.instances[0]?.state, "draining");
  await clock.advance(1);
  await stopped;
  const text = `Cannot finish at "${id}": it stopped after draining for 500 ms`;
  assert.deepEqual(
    (await Promise.all(calls)).map((end) => (end.kind === "reply" ? "reply" : [end.error.reason, end.error.message])),
    [
      ["stopped", text],
      ["draining", text],
    ],
  );
  assert.equal(clock.timers, 0);
});

test("createContainer tells all that is missing at once, of every component, and starts nothing", async () => {
  const started: string[] = [];
  const make = (name: string, requires: ComponentOptions["requires"] & object) =>
    defineComponent(
      anyService(name),
      (instance) => {
        started.push(instance.component);
        return { call: (request) => request };
      },
      { requires },
    );
  const clock = createTestClock();
  const components = [
    make("one", [
      { name: "API_KEY", check: () => "it is not set, set it to your key" },
      { name: "disk", check: async () => undefined },
      { name: "config", check: () => Promise.reject(new Error("file not found")) },
    ]),
    make("two", [
      { name: "database", check: () => new Promise(() => undefined) },
      {
        name: "clock",
        check: () => {
          throw new Error("broken");
        },
      },
    ]),
    make("three", [{ name: "fine", check: () => undefined }]),
  ];
  const node = createNode({ components, clock });
  const refused = assert.rejects(
    node.start(),
    new OrreryError(
      "failed_precondition",
      'Cannot start component "one": API_KEY: it is not set, set it to your key; config: its check failed, file not found; component "two": database: its check took longer than 10000 ms; clock: its check failed, broken',
      {
        details: {
          missing: [
            "API_KEY: it is not set, set it to your key",
            "config: its check failed, file not found",
            "database: its check took longer than 10000 ms",
            "clock: its check failed, broken",
          ],
        },
      },
    ),
  );
  await clock.advance(HOOK_TIMEOUT_MS);
  await refused;
  assert.deepEqual(started, []);
  assert.equal(clock.timers, 0);
});

test("createContainer refuses two components of one name", () => {
  const text = 'Cannot run component "a" twice in node "here": set its option "instances" for more copies';
  const components = [one("a", (request) => request), one("a", (request) => request)];
  assert.throws(() => createNode({ name: "here", components }), new OrreryError("already_exists", text));
});

test("createContainer refuses what is no component", () => {
  const text = 'Cannot run a component in node "here": got undefined, pass what defineComponent gives';
  assert.throws(
    () => createNode({ name: "here", components: [undefined as never] }),
    new OrreryError("invalid_argument", text),
  );
});

test("createContainer gives a broadcast to every instance, each its own copy", async () => {
  for (const local of ["copy", "encode"] as const) {
    const got: { why: string }[] = [];
    const shop = defineComponent(
      Shop,
      (instance) => ({
        buy: () => ({ total: 0 }),
        note: () => undefined,
        async *watch() {},
        close: (request) => {
          got.push(request);
          request.why += ` at ${instance.incarnation}`;
        },
      }),
      { instances: 3 },
    );
    const { node } = await startTestNode([shop], { local });
    node.publish(Shop).close({ why: "night" });
    await settle();
    assert.deepEqual(got.map(({ why }) => why).toSorted(), ["night at 1", "night at 2", "night at 3"]);
    await node.stop();
  }
});

test("createContainer shows its components and where their instances stand", async () => {
  const { node } = await startTestNode([one("a", (request) => request, { version: "1.0.0", instances: 2 })]);
  const [view, ...others] = node.components();
  assert.deepEqual([view?.name, view?.version, others.length], ["a", "1.0.0", 0]);
  assert.deepEqual(
    view?.instances.map(({ state, waiting, reason, incarnation }) => ({ state, waiting, reason, incarnation })),
    [1, 2].map((incarnation) => ({ state: "ready", waiting: 0, reason: "", incarnation })),
  );
  await node.stop();
  assert.deepEqual(
    node.components()[0]?.instances.map(({ state }) => state),
    ["stopped", "stopped"],
  );
});

test("createContainer cancels what a message asked of others when the message is given up", async () => {
  const seen: string[] = [];
  const a = one("a", async (request, context) => {
    const end = await summary(context.client(anyService("b")).call(request));
    seen.push(`a: ${end}`);
    seen.push(`then: ${await summary(context.client(anyService("b")).call(request))}`);
  });
  const b = one("b", async (_, { signal }) => {
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    seen.push(`b: ${(signal.reason as OrreryError).reason}`);
  });
  const { node } = await startTestNode([a, b]);
  const give = new AbortController();
  const call = summary(node.client(anyService("a")).call(1, { signal: give.signal }));
  await settle();
  give.abort();
  assert.equal(await call, "cancelled false");
  await settle();
  assert.deepEqual(seen.toSorted(), ["a: cancelled false", "b: cancelled", "then: withdrawn true"]);
  await node.stop();
});

test("createContainer gives up what came over a connection that is lost, but not what it has accepted for good", async () => {
  const hub = createMemoryHub();
  const clock = createTestClock();
  const seen: string[] = [];
  const gate = createGate();
  const shop = defineComponent(Shop, () => ({
    buy: async ({ item }, { signal }) => {
      await gate.passed;
      seen.push(`${item}: ${signal.aborted}`);
      return { total: 1 };
    },
    note: ({ text }) => void seen.push(text),
    async *watch() {},
    close: () => undefined,
  }));
  const { node } = await startTestNode([shop], {
    clock,
    listen: ["memory://here"],
    transports: [hub.transport({ clock })],
  });
  const directory = createTableDirectory({ shop: ["memory://here"] });
  const client = createClient({ clock, directory, transports: [hub.transport({ clock })] });
  const calls = ["first", "second"].map((item) => summary(client.client(Shop).buy({ item })));
  await client.send(Shop).note({ text: "noted" }).accepted;
  hub.sever("memory://here");
  assert.deepEqual(await Promise.all(calls), ["connection_lost false", "connection_lost false"]);
  gate.open();
  await settle();
  assert.deepEqual(seen, ["first: true", "noted"]);
  await client.stop();
  await node.stop();
});

test("createContainer reduces the budget at each hop, and lets none go past the first", async () => {
  const clock = createTestClock();
  const budgets: number[] = [];
  const hop = (name: string, next: string | undefined, timeoutMs: number) =>
    one(name, async (request, context) => {
      budgets.push(context.deadline - clock.monotonic());
      await clock.sleep(10);
      return next === undefined ? "end" : context.client(anyService(next)).call(request, { timeoutMs });
    });
  const components = [hop("a", "b", 50_000), hop("b", "c", 30), hop("c", "d", 1000), hop("d", undefined, 1)];
  const { node } = await startTestNode(components, { clock });
  const call = node.client(anyService("a")).call(1, { timeoutMs: 100 });
  await clock.advance(100);
  assert.equal(await call, "end");
  assert.deepEqual(budgets, [100, 90, 30, 20]);
  await node.stop();
});

test("createContainer refuses at once what is asked for after the time of its message is over", async () => {
  const ends: string[] = [];
  const clock = createTestClock();
  const a = one("a", async (_, context) => {
    await clock.sleep(100);
    ends.push(await summary(context.client(Any).call(1)));
    ends.push(await summary(context.send(Shop).note({ text: "late" }).accepted));
  });
  const { node } = await startTestNode([a], { clock });
  const call = summary(node.client(anyService("a")).call(1, { timeoutMs: 50 }));
  await clock.advance(200);
  assert.equal(await call, "timeout false");
  assert.deepEqual(ends, ["expired true", "expired true"]);
  await node.stop();
});
