import assert from "node:assert/strict";
import { request } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { LabService } from "./testdata/gen/door/test/v1/lab_pb.ts";
import { openLab, post } from "./testing/lab.ts";

const LAB = "/door.test.v1.LabService";
const MANY = 1_000;

test("createHttpDoor answers 1,000 requests at once over HTTP/1.1", async () => {
  await using lab = await openLab();
  const calls = Array.from({ length: MANY }, (_, index) => post(`${lab.url}${LAB}/Say`, { text: String(index) }));
  const answers = await Promise.all(calls);
  assert.deepEqual(
    answers.map(({ body }) => body.text),
    Array.from({ length: MANY }, (_, index) => String(index)),
  );
});

for (const [name, make] of [
  ["gRPC", (baseUrl: string) => createGrpcTransport({ baseUrl })],
  ["Connect over HTTP/2", (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: "2" })],
] as const) {
  test(`createHttpDoor answers 1,000 requests at once by ${name}`, async () => {
    await using lab = await openLab();
    const client = createClient(LabService, make(lab.url));
    const calls = Array.from({ length: MANY }, (_, index) => client.say({ text: String(index) }));
    const answers = await Promise.all(calls);
    assert.ok(answers.every(({ text }, index) => text === String(index)));
  });
}

test("createHttpDoor ends the source of a stream whose reader disconnects", async () => {
  await using lab = await openLab();
  const asking = request(`${lab.url}${LAB}/Count`, { method: "POST", headers: { "content-type": "application/json" } });
  asking.on("error", () => undefined);
  asking.end('{"to":1,"hold":true}');
  const response = await new Promise<NodeJS.ReadableStream>((resolve) => asking.on("response", resolve));
  await new Promise((resolve) => response.once("data", resolve));
  assert.equal(lab.notes.ended, 0);
  asking.destroy();
  while (lab.notes.ended < 1) await lab.notes.changed();
  assert.equal(lab.notes.cancelled, 1);
});

test("createHttpDoor cancels a call whose caller disconnects", async () => {
  await using lab = await openLab();
  const socket = connect(Number(new URL(lab.url).port), "127.0.0.1");
  const body = '{"ms":60000}';
  socket.write(
    `POST ${LAB}/Wait HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  while (lab.notes.begun < 1) await lab.notes.changed();
  socket.destroy();
  while (lab.notes.ended < 1) await lab.notes.changed();
  assert.equal(lab.notes.cancelled, 1);
});

const ITEM_BYTES = 16 * 1024;
const ITEMS = 20_000; // 320 MB, more than any buffer on the way.

/** Waits until a source has not been asked for an item for a while, and gives how many it was asked for. */
async function restOf(notes: { readonly produced: number }): Promise<number> {
  for (let before = -1; before !== notes.produced; ) {
    before = notes.produced;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return notes.produced;
}

for (const accept of ["application/x-ndjson", "text/event-stream"]) {
  test(`createHttpDoor asks a source for no more than a slow reader of ${accept} takes`, async () => {
    await using lab = await openLab();
    const asking = request(`${lab.url}${LAB}/Count`, {
      method: "POST",
      headers: { "content-type": "application/json", accept },
    });
    asking.on("error", () => undefined);
    asking.end(JSON.stringify({ to: ITEMS, padding: ITEM_BYTES }));
    const response = await new Promise<NodeJS.ReadableStream>((resolve) => asking.on("response", resolve));
    response.pause();
    const produced = await restOf(lab.notes);
    assert.ok(produced > 0 && produced < 1_000, `${produced} items were made, ${produced * ITEM_BYTES} bytes`);
    asking.destroy();
    while (lab.notes.ended < 1) await lab.notes.changed();
  });
}

test("createHttpDoor asks a source for no more than a slow reader of gRPC takes", async () => {
  await using lab = await openLab();
  const session = connectHttp2(lab.url);
  const headers = {
    ":path": `${LAB}/Count`,
    ":method": "POST",
    "content-type": "application/grpc+json",
    te: "trailers",
  };
  const stream = session.request(headers);
  stream.on("error", () => undefined);
  const message = Buffer.from(JSON.stringify({ to: ITEMS, padding: ITEM_BYTES }));
  const envelope = Buffer.alloc(5);
  envelope.writeUInt32BE(message.length, 1);
  stream.end(Buffer.concat([envelope, message]));
  await new Promise((resolve) => stream.once("response", resolve)); // And nothing is read.
  const produced = await restOf(lab.notes);
  assert.ok(produced > 0 && produced < 1_000, `${produced} items were made, ${produced * ITEM_BYTES} bytes`);
  session.destroy();
  while (lab.notes.ended < 1) await lab.notes.changed();
});

test("createHttpDoor cuts off a reader that takes nothing for too long", async () => {
  await using lab = await openLab({ stallTimeoutMs: 100 });
  const asking = request(`${lab.url}${LAB}/Count`, { method: "POST", headers: { "content-type": "application/json" } });
  asking.on("error", () => undefined);
  asking.end(JSON.stringify({ to: ITEMS, padding: ITEM_BYTES }));
  await new Promise((resolve) => asking.on("response", resolve)); // And nothing is read.
  while (lab.notes.ended < 1) await lab.notes.changed();
  assert.equal(lab.notes.cancelled, 1);
  asking.destroy();
});

test("createHttpDoor cuts off a reader of a large answer that takes nothing for too long", async () => {
  await using lab = await openLab({ stallTimeoutMs: 100, bodyBytesMax: 32 * 1024 * 1024 });
  const socket = connect(Number(new URL(lab.url).port), "127.0.0.1");
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.on("error", () => undefined);
  const body = Buffer.alloc(16 * 1024 * 1024, 1);
  socket.write(
    `POST /shop/negative HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\ncontent-length: ${body.length}\r\n\r\n`,
  );
  socket.write(body);
  let taken = 0;
  await new Promise((resolve) =>
    socket.once("data", (chunk) => {
      taken = chunk.length;
      socket.pause();
      resolve(undefined);
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  socket.on("data", (chunk) => {
    taken += chunk.length;
  });
  socket.resume();
  await closed;
  assert.ok(taken < body.length, `${taken} bytes came`);
});
