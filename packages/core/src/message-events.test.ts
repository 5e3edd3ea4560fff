import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "./clock.ts";
import { defineComponent } from "./component.ts";
import type { Service } from "./contract.ts";
import { defineService } from "./contract-schema.ts";
import { createTableDirectory } from "./directory.ts";
import { json } from "./json-body.ts";
import { createMemoryHub } from "./memory-transport.ts";
import type { MessageEvent } from "./message-events.ts";
import { createNode, type NodeOptions } from "./node.ts";
import { OrreryError } from "./orrery-error.ts";
import { outcomeOf } from "./outcome.ts";
import { anyService, Shop } from "./testing/services.ts";
import { createTestClock, settle } from "./testing/test-clock.ts";
import { startTestNode } from "./testing/test-node.ts";
import { isControl, type Transport } from "./transport.ts";

/** `method:kind outcome` of each event, in order. */
function told(events: readonly MessageEvent[]): string[] {
  return events.map(({ method, kind, outcome }) => `${method}:${kind}${outcome === undefined ? "" : ` ${outcome}`}`);
}

type Shopping = Parameters<typeof defineComponent<typeof Shop>>[1];

async function watched(shop: Shopping, options: Parameters<typeof startTestNode>[1] = {}) {
  const events: MessageEvent[] = [];
  const onMessage = (event: MessageEvent) => events.push(event);
  const made = await startTestNode([defineComponent(Shop, shop)], { onMessage, ...options });
  return { ...made, events };
}

const goodShop = () => ({
  buy: async () => ({ total: 1 }),
  note: async () => undefined,
  async *watch({ upTo }: { upTo: number }) {
    for (let at = 1; at <= upTo; at++) yield { at };
  },
  close: async () => undefined,
});

const modes: Readonly<
  Record<string, { act(node: Awaited<ReturnType<typeof watched>>["node"]): Promise<unknown>; told: readonly string[] }>
> = {
  call: {
    act: (node) => node.client(Shop).buy({ item: "x" }),
    told: [
      "buy:queued",
      "buy:sent",
      "buy:received",
      "buy:started",
      "buy:ended reply",
      "buy:replied reply",
      "buy:returned reply",
    ],
  },
  "one-way message": {
    act: (node) => node.send(Shop).note({ text: "x" }).accepted,
    told: [
      "note:queued",
      "note:sent",
      "note:received",
      "note:replied reply",
      "note:returned reply",
      "note:started",
      "note:ended reply",
    ],
  },
  broadcast: {
    act: async (node) => node.publish(Shop).close({ why: "x" }),
    told: ["close:queued", "close:sent", "close:received", "close:started", "close:ended reply"],
  },
  stream: {
    act: async (node) => {
      for await (const _ of node.client(Shop).watch({ upTo: 3 }));
    },
    told: [
      "watch:queued",
      "watch:sent",
      "watch:received",
      "watch:started",
      "watch:ended reply",
      "watch:replied reply",
      "watch:returned reply",
    ],
  },
};

for (const [mode, { act, told: expected }] of Object.entries(modes)) {
  for (const local of ["copy", "encode"] as const) {
    test(`onMessage is told each moment of a ${mode}, local ${local}`, async () => {
      const { node, events } = await watched(goodShop, { local });
      await act(node);
      await settle();
      assert.deepEqual(told(events), expected);
      const [first] = events;
      for (const { id, node: at, source, component } of events)
        assert.deepEqual([id, at, source.node, component], [first?.id, "here", "here", "shop"]);
    });
  }
}

const failures: readonly (readonly [what: string, thrown: unknown, outcome: string])[] = [
  ["declares an error", new OrreryError("not_found", "No such item"), "error"],
  ["has a defect", new TypeError("x is undefined"), "defect"],
];

for (const [what, thrown, outcome] of failures) {
  test(`onMessage is told how it went when a handler ${what}`, async () => {
    const buy = () => Promise.reject(thrown);
    const { node, events } = await watched(() => ({ ...goodShop(), buy }));
    await outcomeOf(node.client(Shop).buy({ item: "x" }));
    assert.deepEqual(told(events).slice(-3), [
      `buy:ended ${outcome}`,
      `buy:replied ${outcome}`,
      `buy:returned ${outcome}`,
    ]);
  });
}

