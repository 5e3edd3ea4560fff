import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, createFileRegistry, fromBinary, type JsonValue, toJson } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { Service } from "@orrery/core";
import { contractOf } from "@orrery/core/internal";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import { z } from "zod";
import { createOpenApi, descriptorSetOf, type OpenApiCall } from "./index.ts";
import { LabService } from "./testdata/gen/door/test/v1/lab_pb.ts";
import { Shop } from "./testing/lab.ts";

function callsOf(service: Service): readonly OpenApiCall[] {
  const { name, methods } = contractOf(service);
  return [...methods.values()].map((one) => ({ service, method: one.name, path: `/${name}/${one.name}` }));
}

type Document = {
  readonly paths: Record<string, Record<string, { readonly operationId: string }>>;
  readonly components: { readonly schemas: Record<string, object> };
};

const CALLS = [
  ...callsOf(LabService),
  ...callsOf(Shop),
  { service: Shop, method: "price", path: "/prices/{sku}", verbs: ["post", "put"] },
];

function document(): Document {
  const made = createOpenApi({ title: "demo.test", version: "1", calls: CALLS });
  return JSON.parse(JSON.stringify(made)) as Document;
}

/** A validator of one schema of the document, which finds what it refers to. */
function validatorOf(name: string) {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: "http://test/doc", ...document() });
  const validate = ajv.compile({ $ref: `http://test/doc#/components/schemas/${name}` });
  return (value: unknown) => validate(value);
}

describe("createOpenApi", () => {
  it("writes a document that is valid by OpenAPI 3.1, for contracts of protobuf and of schemas", async () => {
    const validator = new Validator();
    const made = document();
    const { valid, errors } = await validator.validate(made as never);
    assert.ok(valid, JSON.stringify(errors, null, 1));
    assert.equal(validator.version, "3.1");
    assert.equal(Object.keys(made.paths).length, CALLS.length);
    const ids = Object.values(made.paths).flatMap((item) =>
      Object.values(item).flatMap((one) => one.operationId ?? []),
    );
    assert.equal(new Set(ids).size, ids.length, "each operation has an id of its own");
    const broken = await new Validator().validate({ ...made, paths: { "no-slash": {} } } as never);
    assert.equal(broken.valid, false, "the validator would have told");
  });

  it("has schemas that take what a contract takes in JSON, and refuse what it refuses", () => {
    for (const message of Object.values(LabService.method).flatMap(({ input, output }) => [input, output])) {
      const made = document();
      if (made.components.schemas[message.typeName] === undefined) continue;
      const takes = validatorOf(message.typeName);
      const plain: JsonValue = toJson(message, create(message), { alwaysEmitImplicit: true });
      assert.ok(takes(plain), `${message.typeName}: ${JSON.stringify(plain)}`);
      assert.equal(takes({ noSuchField: 1 }), message.fields.length === 0 ? false : takes({ noSuchField: 1 }));
      assert.equal(takes("text"), false);
    }
    const price = validatorOf("shop.price.request");
    assert.equal(price({ sku: "nut" }), true);
    assert.equal(price({ sku: 1 }), false);
    assert.equal(price({}), false);
  });

  it("keeps references of schemas that hold themselves", () => {
    const tree: z.ZodType = z.object({
      name: z.string(),
      get children() {
        return z.array(tree);
      },
    });
    const service = {
      kind: "orrery.service",
      name: "trees",
      methods: { plant: { request: tree, reply: z.object({}) } },
    } as const;
    const made = createOpenApi({ title: "t", version: "1", calls: callsOf(service as never) });
    const ajv = new Ajv2020({ strict: false });
    ajv.addSchema({ $id: "http://test/doc", ...made });
    const validate = ajv.compile({ $ref: "http://test/doc#/components/schemas/trees.plant.request" });
    assert.equal(validate({ name: "a", children: [{ name: "b", children: [] }] }), true);
    assert.equal(validate({ name: "a", children: [{ name: 1, children: [] }] }), false);
  });

  it("tells a method that is not there", () => {
    const calls = [{ service: Shop, method: "nothing", path: "/x" }];
    assert.throws(() => createOpenApi({ title: "t", version: "1", calls }), /Cannot describe "shop\/nothing"/);
  });
});

describe("descriptorSetOf", () => {
  it("has the contracts of protobuf with all that they import, what is imported first", () => {
    const set = fromBinary(FileDescriptorSetSchema, descriptorSetOf([LabService, Shop, LabService]));
    const known = createFileRegistry(set);
    assert.deepEqual(
      known.getService(LabService.typeName)?.methods.map(({ name }) => name),
      LabService.methods.map(({ name }) => name),
    );
    const names = set.file.map(({ name }) => name);
    for (const [index, { dependency }] of set.file.entries())
      for (const one of dependency) assert.ok(names.indexOf(one) < index, `${one} before ${names[index]}`);
  });
});
