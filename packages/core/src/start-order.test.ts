import assert from "node:assert/strict";
import { test } from "node:test";
import { type Component, type ComponentOptions, defineComponent } from "./component.ts";
import { defineService } from "./contract-schema.ts";
import { createTableDirectory } from "./directory.ts";
import type { InstanceHandle } from "./instance-handle.ts";
import { json } from "./json-body.ts";
import { HOOK_TIMEOUT_MS } from "./limits.ts";
import { createMemoryHub } from "./memory-transport.ts";
import { createClient, createNode, type Node } from "./node.ts";
import type { OrreryError } from "./orrery-error.ts";
import { outcomeOf } from "./outcome.ts";
import { createGate } from "./testing/gate.ts";
import { Any, anyService } from "./testing/services.ts";
import { createTestClock, settle } from "./testing/test-clock.ts";
import { startTestNode } from "./testing/test-node.ts";

const [A, B, C, D] = [anyService("a"), anyService("b"), anyService("c"), anyService("d")];

type Start = (instance: InstanceHandle) => unknown;

/** A component that answers with its name and does something before. */
function one(service: typeof A, start: Start = () => undefined, options: ComponentOptions = {}): Component {
  return defineComponent(
    service,
    (instance) => {
      instance.onStart(async () => {
        await start(instance);
      });
      return { call: () => instance.component };
    },
    options,
  );
}

const calling =
  (...services: (typeof A)[]): Start =>
  async (instance) => {
    for (const service of services) await instance.client(service).call(1);
  };

async function errorOf(call: Promise<unknown>): Promise<OrreryError> {
  const outcome = await outcomeOf(call);
  return outcome.kind === "reply" ? assert.fail("replied") : outcome.error;
}

async function reasonOf(call: Promise<unknown>): Promise<string> {
  const outcome = await outcomeOf(call);
  return outcome.kind === "reply" ? "reply" : `${outcome.error.reason} ${outcome.definite}`;
}

async function errorOfStart(node: Node): Promise<OrreryError> {
  try {
    await node.start();
  } catch (error) {
    return error as OrreryError;
  }
  assert.fail("started");
}

function orders<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length === 0) return [[]];
  return items.flatMap((first) => orders(items.filter((item) => item !== first)).map((rest) => [first, ...rest]));
}

test("Node.start ends ready in every order of components that call one another while they start", async () => {
  const components = [one(A, calling(B, C)), one(B, calling(C, D)), one(C, calling(D)), one(D, settle)];
  const all = orders(components);
  assert.equal(all.length, 24);
  for (const order of all) {
    const { node } = await startTestNode(order);
    const states = node.components().flatMap(({ instances }) => instances.map(({ state }) => state));
    assert.deepEqual(states, ["ready", "ready", "ready", "ready"]);
    await node.stop();
  }
});

test("Node.start lets the instances of one component start at once, each able to call another", async () => {
  let first: string | undefined;
  const start: Start = async (instance) => {
    first ??= instance.id;
    if (first === instance.id) await instance.client(A).call(1);
  };
  const { node } = await startTestNode([one(A, start, { instances: 2 })]);
  await node.stop();
});

test("Node.start lets two nodes start that need one another's components", async () => {
  const hub = createMemoryHub();
  const directory = createTableDirectory({
    a: ["memory://1"],
    b: ["memory://1"],
    c: ["memory://2"],
    d: ["memory://2"],
  });
  const make = (name: string, components: Component[]) =>
    startTestNode(components, { name, directory, transports: [hub.transport()], listen: [`memory://${name}`] });
  const nodes = await Promise.all([make("1", [one(A, calling(C)), one(B)]), make("2", [one(C), one(D, calling(B))])]);
  for (const { node } of nodes) await node.stop();
});

test("Node.start lets messages of every kind wait, in order, until their instance is ready", async () => {
  const Log = defineService("log", {
    add: { request: json<string>(), reply: json<string>() },
    note: { mode: "async", request: json<string>() },
    news: { mode: "broadcast", request: json<string>() },
    list: { mode: "stream", request: json<string>(), reply: json<string>() },
  });
  const gate = createGate();
  const seen: string[] = [];
  const log = defineComponent(Log, (instance) => {
    const see = (request: string) => {
      seen.push(request);
      return request;
    };
    instance.onStart(() => gate.passed);
    instance.onReady(() => void see("ready"));
    return {
      add: see,
      note: (request) => void see(request),
      news: (request) => void see(request),
      list: async function* (request) {
        yield see(request);
      },
    };
  });
  const node = createNode({ components: [log] });
  const started = node.start();
  await settle();
  const added = node.client(Log).add("add");
  const ticket = node.send(Log).note("note");
  node.publish(Log).news("news");
  const listed = node.client(Log).list("list").next();
  await settle();
  assert.deepEqual(seen, []);
  assert.equal(ticket.check(), undefined); // Accepted is what will be handled.
  gate.open();
  await started;
  assert.deepEqual([await added, await listed], ["add", { done: false, value: "list" }]);
  await ticket.accepted;
  assert.deepEqual(seen, ["ready", "add", "note", "news", "list"]);
  await node.stop();
});