test("onMessage is told of a timeout when it comes, and of the handler's end later", async () => {
  const { node, events, clock } = await watched(() => ({
    ...goodShop(),
    async buy(_, context) {
      await context.clock.sleep(200);
      return { total: 1 };
    },
  }));
  const call = outcomeOf(node.client(Shop).buy({ item: "x" }, { timeoutMs: 100 }));
  await clock.advance(300);
  assert.equal((await call).kind, "timeout");
  const late = events.slice(-3).map(({ kind, atMs, outcome }) => [kind, atMs >= 1200, outcome]);
  assert.deepEqual(late, [
    ["returned", false, "timeout"],
    ["ended", true, "reply"],
    ["replied", true, "reply"],
  ]);
});

test("onMessage is told of a message that none takes", async () => {
  const { node, events } = await watched(goodShop);
  await outcomeOf(node.client(Shop).buy({ item: "x" }, { version: "9.9.9" }));
  assert.deepEqual(told(events), ["buy:queued", "buy:sent", "buy:received", "buy:returned bounced"]);
  assert.equal(events[2]?.instance, "");
});

test("onMessage is told what its sender gets when the reply does not fit the contract", async () => {
  const { node, events } = await watched(() => ({ ...goodShop(), buy: async () => ({ total: "much" }) as never }));
  const outcome = await outcomeOf(node.client(Shop).buy({ item: "x" }));
  assert.deepEqual(events.at(-1)?.outcome, outcome.kind);
  assert.notEqual(outcome.kind, "reply");
});

test("onMessage decides nothing: one that throws is logged", async () => {
  const onMessage = () => {
    throw new Error("full disk");
  };
  const { node, lines } = await watched(goodShop, { onMessage });
  assert.deepEqual(await node.client(Shop).buy({ item: "x" }), { total: 1 });
  assert.deepEqual([lines[0]?.text, lines[0]?.fields["error"]], ["onMessage failed", "full disk"]);
});

/** A transport whose messages are under way for some time before they leave. */
function slowed(transport: Transport, clock: Clock, delayMs: number): Transport {
  return {
    scheme: transport.scheme,
    carriesValues: transport.carriesValues,
    listen: (address) => transport.listen(address),
    connect: (address) => transport.connect(address),
    close: () => transport.close(),
    onMessage: (listener) => transport.onMessage(listener),
    onLink: (listener) => transport.onLink(listener),
    send(link, message) {
      if (isControl(message)) return transport.send(link, message);
      clock.timer(delayMs, () => transport.send(link, message));
      return "accepted";
    },
  };
}

/** A component that works for some time, then asks the next one. */
function hop(service: ReturnType<typeof anyService>, workMs: number, next: Service | undefined) {
  return defineComponent(service, () => ({
    async call(request, context) {
      await context.clock.sleep(workMs);
      if (next === undefined) return request;
      return context.client(next as typeof service).call(request);
    },
  }));
}

async function threeHops() {
  const clock = createTestClock();
  const hub = createMemoryHub();
  const events: MessageEvent[] = [];
  const [One, Two, Three] = [anyService("one"), anyService("two"), anyService("three")];
  const directory = createTableDirectory({ one: ["memory://a"], two: ["memory://b"], three: ["memory://c"] });
  const make = (name: string, components: NodeOptions["components"], delayMs: number) =>
    createNode({
      name,
      incarnation: 1,
      components,
      directory,
      clock,
      listen: [`memory://${name}`],
      transports: [slowed(hub.transport({ clock }), clock, delayMs)],
      onMessage: (event) => events.push(event),
    });
  const nodes = [
    make("a", [hop(One, 10, Two)], 3),
    make("b", [hop(Two, 20, Three)], 5),
    make("c", [hop(Three, 40, undefined)], 7),
    make("visitor", [], 2),
  ] as const;
  await Promise.all(nodes.map((node) => node.start()));
  return { clock, events, One, visitor: nodes[3] };
}

