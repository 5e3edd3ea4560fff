import assert from "node:assert/strict";
import { test } from "node:test";
import { contractOf } from "./contract.ts";
import { METHOD_OPTIONS, METHOD_OPTIONS_NUMBER } from "./contract-protobuf.ts";
import { MethodOptionsSchema, method } from "./gen/orrery/v1/contract_pb.ts";
import { OrreryError } from "./orrery-error.ts";
import { ChatService, FarService, ShopService, SlowService, UploadService } from "./testdata/gen/shop/v1/shop_pb.ts";
import { factsOfDesc, factsOfTable } from "./testing/table-facts.ts";

const methods = contractOf(ShopService).methods;

test("protobufContract names the service and its methods as the contract spells them", () => {
  const contract = contractOf(ShopService);
  assert.equal(contract.name, "shop.v1.ShopService");
  assert.deepEqual(
    [...methods.values()].map(({ name, localName }) => [name, localName]),
    [
      ["Buy", "buy"],
      ["GetPrice", "getPrice"],
      ["Note", "note"],
      ["Watch", "watch"],
      ["Close", "close"],
    ],
  );
});

test("protobufContract takes the mode from the shape of the method", () => {
  assert.deepEqual(
    [...methods.values()].map(({ mode }) => mode),
    ["sync", "sync", "async", "stream", "broadcast"],
  );
});

test("protobufContract reads the options of a method", () => {
  const { idempotent, horizon, timeoutMs, summary } = methods.get("buy") ?? assert.fail("no buy");
  assert.deepEqual(
    { idempotent, horizon, timeoutMs, summary },
    { idempotent: true, horizon: "host", timeoutMs: 1500, summary: "Sells one article." },
  );
});

test("METHOD_OPTIONS says what the schema says", () => {
  assert.deepEqual(factsOfTable(METHOD_OPTIONS), factsOfDesc(MethodOptionsSchema));
  assert.equal(METHOD_OPTIONS_NUMBER, method.number);
});

test("protobufContract gives defaults to a method without options", () => {
  const { idempotent, horizon, timeoutMs, summary } = methods.get("note") ?? assert.fail("no note");
  assert.deepEqual(
    { idempotent, horizon, timeoutMs, summary },
    { idempotent: false, horizon: "any", timeoutMs: 0, summary: "" },
  );
});

test("protobufContract takes a method without side effects for an idempotent one", () => {
  assert.equal(methods.get("getPrice")?.idempotent, true);
});

test("protobufContract gives fingerprints that never change", () => {
  assert.deepEqual(
    [...methods.values()].map(({ fingerprint }) => fingerprint),
    ["9350dc147e4aed85", "fbb30aa0229de524", "047606afea15b83a", "ae861a7e2438a003", "3f3ac3b5e89f740b"],
  );
});

test("contractOf gives the same contract for the same service", () => {
  assert.equal(contractOf(ShopService), contractOf(ShopService));
});

const refused = [
  {
    service: UploadService,
    text: 'Cannot use method "shop.v1.UploadService.Upload": a stream of requests is not supported, make it one request or a stream of replies',
  },
  {
    service: ChatService,
    text: 'Cannot use method "shop.v1.ChatService.Chat": a stream of requests is not supported, make it one request or a stream of replies',
  },
  {
    service: FarService,
    text: 'Cannot use method "shop.v1.FarService.Reach": its horizon is "galaxy", write process, host, network or any',
  },
  {
    service: SlowService,
    text: 'Cannot use method "shop.v1.SlowService.Wait": its timeout is 90000000 ms, write a number from 1 to 86400000',
  },
];

for (const { service, text } of refused) {
  test(`contractOf refuses ${service.typeName}`, () => {
    assert.throws(() => contractOf(service), new OrreryError("invalid_argument", text));
  });
}

for (const [what, service] of [
  ["undefined", undefined],
  ["null", null],
  ["string", "shop"],
  ["object", {}],
] as const) {
  test(`contractOf refuses ${what} for a service`, () => {
    const text = `Cannot use a service: got ${what}, pass one that protoc-gen-es or defineService made`;
    assert.throws(() => contractOf(service as never), new OrreryError("invalid_argument", text));
  });
}
