import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { LabService } from "./testdata/gen/door/test/v1/lab_pb.ts";
import { openFarLab, post } from "./testing/lab.ts";

test("describedServices lets a door serve JSON without the services' code", async () => {
  await using lab = await openFarLab();
  const { body } = await post(
    `${lab.url}/door.test.v1.LabService/Mix`,
    '{"signed": 9007199254740993, "colour": "COLOUR_RED"}',
  );
  assert.deepEqual(body, { signed: "9007199254740993", colour: "COLOUR_RED" });
  assert.equal((await post(`${lab.url}/shop/price`, { sku: "abc" })).body.cents, 3);
  const bad = await post(`${lab.url}/shop/price`, { sku: 1 });
  assert.deepEqual(
    [bad.status, bad.body.message],
    [400, "Cannot accept the body: body.sku: Invalid input: expected string, received number"],
  );
  assert.deepEqual((await post(`${lab.url}/door.test.v1.LabService/Note`, { text: "a" })).status, 202);
  const image = await fetch(`${lab.url}/shop/negative`, {
    method: "POST",
    body: new Uint8Array([1]),
    headers: { "content-type": "application/octet-stream" },
  });
  assert.deepEqual(new Uint8Array(await image.arrayBuffer()), new Uint8Array([254]));
  const read = await fetch(`${lab.url}/door.test.v1.LabService/Read?message=%7B%22text%22:%22a%22%7D`);
  assert.equal((await read.json()).text, "a");
});

test("describedServices lets a door speak gRPC and Connect without the services' code", async () => {
  await using lab = await openFarLab();
  for (const make of [
    () => createGrpcTransport({ baseUrl: lab.url }),
    () => createConnectTransport({ baseUrl: lab.url, httpVersion: "1.1" }),
  ]) {
    const client = createClient(LabService, make());
    assert.equal((await client.mix({ number: 2n ** 64n - 1n } as never)).signed, 0n);
    const values: number[] = [];
    for await (const { value } of client.count({ to: 200, padding: 10 })) values.push(value);
    assert.equal(values.length, 200);
    await assert.rejects(client.fail({ how: "declared" }), /Cannot find place "Atlantis": no such name/);
  }
});

test("describedServices fails when nobody answers", async () => {
  await using lab = await openFarLab();
  await assert.rejects(lab.node.describe("memory://nowhere", { timeoutMs: 50 }), { name: "OrreryError" });
});
