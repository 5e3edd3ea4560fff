import assert from "node:assert/strict";
import { test } from "node:test";
import { defineComponent } from "./component.ts";
import type { Context } from "./context.ts";
import { defineService } from "./contract-schema.ts";
import { createTableDirectory } from "./directory.ts";
import type { TraceRef } from "./envelope.ts";
import { bytes, json } from "./json-body.ts";
import { createMemoryHub } from "./memory-transport.ts";
import { type ClientNode, createClient, createNode } from "./node.ts";
import { ShopService } from "./testdata/gen/shop/v1/shop_pb.ts";
import { settle } from "./testing/test-clock.ts";

interface Box {
  tags: string[];
  inner: { count: number };
}

const Boxes = defineService("boxes", {
  swap: { request: json<Box>(), reply: json<Box>() },
  keep: { mode: "async", request: json<Box>() },
  list: { mode: "stream", request: json<Box>(), reply: json<Box>() },
  raw: { request: bytes, reply: bytes },
});

/** What the handlers were given and gave, as they were at that moment and as objects that live on. */
interface Seen {
  readonly values: unknown[];
  readonly objects: unknown[];
}

function note(seen: Seen, value: unknown): void {
  seen.values.push(structuredClone(value));
  seen.objects.push(value);
}

/** Components that keep what they are given and give, and write to it when they are told to. */
function components(seen: Seen, spoilers: (() => void)[]) {
  const box = (request: Box): Box => {
    note(seen, request);
    const reply = { tags: ["reply"], inner: { count: 1 } };
    spoilers.push(() => {
      request.tags.push("spoiled by the handler");
      request.inner.count = -1;
      reply.tags.push("spoiled by the handler");
      reply.inner.count = -1;
    });
    return reply;
  };
  const boxes = defineComponent(Boxes, () => ({
    swap: box,
    keep: (request) => void box(request),
    async *list(request) {
      const reply = box(request);
      yield reply;
      spoilers.pop()?.();
      yield { tags: ["second"], inner: { count: 2 } };
    },
    raw: (body) => {
      note(seen, body);
      const reply = new Uint8Array([4, 5, 6]);
      spoilers.push(() => {
        body.fill(0);
        reply.fill(0);
      });
      return reply;
    },
  }));
  const shop = defineComponent(ShopService, () => ({
    buy: (request) => {
      note(seen, request);
      const reply = { total: 1, receipt: new Uint8Array([1, 2]), bought: { tags: ["reply"] } };
      spoilers.push(() => {
        request.tags.push("spoiled by the handler");
        request.photo.fill(0);
        if (request.customer !== undefined) request.customer.name = "spoiled";
        reply.receipt.fill(0);
        reply.bought.tags.push("spoiled by the handler");
      });
      return reply;
    },
    getPrice: () => ({}),
    note: () => undefined,
    async *watch() {},
    close: () => undefined,
  }));
  return [boxes, shop];
}

/** A caller and what stops it, for each way that a message may take within one process. */
const carriers: Readonly<
  Record<string, (parts: ReturnType<typeof components>) => Promise<{ node: ClientNode; stop(): Promise<void> }>>
> = {
  "a local copy": async (parts) => within(parts, "copy"),
  "a local encoding": async (parts) => within(parts, "encode"),
  "the memory transport with values": async (parts) => across(parts, "values"),
  "the memory transport with bytes": async (parts) => across(parts, "bytes"),
};

async function within(parts: ReturnType<typeof components>, local: "copy" | "encode") {
  const node = createNode({ components: parts, local });
  await node.start();
  return { node, stop: () => node.stop() };
}

async function across(parts: ReturnType<typeof components>, bodies: "values" | "bytes") {
  const hub = createMemoryHub();
  const server = createNode({ components: parts, transports: [hub.transport({ bodies })], listen: ["memory://there"] });
  await server.start();
  const there = ["memory://there"];
  const directory = createTableDirectory({ boxes: there, "shop.v1.ShopService": there });
  const node = createClient({ transports: [hub.transport({ bodies })], directory });
  const stop = async () => {
    await node.stop();
    await server.stop();
  };
  return { node, stop };
}

const freshBox = (): Box => ({ tags: ["sent"], inner: { count: 7 } });

