import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { create, type DescMethod, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  Client,
  type ClientReadableStream,
  credentials,
  makeClientConstructor,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { LabService, type SayRequestSchema, type WaitRequestSchema } from "./testdata/gen/door/test/v1/lab_pb.ts";
import { openLab } from "./testing/lab.ts";

let lab: Awaited<ReturnType<typeof openLab>>;
let client: Client;

before(async () => {
  lab = await openLab();
  const make = makeClientConstructor(definitionOf(LabService.methods), "LabService");
  client = new make(lab.url.replace("http://", ""), credentials.createInsecure());
});

after(async () => {
  client.close();
  await lab[Symbol.asyncDispose]();
});

function definitionOf(methods: readonly DescMethod[]) {
  const entries = methods.map((method) => [
    method.localName,
    {
      path: `/${method.parent.typeName}/${method.name}`,
      requestStream: false,
      responseStream: method.methodKind === "server_streaming",
      requestSerialize: (value: Record<string, unknown>) =>
        Buffer.from(toBinary(method.input, create(method.input, value))),
      requestDeserialize: (bytes: Buffer) => fromBinary(method.input, bytes),
      responseSerialize: (value: Record<string, unknown>) =>
        Buffer.from(toBinary(method.output, create(method.output, value))),
      responseDeserialize: (bytes: Buffer) => fromBinary(method.output, bytes),
    },
  ]);
  return Object.fromEntries(entries);
}

type Unary = (request: object, options: object, done: (error: ServiceError | null, reply: unknown) => void) => void;
type Stream = (request: object) => ClientReadableStream<{ value: number }>;

function call(method: string, request: object, options: object = {}): Promise<Record<string, unknown>> {
  const methods = client as unknown as Record<string, Unary>;
  return new Promise((resolve, reject) => {
    methods[method]?.(request, options, (error, reply) => {
      if (error === null) resolve(reply as Record<string, unknown>);
      else reject(error);
    });
  });
}

const stream = (request: object) => (client as unknown as Record<string, Stream>)["count"]?.(request) ?? assert.fail();

test("createHttpDoor answers a unary call of grpc-js", async () => {
  const request: MessageInitShape<typeof SayRequestSchema> = { text: "hé" };
  assert.equal((await call("say", request))["text"], "hé");
});

test("createHttpDoor streams to grpc-js", async () => {
  const values: number[] = [];
  for await (const { value } of stream({ to: 300 })) values.push(value);
  assert.deepEqual(
    values,
    Array.from({ length: 300 }, (_, index) => index + 1),
  );
});

test("createHttpDoor tells grpc-js what went wrong, with details", async () => {
  await assert.rejects(call("fail", { how: "declared" }), (error: ServiceError) => {
    assert.equal(error.code, status.NOT_FOUND);
    assert.equal(error.details, 'Cannot find place "Atlantis": no such name');
    assert.match(String(error.metadata.get("grpc-status-details-bin")[0]), /google\.protobuf\.Struct/);
    return true;
  });
  const failing = (async () => {
    for await (const _ of stream({ to: 2, fail: true })) {
      // Only the end counts.
    }
  })();
  await assert.rejects(failing, { code: status.OUT_OF_RANGE, details: "Cannot count past 2: no number is left" });
});

test("createHttpDoor tells grpc-js of a method that does not exist", async () => {
  const wrong = new Client(lab.url.replace("http://", ""), credentials.createInsecure());
  const path = "/door.test.v1.LabService/Sing";
  const sing = new Promise((_, reject) => {
    wrong.makeUnaryRequest(
      path,
      () => Buffer.alloc(0),
      String,
      {},
      (error) => reject(error),
    );
  });
  await assert.rejects(sing, (error: ServiceError) => {
    assert.equal(error.code, status.UNIMPLEMENTED);
    assert.match(
      error.details,
      /^Cannot find method "Sing" of service "door\.test\.v1\.LabService": its methods are "Say", /,
    );
    return true;
  });
  wrong.close();
});

test("createHttpDoor tells grpc-js that a schema contract is not for gRPC", async () => {
  const wrong = new Client(lab.url.replace("http://", ""), credentials.createInsecure());
  const price = new Promise((_, reject) => {
    wrong.makeUnaryRequest(
      "/shop/price",
      () => Buffer.alloc(0),
      String,
      {},
      (error) => reject(error),
    );
  });
  const details =
    'Cannot call "shop.price" with a body of content-type "application/grpc": its contract is of schemas, send application/json';
  await assert.rejects(price, { code: status.UNIMPLEMENTED, details });
  wrong.close();
});

test("createHttpDoor keeps a deadline of grpc-js", async () => {
  const request: MessageInitShape<typeof WaitRequestSchema> = { ms: 60_000 };
  const ended = lab.notes.ended;
  await assert.rejects(call("wait", request, { deadline: Date.now() + 60 }), { code: status.DEADLINE_EXCEEDED });
  while (lab.notes.ended === ended) await lab.notes.changed();
});

test("createHttpDoor gives a stream up when grpc-js does", async () => {
  const { cancelled, ended } = lab.notes;
  const open = stream({ to: 1, hold: true });
  await new Promise((resolve) => open.once("data", resolve));
  open.on("error", () => undefined);
  open.cancel();
  while (lab.notes.ended === ended) await lab.notes.changed();
  assert.equal(lab.notes.cancelled, cancelled + 1);
});
