import assert from "node:assert/strict";
import { test } from "node:test";
import { type Context, defineComponent, type Node, type OrreryError } from "./index.ts";
import { ShopService } from "./testdata/gen/shop/v1/shop_pb.ts";
import { Shop } from "./testing/services.ts";
import { startTestNode } from "./testing/test-node.ts";

// The bodies of these functions are only for the type checker: each wrong line must stay an error.
export function protobufTypes(node: Node, context: Context): void {
  const call = node.client(ShopService).buy({ item: "pen", count: 1 });
  const total: Promise<number> = call.then((reply) => reply.total);
  const accepted: Promise<void> = context.send(ShopService).note({ text: "x" }).accepted;
  const sales: AsyncIterable<{ at: number }> = context.client(ShopService).watch({ upTo: 3 });
  const nothing: undefined = context.publish(ShopService).close({ text: "x" }) as undefined;
  // @ts-expect-error `note` is async: it cannot be called.
  node.client(ShopService).note({ text: "x" });
  // @ts-expect-error `close` is a broadcast: it cannot be called.
  node.client(ShopService).close({ text: "x" });
  // @ts-expect-error `buy` is sync: it cannot be sent.
  node.send(ShopService).buy({ item: "pen" });
  // @ts-expect-error `watch` is a stream: it cannot be sent.
  node.send(ShopService).watch({ upTo: 1 });
  // @ts-expect-error `buy` is sync: it cannot be published.
  node.publish(ShopService).buy({ item: "pen" });
  // @ts-expect-error A request has the type that the contract says.
  node.client(ShopService).buy({ item: 1 });
  // @ts-expect-error A request has no other fields.
  node.client(ShopService).buy({ thing: "pen" });
  void [total, accepted, sales, nothing];
}

export function schemaTypes(node: Node): void {
  const total: Promise<number> = node
    .client(Shop)
    .buy({ item: "pen" })
    .then((reply) => reply.total);
  const accepted: Promise<void> = node.send(Shop).note({ text: "x" }).accepted;
  const sales: AsyncIterable<{ at: number }> = node.client(Shop).watch({ upTo: 3 });
  // @ts-expect-error `note` is async: it cannot be called.
  node.client(Shop).note({ text: "x" });
  // @ts-expect-error `buy` is sync: it cannot be sent.
  node.send(Shop).buy({ item: "pen" });
  // @ts-expect-error A request has the type that the contract says.
  node.client(Shop).buy({ item: 1 });
  void [total, accepted, sales];
}

export async function streamTypes(node: Node): Promise<void> {
  for await (const { at } of node.client(Shop).watch({ upTo: 3 })) at.toFixed();
  await using sales = node.client(ShopService).watch({ upTo: 3 });
  const step = await sales.next();
  if (step.done === true) {
    const nothing: undefined = step.value;
    void nothing;
  } else step.value.at.toFixed();
  // @ts-expect-error A step that may be the end has no item.
  (await sales.next()).value.at.toFixed();
  // @ts-expect-error An item has the type that the contract says.
  if (step.done !== true) step.value.at.trim();
  await sales.return();
}

export function handlerTypes(): void {
  const fit = { note: () => undefined, close: () => undefined, async *watch() {} };
  defineComponent(Shop, () => ({ ...fit, buy: ({ item }) => ({ total: item.length }) }));
  // @ts-expect-error A handler is missing.
  defineComponent(Shop, () => fit);
  // @ts-expect-error A reply has the type that the contract says.
  defineComponent(Shop, () => ({ ...fit, buy: () => ({ total: "1" }) }));
  // @ts-expect-error The handler of a stream gives an async iterable.
  defineComponent(Shop, () => ({ ...fit, buy: () => ({ total: 1 }), watch: async () => ({ at: 1 }) }));
}

test("contractOf keeps the wrong form of a call a type error", () => {
  assert.deepEqual(
    [protobufTypes, schemaTypes, streamTypes, handlerTypes].map((check) => typeof check),
    Array(4).fill("function"),
  );
});

const wrong = [
  {
    service: ShopService,
    name: "shop.v1.ShopService",
    form: "client",
    method: "note",
    wire: "Note",
    mode: "async",
    right: "send",
  },
  {
    service: ShopService,
    name: "shop.v1.ShopService",
    form: "client",
    method: "close",
    wire: "Close",
    mode: "broadcast",
    right: "publish",
  },
  {
    service: ShopService,
    name: "shop.v1.ShopService",
    form: "send",
    method: "buy",
    wire: "Buy",
    mode: "sync",
    right: "client",
  },
  {
    service: ShopService,
    name: "shop.v1.ShopService",
    form: "publish",
    method: "watch",
    wire: "Watch",
    mode: "stream",
    right: "client",
  },
  { service: Shop, name: "shop", form: "client", method: "note", wire: "note", mode: "async", right: "send" },
  { service: Shop, name: "shop", form: "send", method: "close", wire: "close", mode: "broadcast", right: "publish" },
] as const;

for (const { service, name, form, method, wire, mode, right } of wrong) {
  test(`contractOf lets ${form}(${name}).${method} be refused where types are not checked`, async () => {
    const { node } = await startTestNode([]);
    const facade = node[form](service as never) as Record<string, (request: unknown) => unknown>;
    const text = `Cannot use method "${name}.${wire}" so: its mode is ${mode}, write ${right}(service).${method}(request)`;
    assert.throws(
      () => facade[method]?.({}),
      (error: OrreryError) => error.message === text && error.reason === "mode_mismatch" && error.definite,
    );
    await node.stop();
  });
}