for (const [carrier, connect] of Object.entries(carriers)) {
  const setUp = async () => {
    const seen: Seen = { values: [], objects: [] };
    const spoilers: (() => void)[] = [];
    const { node, stop } = await connect(components(seen, spoilers));
    const spoil = () => {
      for (const spoiler of spoilers.splice(0)) spoiler();
    };
    return { seen, spoil, node, stop };
  };

  test(`createNode keeps JSON apart on ${carrier}`, async () => {
    const { seen, spoil, node, stop } = await setUp();
    const request = freshBox();
    const call = node.client(Boxes).swap(request);
    request.tags.push("spoiled by the caller");
    request.inner.count = -2;
    const reply = await call;
    assert.deepEqual(seen.values, [freshBox()]);
    spoil();
    assert.deepEqual(reply, { tags: ["reply"], inner: { count: 1 } });
    assert.deepEqual(request.tags, ["sent", "spoiled by the caller"]);
    reply.tags.push("spoiled by the caller");
    assert.deepEqual((seen.objects[0] as Box).tags, ["sent", "spoiled by the handler"]);
    await stop();
  });

  test(`createNode keeps one-way messages and stream items apart on ${carrier}`, async () => {
    const { seen, spoil, node, stop } = await setUp();
    const noted = freshBox();
    const ticket = node.send(Boxes).keep(noted);
    noted.inner.count = -2;
    await ticket.accepted;
    await settle();
    const opened = freshBox();
    const stream = node.client(Boxes).list(opened);
    const first = stream.next();
    opened.inner.count = -2;
    const { value } = await first;
    await stream.next();
    assert.deepEqual(value, { tags: ["reply"], inner: { count: 1 } });
    assert.deepEqual(seen.values, [freshBox(), freshBox()]);
    spoil();
    assert.deepEqual([noted.tags, opened.tags], [["sent"], ["sent"]]);
    await stream.return?.();
    await stop();
  });

  test(`createNode keeps bytes apart on ${carrier}, also a Node buffer`, async () => {
    const { seen, spoil, node, stop } = await setUp();
    const requests = [new Uint8Array([1, 2, 3]), Buffer.from([1, 2, 3])];
    for (const request of requests) {
      const call = node.client(Boxes).raw(request);
      request[0] = 99;
      const reply = await call;
      assert.deepEqual([...(seen.objects.at(-1) as Uint8Array)], [1, 2, 3]);
      spoil();
      assert.deepEqual([...reply], [4, 5, 6]);
      assert.deepEqual([...request], [99, 2, 3]);
    }
    await stop();
  });

  test(`createNode keeps protobuf messages apart on ${carrier}`, async () => {
    const { seen, spoil, node, stop } = await setUp();
    const request = { item: "pen", photo: Buffer.from([1, 2]), tags: ["sent"], customer: { name: "Ada", number: 5n } };
    const call = node.client(ShopService).buy(request);
    request.photo.fill(9);
    request.tags.push("spoiled by the caller");
    request.customer.name = "spoiled by the caller";
    const reply = await call;
    const [got] = seen.values as [{ photo: Uint8Array; tags: string[]; customer: { name: string } }];
    assert.deepEqual([[...got.photo], got.tags, got.customer.name], [[1, 2], ["sent"], "Ada"]);
    spoil();
    assert.deepEqual([[...reply.receipt], reply.bought?.tags], [[1, 2], ["reply"]]);
    assert.deepEqual([[...request.photo], request.tags.length], [[9, 9], 2]);
    await stop();
  });
}

test("createNode lets no handler write to what surrounds a message", async () => {
  const Spy = defineService("spy", { look: { request: json<number>(), reply: json<unknown>() } });
  const attempts = (context: Context): string[] => {
    const refused: string[] = [];
    for (const [name, write] of Object.entries({
      source: () => Object.assign(context.source, { node: "forged" }),
      flow: () => Object.assign(context.flow, { id: 99 }),
    })) {
      try {
        write();
      } catch {
        refused.push(name);
      }
    }
    context.trace?.traceId.fill(0);
    return refused;
  };
  const spy = defineComponent(Spy, () => ({
    look: async (depth, context) => {
      const refused = attempts(context);
      const traceId = [...(context.trace?.traceId ?? [])];
      const inner = depth === 0 ? undefined : await context.client(Inner).look(0);
      return { refused, traceId, source: context.source.node, inner };
    },
  }));
  const Inner = defineService("inner", { look: { request: json<number>(), reply: json<unknown>() } });
  const inner = defineComponent(Inner, () => ({
    look: (_, context) => ({ refused: attempts(context), flow: context.flow.id, parent: context.source.instance }),
  }));
  const hub = createMemoryHub();
  const server = createNode({
    name: "there",
    components: [spy, inner],
    transports: [hub.transport()],
    listen: ["memory://there"],
  });
  await server.start();
  const directory = createTableDirectory({ spy: ["memory://there"] });
  const node = createClient({ name: "caller", transports: [hub.transport()], directory });
  const trace: TraceRef = {
    traceId: new Uint8Array(16).fill(7),
    spanId: new Uint8Array(8).fill(8),
    flags: 1,
    state: "",
  };
  const flow = node.beginFlow("booking");
  const call = node.client(Spy).look(1, { trace, flow });
  trace.spanId.fill(0);
  const first = (await call) as { refused: string[]; source: string; inner: { refused: string[]; flow: number } };
  assert.deepEqual([first.refused, first.source], [["source", "flow"], "caller"]);
  assert.deepEqual([first.inner.refused, first.inner.flow], [["source", "flow"], flow.id]);
  assert.deepEqual([...trace.traceId], Array(16).fill(7));
  await node.stop();
  await server.stop();
});
