import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import {
  compressionGzip,
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { fromConnectError } from "./connect-error.ts";
import { LabService } from "./testdata/gen/door/test/v1/lab_pb.ts";
import { openLab } from "./testing/lab.ts";
import type { DoorConnection, DoorWatch } from "./watch.ts";

const transports: readonly (readonly [name: string, make: (baseUrl: string) => Transport])[] = [
  ["Connect over HTTP/1.1", (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1" })],
  ["Connect over HTTP/2", (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "2" })],
  ["Connect with JSON", (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: false })],
  ["Connect by GET", (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "2", useHttpGet: true })],
  [
    "Connect with gzip",
    (baseUrl) =>
      createConnectTransport({
        baseUrl,
        httpVersion: "2",
        acceptCompression: [compressionGzip],
        sendCompression: compressionGzip,
        compressMinBytes: 1,
      }),
  ],
  ["gRPC", (baseUrl) => createGrpcTransport({ baseUrl })],
  ["gRPC with JSON", (baseUrl) => createGrpcTransport({ baseUrl, useBinaryFormat: false })],
  ["gRPC-Web over HTTP/1.1", (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" })],
  ["gRPC-Web over HTTP/2", (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "2" })],
];

async function open(make: (baseUrl: string) => Transport) {
  const lab = await openLab();
  const client = createClient(LabService, make(lab.url));
  return { ...lab, client, [Symbol.asyncDispose]: lab[Symbol.asyncDispose] };
}

async function failureOf(call: Promise<unknown>): Promise<ConnectError> {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof ConnectError, String(error));
    return error;
  }
  return assert.fail("the call did not fail");
}

for (const [name, make] of transports) {
  test(`createHttpDoor answers calls by ${name}`, async () => {
    await using lab = await open(make);
    const { client } = lab;
    assert.equal((await client.say({ text: "hé" })).text, "hé");
    assert.equal((await client.read({ text: "a" })).text, "a");
    const mixed = {
      signed: -(2n ** 63n),
      unsigned: 2n ** 64n - 1n,
      byName: { a: 2n ** 53n + 1n },
      blob: new Uint8Array([0, 255]),
    };
    const { signed, unsigned, byName, blob } = await client.mix(mixed);
    assert.deepEqual({ signed, unsigned, byName, blob: new Uint8Array(blob) }, mixed);
  });

  test(`createHttpDoor streams by ${name}`, async () => {
    await using lab = await open(make);
    const values: number[] = [];
    for await (const { value } of lab.client.count({ to: 500 })) values.push(value);
    assert.deepEqual(
      values,
      Array.from({ length: 500 }, (_, index) => index + 1),
    );
  });

  test(`createHttpDoor tells what went wrong by ${name}`, async () => {
    await using lab = await open(make);
    const error = fromConnectError(await failureOf(lab.client.fail({ how: "declared" })));
    assert.equal(error.code, "not_found");
    assert.equal(error.message, 'Cannot find place "Atlantis": no such name');
    assert.deepEqual(error.details, { place: "Atlantis", tries: [1, 2] });
    const defect = fromConnectError(await failureOf(lab.client.fail({ how: "thrown" })));
    assert.deepEqual([defect.kind, defect.reason, defect.definite], ["defect", "handler_threw", true]);
    const values: number[] = [];
    const broken = (async () => {
      for await (const { value } of lab.client.count({ to: 3, fail: true })) values.push(value);
    })();
    const failed = fromConnectError(await failureOf(broken));
    assert.deepEqual(values, [1, 2, 3]);
    assert.deepEqual([failed.code, failed.message], ["out_of_range", "Cannot count past 3: no number is left"]);
    assert.deepEqual(failed.details, { to: 3 });
  });

  test(`createHttpDoor keeps a deadline that came by ${name}`, async () => {
    await using lab = await open(make);
    assert.equal((await failureOf(lab.client.wait({ ms: 60_000 }, { timeoutMs: 60 }))).code, Code.DeadlineExceeded);
    while (lab.notes.ended < 1) await lab.notes.changed();
    assert.equal(lab.notes.cancelled, 1);
  });

  test(`createHttpDoor gives a call up when its caller does, by ${name}`, async () => {
    await using lab = await open(make);
    const giveUp = new AbortController();
    const stream = lab.client.count({ to: 1, hold: true }, { signal: giveUp.signal })[Symbol.asyncIterator]();
    assert.equal((await stream.next()).value?.value, 1);
    giveUp.abort();
    assert.equal((await failureOf(Promise.resolve(stream.next()))).code, Code.Canceled);
    while (lab.notes.ended < 1) await lab.notes.changed();
    assert.equal(lab.notes.cancelled, 1);
  });

  test(`createHttpDoor accepts and publishes by ${name}`, async () => {
    await using lab = await open(make);
    assert.equal((await lab.client.note({ text: "a" })).$typeName, "orrery.v1.Accepted");
    assert.equal((await lab.client.tell({ text: "b" })).$typeName, "orrery.v1.Broadcast");
    while (lab.notes.noted.length < 5) await lab.notes.changed(); // Every one of the four instances hears a broadcast.
    assert.deepEqual(lab.notes.noted.toSorted(), ["note a", "tell b", "tell b", "tell b", "tell b"]);
  });
}

for (const [name, make] of transports)
  test(`createHttpDoor tells who watches it of calls and connections by ${name}`, async () => {
    const told: string[] = [];
    const connections = new Set<DoorConnection>();
    const watch: DoorWatch = {
      open: (connection) => void connections.add(connection),
      begin: async (connection, { name, message, agent }) => {
        assert.ok(connections.has(connection), "it is told of a connection first");
        await Promise.resolve();
        told.push(`${agent} ${name} ${JSON.stringify((message as { readonly text?: string }).text)}`);
      },
      end: (connection) => assert.ok(connections.has(connection)),
    };
    await using lab = await openLab({ watch });
    const client = createClient(LabService, make(lab.url));
    const text = "x".repeat(10_000);
    assert.equal((await client.say({ text })).text, text);
    for await (const _ of client.count({ to: 2 }));
    assert.deepEqual(told, [
      `anonymous door.test.v1.LabService.Say "${text}"`,
      "anonymous door.test.v1.LabService.Count undefined",
    ]);
    const [bytesIn, bytesOut] = [...connections].reduce(
      ([into, out], { bytesRead, bytesWritten }) => [into + bytesRead, out + bytesWritten],
      [0, 0],
    );
    const least = name === "Connect with gzip" ? 100 : 10_000;
    assert.ok(bytesIn > least && bytesOut > 100, `${bytesIn} in, ${bytesOut} out`);
  });

test("createHttpDoor tells a streaming client of an unknown service what exists", async () => {
  await using lab = await openLab({ services: [] });
  for (const [name, make] of transports) {
    const client = createClient(LabService, make(lab.url));
    const call = client.count({ to: 1 })[Symbol.asyncIterator]();
    const error = await failureOf(Promise.resolve(call.next()));
    assert.equal(error.rawMessage, 'Cannot find service "door.test.v1.LabService": the services here are none', name);
  }
});

test("createHttpDoor refuses a request over the limit in the form of each protocol", async () => {
  await using lab = await openLab({ bodyBytesMax: 1_000 });
  for (const [name, make] of transports) {
    const client = createClient(LabService, make(lab.url));
    const { blob } = await client.mix({ blob: new Uint8Array(700) });
    assert.equal(blob.length, 700, name);
    const error = await failureOf(client.mix({ blob: crypto.getRandomValues(new Uint8Array(2_000)) }));
    assert.equal(error.code, Code.ResourceExhausted, name);
  }
});