test("onMessage gives the legs of three hops, which add up to what the caller measured", async () => {
  const { clock, events, One, visitor } = await threeHops();
  const startMs = clock.monotonic();
  let tookMs = 0;
  const call = visitor
    .client(One)
    .call("x")
    .then(() => {
      tookMs = clock.monotonic() - startMs;
    });
  await clock.advance(1000);
  await call;
  assert.equal(tookMs, 2 + 10 + 3 + 20 + 5 + 40 + 7 + 5 + 3);
  const at = (component: string, kind: string) => {
    const [event, ...more] = events.filter((one) => one.component === component && one.kind === kind);
    assert.deepEqual(more, []);
    return event ?? assert.fail(`no ${kind} of ${component}`);
  };
  const legs: readonly (readonly [string, string])[] = [
    ["queued", "sent"],
    ["sent", "received"],
    ["received", "started"],
  ];
  // Each hop's own share: its way there, its work without what it waited for, its way back.
  const hops = ["one", "two", "three"];
  let sumMs = 0;
  for (const [index, name] of hops.entries()) {
    for (const [from, to] of legs) sumMs += at(name, to).atMs - at(name, from).atMs;
    const inner = hops[index + 1];
    const waitedMs = inner === undefined ? 0 : at(inner, "returned").atMs - at(inner, "queued").atMs;
    sumMs += at(name, "ended").atMs - at(name, "started").atMs - waitedMs;
    sumMs += at(name, "returned").atMs - at(name, "ended").atMs;
  }
  assert.equal(sumMs, tookMs);
});

test("onMessage says which message led to which, and the flow of all", async () => {
  const { clock, events, One, visitor } = await threeHops();
  const flow = visitor.beginFlow("tour");
  const call = visitor.client(One).call("x", { flow });
  await clock.advance(1000);
  await call;
  const queued = events.filter(({ kind }) => kind === "queued");
  assert.deepEqual(
    queued.map(({ node, component }) => `${node}>${component}`),
    ["visitor>one", "a>two", "b>three"],
  );
  assert.equal(queued[0]?.parent, undefined);
  for (const [index, { parent }] of queued.slice(1).entries()) {
    const { id, source } = queued[index] ?? assert.fail();
    assert.deepEqual(parent, { node: source.node, instance: source.instance, incarnation: 1, id });
  }
  for (const event of events) assert.deepEqual([event.flow.id, event.flow.name], [flow.id, "tour"]);
});

test("onMessage gives a message that was sent in no flow one of its own, the same on both sides", async () => {
  const { clock, events, One, visitor } = await threeHops();
  const call = visitor.client(One).call("x");
  await clock.advance(1000);
  await call;
  assert.equal(new Set(events.map(({ flow }) => `${flow.node}/${flow.id}`)).size, 1);
});

test("onMessage is told that a message left when it did, not when it was queued", async () => {
  const clock = createTestClock();
  const hub = createMemoryHub();
  const events: MessageEvent[] = [];
  const Late = defineService("late", { call: { request: json<unknown>(), reply: json<unknown>() } });
  const caller = createNode({
    name: "caller",
    components: [],
    clock,
    transports: [hub.transport({ clock })],
    directory: createTableDirectory({ late: ["memory://late"] }),
    onMessage: (event) => events.push(event),
  });
  const call = caller.client(Late).call("x");
  await clock.advance(500);
  assert.deepEqual(told(events), ["call:queued"]);
  const late = createNode({
    name: "late",
    components: [defineComponent(Late, () => ({ call: async (request) => request }))],
    clock,
    transports: [hub.transport({ clock })],
    listen: ["memory://late"],
  });
  await late.start();
  assert.equal(await call, "x");
  const times = events.map(({ kind, atMs }) => [kind, atMs]);
  assert.deepEqual(times, [
    ["queued", 1000],
    ["sent", 1500],
    ["returned", 1500],
  ]);
});
