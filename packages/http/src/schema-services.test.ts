import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { Code, ConnectError } from "@connectrpc/connect";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { errorFromJson } from "@connectrpc/connect/protocol-connect";
import { fromConnectError } from "./index.ts";
import { openLab, post } from "./testing/lab.ts";

test("createHttpDoor answers a schema service, its reply cut to the contract", async () => {
  await using lab = await openLab();
  const { status, body } = await post(`${lab.url}/shop/price`, { sku: "abc" });
  assert.deepEqual([status, body], [200, { cents: 3, agent: "anonymous" }]);
});

test("createHttpDoor answers a schema service in the Connect protocol's unary form", async () => {
  await using lab = await openLab();
  const good = await post(`${lab.url}/shop/price`, { sku: "abc" }, { "connect-protocol-version": "1" });
  assert.deepEqual([good.status, good.body.cents], [200, 3]);
  const bad = await post(`${lab.url}/shop/price`, { sku: 1 }, { "connect-protocol-version": "1" });
  assert.equal(bad.status, 400);
  const error = fromConnectError(errorFromJson(bad.body, undefined, new ConnectError("lost", Code.Unknown)));
  assert.equal(error.reason, "malformed");
  assert.equal(error.message, "Cannot accept the body: body.sku: Invalid input: expected string, received number");
});

test("createHttpDoor prints what a schema makes of a reply, dates and big integers included", async () => {
  await using lab = await openLab();
  const { body } = await post(`${lab.url}/shop/whenever`, "");
  assert.deepEqual(body, { at: "2026-01-02T03:04:05.000Z", count: "9007199254740993" });
});

test("createHttpDoor accepts and publishes for a schema service", async () => {
  await using lab = await openLab();
  assert.deepEqual((({ status, body }) => [status, body])(await post(`${lab.url}/shop/restock`, { sku: "a" })), [
    202,
    {},
  ]);
  assert.deepEqual((({ status, body }) => [status, body])(await post(`${lab.url}/shop/closed`, { hour: 20 })), [
    202,
    {},
  ]);
  while (lab.notes.noted.length < 2) await lab.notes.changed();
  assert.deepEqual(lab.notes.noted, ["restock a", "closed 20"]);
});

test("createHttpDoor carries bytes as they are, or as base64 text", async () => {
  await using lab = await openLab();
  const send = (type: string, body: string | Uint8Array<ArrayBuffer>) =>
    fetch(`${lab.url}/shop/negative`, { method: "POST", body, headers: { "content-type": type } });
  for (const response of [
    await send("application/octet-stream", new Uint8Array([0, 1, 255])),
    await send("application/json", '"AAH/"'),
  ]) {
    assert.equal(response.headers.get("content-type"), "application/octet-stream");
    assert.deepEqual(new Uint8Array(await response.arrayBuffer()), new Uint8Array([255, 254, 0]));
  }
  const refused = await send("application/json", "{}");
  assert.equal(refused.status, 400);
  assert.equal(
    (await refused.json()).message,
    'Cannot read the body of "shop.negative": its contract says bytes, send base64 text or application/octet-stream',
  );
  const pieces = await fetch(`${lab.url}/shop/pieces`, {
    method: "POST",
    body: new Uint8Array([0, 255]),
    headers: { "content-type": "application/octet-stream" },
  });
  assert.equal(await pieces.text(), '"AA=="\n"/w=="\n');
});

test("createHttpDoor answers GET of an idempotent schema method, but not to a page of another site", async () => {
  const origin = "https://app.example";
  await using lab = await openLab({ cors: { origins: [origin] } });
  const url = `${lab.url}/shop/price?message=${encodeURIComponent('{"sku":"ab"}')}`;
  assert.equal((await (await fetch(url)).json()).cents, 2);
  assert.equal((await fetch(url, { headers: { "sec-fetch-site": "same-origin" } })).status, 200);
  assert.equal((await fetch(url, { headers: { "sec-fetch-site": "cross-site", origin } })).status, 200);
  const refused = await fetch(url, { headers: { "sec-fetch-site": "cross-site" } });
  assert.equal(refused.status, 403);
  assert.equal((await refused.json()).message, 'Cannot call "shop.price" by GET from another site: use POST');
});

test("createHttpDoor streams a schema service in the Connect protocol's envelopes", async () => {
  await using lab = await openLab();
  const request = new TextEncoder().encode('{"to":2,"fail":true}');
  const sent: readonly [Uint8Array, Record<string, string>][] = [
    [encodeEnvelope(0, request), {}],
    [encodeEnvelope(1, gzipSync(request)), { "connect-content-encoding": "gzip" }],
  ];
  for (const [body, headers] of sent) {
    const response = await fetch(`${lab.url}/shop/watch`, {
      method: "POST",
      body: new Uint8Array(body),
      headers: { "content-type": "application/connect+json", ...headers },
    });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "application/connect+json");
    const envelopes = split(new Uint8Array(await response.arrayBuffer()));
    assert.deepEqual(envelopes.slice(0, 2), [
      [0, { value: 1 }],
      [0, { value: 2 }],
    ]);
    const [flags, end] = envelopes[2] ?? assert.fail("no end");
    assert.equal(flags, 2);
    assert.equal((end as { error: { code: string } }).error.code, "out_of_range");
  }
});

const brokenEnvelopes: readonly (readonly [what: string, body: Uint8Array, message: string])[] = [
  ["nothing", new Uint8Array(0), 'Cannot read the body of "shop.watch": it has 0 bytes, an envelope has at least 5'],
  [
    "a wrong length",
    new Uint8Array([0, 0, 0, 0, 9, 123, 125]),
    'Cannot read the body of "shop.watch": its envelope says 9 bytes and has 2',
  ],
  [
    "no JSON",
    encodeEnvelope(0, new Uint8Array([123])),
    'Cannot read the body of "shop.watch": expected a name in double quotes or "}", found the end at line 1, column 2',
  ],
];

for (const [what, body, message] of brokenEnvelopes) {
  test(`createHttpDoor refuses an envelope with ${what}`, async () => {
    await using lab = await openLab();
    const headers = { "content-type": "application/connect+json" };
    const response = await fetch(`${lab.url}/shop/watch`, { method: "POST", body: new Uint8Array(body), headers });
    const [[flags, end] = assert.fail("no end")] = split(new Uint8Array(await response.arrayBuffer()));
    assert.equal(flags, 2);
    assert.equal((end as { error: { message: string } }).error.message, message);
  });
}

test("createHttpDoor refuses to stream a method of another mode", async () => {
  await using lab = await openLab();
  const headers = { "content-type": "application/connect+json" };
  const response = await fetch(`${lab.url}/shop/price`, { method: "POST", body: "{}", headers });
  const [[, end] = assert.fail("no end")] = split(new Uint8Array(await response.arrayBuffer()));
  assert.equal(
    (end as { error: { message: string } }).error.message,
    'Cannot call "shop.price" as a stream: its mode is sync, send application/json',
  );
});

function split(bytes: Uint8Array): [flags: number, value: unknown][] {
  const envelopes: [number, unknown][] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(1);
    const text = new TextDecoder().decode(bytes.subarray(at + 5, at + 5 + length));
    envelopes.push([bytes[at] ?? 0, JSON.parse(text)]);
    at += 5 + length;
  }
  return envelopes;
}