test("Node.start never runs a call whose time was over, or that was given up, before its instance was ready", async () => {
  const clock = createTestClock();
  const gate = createGate();
  const seen: unknown[] = [];
  const slow = defineComponent(Any, (instance) => {
    instance.onStart(() => gate.passed);
    return { call: (request) => seen.push(request) };
  });
  const node = createNode({ components: [slow], clock });
  const started = node.start();
  await settle();
  const giveUp = new AbortController();
  const ends = [
    reasonOf(node.client(Any).call("late", { timeoutMs: 50 })),
    reasonOf(node.client(Any).call("given up", { signal: giveUp.signal })),
    reasonOf(node.client(Any).call("patient", { timeoutMs: 1000 })),
  ];
  giveUp.abort();
  await clock.advance(100);
  gate.open();
  await started;
  assert.deepEqual(await Promise.all(ends), ["timeout false", "cancelled false", "reply"]);
  assert.deepEqual(seen, ["patient"]);
  await node.stop();
});

test("Node.start bounces what waits for an instance that cannot start, definitely and with the reason", async () => {
  const gate = createGate();
  const failing = one(A, async () => {
    await gate.passed;
    throw new Error("no database");
  });
  const hub = createMemoryHub();
  const node = createNode({ components: [failing], transports: [hub.transport()], listen: ["memory://here"] });
  const far = createClient({
    transports: [hub.transport()],
    directory: createTableDirectory({ a: ["memory://here"] }),
  });
  const refused = assert.rejects(node.start(), new Error("no database"));
  await settle();
  const id = node.components()[0]?.instances[0]?.id;
  const calls = [node, far].map((from) => errorOf(from.client(A).call(1)));
  await settle();
  gate.open();
  await refused;
  for (const { reason, definite, message } of await Promise.all(calls)) {
    assert.deepEqual([reason, definite], ["not_ready", true]);
    assert.equal(message, `Cannot finish at "${id}": it could not start, no database`);
  }
  await far.stop();
});

test("Node.start bounces what an inbox does not hold before its instance is ready", async () => {
  const gate = createGate();
  const node = createNode({ components: [one(A, () => gate.passed, { inboxMessagesMax: 2 })] });
  const started = node.start();
  await settle();
  const ends = [1, 2, 3].map((request) => reasonOf(node.client(A).call(request)));
  gate.open();
  await started;
  assert.deepEqual(await Promise.all(ends), ["reply", "reply", "overloaded true"]);
  await node.stop();
});

test("Node.start refuses a call before it", async () => {
  const node = createNode({ name: "here", components: [one(A)] });
  const { reason, definite, message } = await errorOf(node.client(A).call(1));
  assert.deepEqual([reason, definite], ["not_ready", true]);
  assert.equal(message, 'Cannot call "a.call": node "here" has not been started, call its start() first');
  await node.stop();
});

for (const length of [2, 3]) {
  test(`Node.start refuses at once ${length} components that wait for one another, with the chain`, async () => {
    const services = [A, B, C].slice(0, length);
    const components = services.map((service, at) => one(service, calling(services[(at + 1) % length] ?? A)));
    const clock = createTestClock();
    const node = createNode({ components, clock });
    const error = await errorOfStart(node);
    const ids = node.components().map(({ instances }) => instances[0]?.id);
    assert.equal(error.reason, "call_cycle");
    assert.equal(
      error.message,
      `Cannot call "a.call": the call comes back to an instance that waits for it, ${[...ids, ids[0]].join(" > ")}`,
    );
    assert.deepEqual(error.details, { path: [...ids, ids[0]] });
    assert.equal(clock.monotonic(), 1000);
    assert.equal(clock.timers, 0);
  });
}

test("Node.start refuses at once two components that wait for one another over a third that runs", async () => {
  const through = defineComponent(C, () => ({ call: (request, context) => context.client(B).call(request) }));
  const gate = createGate();
  const late = one(B, async (instance) => {
    await gate.passed;
    await instance.client(A).call(1);
  });
  const node = createNode({ components: [through, one(A, calling(C)), late] });
  const failed = errorOfStart(node);
  await settle();
  gate.open();
  const error = await failed;
  const [c, a, b] = node.components().map(({ instances }) => instances[0]?.id);
  assert.equal(error.reason, "call_cycle");
  assert.deepEqual(error.details, { path: [a, c, b, a] });
});

test("Node.start says what a start hook waited for that took too long", async () => {
  const clock = createTestClock();
  const components = [one(A, calling(B)), one(B, () => new Promise(() => undefined))];
  const node = createNode({ components, clock });
  const failed = errorOfStart(node);
  await settle();
  const [a] = node.components().map(({ instances }) => instances[0]?.id);
  await clock.advance(HOOK_TIMEOUT_MS);
  const error = await failed;
  assert.equal(error.code, "deadline_exceeded");
  const text = `Cannot go on with "${a}": its start hook took longer than 10000 ms and waits for "b.call"`;
  assert.equal(error.message, text);
});

test("Node.start lets what else was starting end before it stops it", async () => {
  const gate = createGate();
  const trace: string[] = [];
  const slow = defineComponent(A, (instance) => {
    instance.onStart(async () => {
      await gate.passed;
      trace.push("started");
    });
    instance.onStop(() => void trace.push("stopped"));
    return { call: (request) => request };
  });
  const failing = one(B, () => Promise.reject(new Error("no database")));
  const refused = assert.rejects(createNode({ components: [slow, failing] }).start(), new Error("no database"));
  await settle();
  gate.open();
  await refused;
  assert.deepEqual(trace, ["started", "stopped"]);
});

test("Node.stop bounces what waits for an instance that is starting", async () => {
  const clock = createTestClock();
  const gate = createGate();
  const node = createNode({ components: [one(A, () => gate.passed)], clock });
  const failed = errorOfStart(node);
  await settle();
  const call = reasonOf(node.client(A).call(1));
  await node.stop();
  assert.equal(await call, "draining true");
  gate.open();
  assert.equal((await failed).code, "aborted");
  assert.equal(clock.monotonic(), 1000);
});
