import assert from "node:assert/strict";
import { test } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { z } from "zod";
import { defineComponent } from "./component.ts";
import { contractOf, type Service } from "./contract.ts";
import { defineService, isSchemaService } from "./contract-schema.ts";
import { describeComponents } from "./describe.ts";
import { type Component, ComponentSchema, DescriptionSchema } from "./gen/orrery/control/v1/control_pb.ts";
import { bytes } from "./json-body.ts";
import { createMemoryHub } from "./memory-transport.ts";
import { createClient, createNode } from "./node.ts";
import { isOrreryError } from "./orrery-error.ts";
import { serviceFromDescription } from "./service-from-description.ts";

const Shop = defineService("shop", {
  price: { request: z.object({ sku: z.string() }), reply: z.object({ cents: z.number() }), idempotent: true },
  photo: { request: z.object({ sku: z.string() }), reply: bytes, timeoutMs: 500 },
  upload: { request: bytes, reply: bytes, summary: "Keeps a photo." },
  watch: { mode: "stream", request: z.object({}), reply: z.object({ sku: z.string() }), horizon: "host" },
  restock: { mode: "async", request: z.object({ sku: z.string() }) },
});

const handlers = () => ({
  price: ({ sku }: { sku: string }) => ({ cents: sku.length }),
  photo: () => new Uint8Array([1, 2]),
  upload: (photo: Uint8Array) => photo,
  async *watch() {
    yield { sku: "a" };
  },
  restock: () => undefined,
});

const NONE = { instances: 0, inboxMessages: 1, inboxBytes: 1 };

async function describe(service: Service): Promise<Component> {
  const component = defineComponent(service as typeof Shop, handlers);
  const views = [{ component, name: contractOf(service).name, version: "1.0.0", capacity: NONE, instances: [] }];
  const told = create(DescriptionSchema, await describeComponents({ name: "n", incarnation: 1, components: views }));
  const read = fromBinary(DescriptionSchema, toBinary(DescriptionSchema, told));
  return read.components[0] ?? assert.fail("no component");
}

const wireForm = (service: Service) =>
  [...contractOf(service).methods.values()].map((method) => ({
    ...method,
    request: method.request.contentType,
    reply: method.reply.contentType,
  }));

test("serviceFromDescription gives a contract of schemas with the same wire form, replies of bytes included", async () => {
  assert.deepEqual(wireForm(await serviceFromDescription(await describe(Shop))), wireForm(Shop));
});

test("serviceFromDescription keeps the JSON Schemas, so that it can be described again", async () => {
  const once = await describe(Shop);
  const again = await describe(await serviceFromDescription(once));
  assert.deepEqual(again.methods, once.methods);
});

test("serviceFromDescription gives a service that a client calls without its code", async () => {
  const hub = createMemoryHub();
  await using server = createNode({
    components: [defineComponent(Shop, handlers)],
    transports: [hub.transport()],
    listen: ["memory://shop"],
  });
  await server.start();
  const directory = { resolve: () => ["memory://shop"], components: () => ["shop"] };
  await using client = createClient({ transports: [hub.transport()], directory });
  const [component = assert.fail("nothing described")] = (await client.describe("memory://shop")).components;
  const service = await serviceFromDescription(component);
  assert.ok(isSchemaService(service));
  const calls = client.client(service) as unknown as Record<string, (request: unknown) => Promise<unknown>>;
  assert.deepEqual(await calls["price"]?.({ sku: "abc" }), { cents: 3 });
  assert.deepEqual(await calls["photo"]?.({ sku: "abc" }), new Uint8Array([1, 2]));
  await assert.rejects(calls["price"]?.({ sku: 3 }) ?? assert.fail(), (error) => {
    assert.ok(isOrreryError(error));
    assert.equal(error.reason, "malformed");
    return true;
  });
});

const described = await describe(Shop);

const refused: readonly (readonly [string, Partial<Component>, RegExp])[] = [
  ["a name no service can have", { name: "a b" }, /^Cannot use component "a b" as described: Cannot define service/],
  ["descriptors that are rubbish", { name: "x", descriptors: new Uint8Array([255]) }, /^Cannot use component "x" as/],
  [
    "descriptors without the service",
    { name: "x", descriptors: new Uint8Array([10, 0]) },
    /^Cannot use component "x" as described: /,
  ],
  [
    "a mode of a newer peer",
    {
      name: "x",
      methods: described.methods.slice(0, 1).map((method) => ({ ...method, mode: "duplex" })),
    },
    /there is no mode "duplex"/,
  ],
  [
    "a JSON Schema that is no JSON",
    {
      name: "x",
      methods: described.methods.slice(0, 1).map((method) => ({ ...method, requestSchema: "{" })),
    },
    /^Cannot use component "x" as described: /,
  ],
];

for (const [what, fields, text] of refused) {
  test(`serviceFromDescription refuses ${what}`, async () => {
    const component = { ...create(ComponentSchema), ...fields };
    await assert.rejects(serviceFromDescription(component), (error) => {
      assert.ok(isOrreryError(error));
      assert.equal(error.code, "invalid_argument");
      assert.match(error.message, text);
      return true;
    });
  });
}
