import assert from "node:assert/strict";
import { test } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { OrreryError } from "@orrery/core";
import { SayRequestSchema } from "./testdata/gen/door/test/v1/lab_pb.ts";
import { openLab, post } from "./testing/lab.ts";

const LAB = "/door.test.v1.LabService";
const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

test("createHttpDoor answers a plain POST of JSON", async () => {
  await using lab = await openLab();
  const { status, body, headers } = await post(`${lab.url}${LAB}/Say`, { text: "hé" });
  assert.equal(status, 200);
  assert.equal(body.text, "hé");
  assert.equal(body.agent, "anonymous");
  assert.equal(headers.get("content-type"), "application/json");
  assert.equal(headers.get("x-content-type-options"), "nosniff");
});

test("createHttpDoor takes method names in lowerCamelCase too", async () => {
  await using lab = await openLab();
  assert.equal((await post(`${lab.url}${LAB}/say`, { text: "a" })).body.text, "a");
});

test("createHttpDoor passes agent, trace and idempotency key on, and the trace back", async () => {
  await using lab = await openLab({
    authenticate: (headers, { remoteAddress }) => `${headers.get("authorization")}@${remoteAddress}`,
  });
  const { body, headers } = await post(
    `${lab.url}${LAB}/Say`,
    { text: "a" },
    { authorization: "ann", traceparent: TRACE, tracestate: "x=1", "idempotency-key": "k-1" },
  );
  assert.equal(body.agent, "ann@127.0.0.1");
  assert.equal(body.trace, "0af7651916cd43dd8448eb211c80319cx=1");
  assert.equal(body.idempotencyKey, "k-1");
  assert.equal(headers.get("traceparent"), TRACE);
});

test("createHttpDoor gives a call the time that its header allows", async () => {
  await using lab = await openLab();
  const { body } = await post(`${lab.url}${LAB}/Say`, { text: "a" }, { "connect-timeout-ms": "5000" });
  assert.ok(Number(body.budgetMs) > 3_000 && Number(body.budgetMs) <= 5_000, body.budgetMs);
  const late = await post(`${lab.url}${LAB}/Wait`, { ms: 60_000 }, { "connect-timeout-ms": "50" });
  assert.equal(late.status, 504);
  assert.equal(late.body.code, "deadline_exceeded");
  assert.match(late.body.message, /^Cannot finish "door\.test\.v1\.LabService\.Wait": no answer within \d+ ms$/);
  assert.equal(late.body.details[0].debug.reason, "timeout");
  assert.equal(late.body.details[0].debug.definite, false);
});

test("createHttpDoor answers async when accepted and broadcast when sent: 202, to a Connect client 200", async () => {
  await using lab = await openLab();
  for (const [method, noted] of [
    ["Note", "note a"],
    ["Tell", "tell a"],
  ]) {
    const plain = await post(`${lab.url}${LAB}/${method}`, { text: "a" });
    assert.deepEqual([plain.status, plain.body], [202, {}]);
    const connect = await post(`${lab.url}${LAB}/${method}`, { text: "a" }, { "connect-protocol-version": "1" });
    assert.deepEqual([connect.status, connect.body], [200, {}]);
    while (!lab.notes.noted.includes(noted ?? "")) await lab.notes.changed();
  }
});

test("createHttpDoor answers a declared error by the status of its code, with its details", async () => {
  await using lab = await openLab();
  const { status, body } = await post(`${lab.url}${LAB}/Fail`, { how: "declared" });
  assert.equal(status, 404);
  assert.equal(body.code, "not_found");
  assert.equal(body.message, 'Cannot find place "Atlantis": no such name');
  const [{ type, debug }] = body.details;
  assert.equal(type, "google.protobuf.Struct");
  assert.deepEqual(debug.details, { place: "Atlantis", tries: [1, 2] });
  assert.equal(debug.definite, true);
});

test("createHttpDoor tells callers nothing of what a handler threw", async () => {
  await using lab = await openLab();
  const { status, body } = await post(`${lab.url}${LAB}/Fail`, { how: "thrown" });
  assert.equal(status, 500);
  assert.equal(
    body.message,
    'Cannot finish "door.test.v1.LabService.Fail": its handler failed, the log of its node tells why',
  );
  assert.equal(body.details[0].debug.reason, "handler_threw");
  assert.doesNotMatch(JSON.stringify(body), /swordfish|at .*\.ts/);
  assert.match(JSON.stringify(lab.notes.log), /swordfish/);
});

test("createHttpDoor tells callers nothing of what its own options threw", async () => {
  await using lab = await openLab({
    authenticate() {
      throw new Error("the key is swordfish");
    },
  });
  const { status, body } = await post(`${lab.url}${LAB}/Say`, {});
  assert.equal(status, 500);
  assert.equal(body.message, "Cannot answer the request: the door failed, the log of its node tells why");
  assert.match(JSON.stringify(lab.notes.log), /swordfish/);
});

test("createHttpDoor refuses whom authenticate refuses", async () => {
  await using lab = await openLab({
    authenticate() {
      throw new OrreryError("unauthenticated", "Cannot tell who calls: send a bearer token");
    },
  });
  const { status, body } = await post(`${lab.url}${LAB}/Say`, {});
  assert.deepEqual(
    [status, body.code, body.message],
    [401, "unauthenticated", "Cannot tell who calls: send a bearer token"],
  );
});

test("createHttpDoor skips unknown fields from a Connect client and refuses them from anybody else", async () => {
  await using lab = await openLab();
  const sent = { text: "a", texxt: "b" };
  assert.equal((await post(`${lab.url}${LAB}/Say`, sent, { "connect-protocol-version": "1" })).body.text, "a");
  assert.equal((await post(`${lab.url}${LAB}/Say`, sent)).status, 400);
});

test("createHttpDoor answers GET where a method has no side effects, as Connect has it", async () => {
  await using lab = await openLab();
  const get = async (query: string) => {
    const response = await fetch(`${lab.url}${LAB}/Read${query}`);
    assert.equal(response.status, 200, await response.clone().text());
    return response;
  };
  const message = encodeURIComponent('{"text":"a b"}');
  assert.equal((await (await get(`?message=${message}`)).json()).text, "a b");
  assert.equal((await (await get(`?connect=v1&encoding=json&message=${message}`)).json()).text, "a b");
  assert.equal((await (await get("")).json()).text, undefined);
  const bytes = toBinary(SayRequestSchema, create(SayRequestSchema, { text: "a" }));
  const base64 = Buffer.from(bytes).toString("base64url");
  const proto = await get(`?connect=v1&encoding=proto&base64=1&message=${base64}`);
  assert.equal(proto.headers.get("content-type"), "application/proto");
});

test("createHttpDoor compresses larger answers for those who take gzip", async () => {
  await using lab = await openLab();
  const text = "a".repeat(10_000);
  const { headers, body } = await post(`${lab.url}${LAB}/Say`, { text }, { "accept-encoding": "gzip" });
  assert.equal(headers.get("content-encoding"), "gzip");
  assert.ok(Number(headers.get("content-length")) < 1_000);
  assert.equal(body.text, text);
  for (const refusal of ["identity", "gzip;q=0"]) {
    const plain = await post(`${lab.url}${LAB}/Say`, { text }, { "accept-encoding": refusal });
    assert.equal(plain.headers.get("content-encoding"), null);
  }
});

interface Refused {
  readonly what: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly answers?: Record<string, string>;
}

const refused: readonly Refused[] = [
  {
    what: "an unknown service",
    path: "/weather.v1.Weather/Today",
    status: 404,
    code: "not_found",
    message: 'Cannot find service "weather.v1.Weather": the services here are "door.test.v1.LabService", "shop"',
  },
  {
    what: "an unknown method",
    path: `${LAB}/Sing`,
    status: 404,
    code: "unimplemented",
    message:
      'Cannot find method "Sing" of service "door.test.v1.LabService": its methods are "Say", "Read", "Mix", "Fail", "Wait", "Count", "Tail", "Note", "Tell"',
  },
  {
    what: "a path that is no call",
    method: "GET",
    path: "/favicon.ico",
    status: 404,
    code: "not_found",
    message:
      'Cannot find "/favicon.ico": a call goes to /<service>/<method>, and the services here are "door.test.v1.LabService", "shop"',
  },
  {
    what: "GET of a method that may have side effects",
    method: "GET",
    status: 405,
    code: "unimplemented",
    message: 'Cannot call "door.test.v1.LabService.Say" by GET: use POST',
    answers: { allow: "POST" },
  },
  {
    what: "PUT of a method that GET may call",
    method: "PUT",
    path: `${LAB}/Read`,
    status: 405,
    code: "unimplemented",
    message: 'Cannot call "door.test.v1.LabService.Read" by PUT: use POST or GET',
    answers: { allow: "POST, GET" },
  },
  {
    what: "a wrong content type",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "text=a",
    status: 415,
    code: "invalid_argument",
    message:
      'Cannot call "door.test.v1.LabService.Say" with a body of content-type "application/x-www-form-urlencoded": send application/json or application/proto',
    answers: { "accept-post": "application/json, application/proto" },
  },
  {
    what: "a character set that JSON has not",
    headers: { "content-type": "application/json; charset=latin1" },
    status: 415,
    code: "invalid_argument",
    message:
      'Cannot call "door.test.v1.LabService.Say" with a body of content-type "application/json; charset=latin1": send application/json or application/proto',
  },
  {
    what: "a body that is no JSON",
    body: '{"text": "a"',
    status: 400,
    code: "invalid_argument",
    message:
      'Cannot read the body of "door.test.v1.LabService.Say": expected "," or "}", found the end at line 1, column 13',
  },
  {
    what: "an empty body",
    body: "",
    status: 400,
    code: "invalid_argument",
    message: 'Cannot read the body of "door.test.v1.LabService.Say": it is empty, send at least {}',
  },
  {
    what: "an unknown field",
    body: '{"texxt": "a"}',
    status: 400,
    code: "invalid_argument",
    message:
      'Cannot read the body of "door.test.v1.LabService.Say": message door.test.v1.SayRequest: key "texxt" is unknown',
  },
  {
    what: "a field of the wrong type",
    body: '{"text": 3}',
    status: 400,
    code: "invalid_argument",
    message:
      'Cannot read the body of "door.test.v1.LabService.Say": field door.test.v1.SayRequest.text: expected string, got 3',
  },
  {
    what: "an integer of more than 64 bits",
    path: `${LAB}/Mix`,
    body: '{"signed": 9223372036854775808}',
    status: 400,
    code: "invalid_argument",
    message:
      'Cannot read the body of "door.test.v1.LabService.Mix": field door.test.v1.Mixed.signed: expected bigint (int64): 9223372036854775808 out of range',
  },
  {
    what: "JSON nested without end",
    path: `${LAB}/Mix`,
    body: `${'{"nested":'.repeat(200)}{}${"}".repeat(200)}`,
    status: 400,
    code: "invalid_argument",
    message:
      'Cannot read the body of "door.test.v1.LabService.Mix": message door.test.v1.Mixed: maximum recursion depth of 100 reached',
  },
  {
    what: "protobuf that breaks off",
    headers: { "content-type": "application/proto" },
    body: new Uint8Array([10, 200]),
    status: 400,
    code: "invalid_argument",
    message: 'Cannot read the body of "door.test.v1.LabService.Say": premature EOF',
  },
  {
    what: "a deadline that is no number",
    headers: { "connect-timeout-ms": "soon" },
    status: 400,
    code: "invalid_argument",
    message: 'Cannot read header connect-timeout-ms "soon": write whole ms, at most 10 digits',
  },
  {
    what: "a deadline of gRPC that is none",
    headers: { "grpc-timeout": "1y" },
    status: 400,
    code: "invalid_argument",
    message: 'Cannot read header grpc-timeout "1y": write at most 8 digits and one of H, M, S, m, u, n',
  },
  {
    what: "a long idempotency key",
    headers: { "idempotency-key": "k".repeat(257) },
    status: 400,
    code: "invalid_argument",
    message: "Cannot read header idempotency-key: it has 257 characters, the limit is 256",
  },
  {
    what: "another version of the Connect protocol",
    headers: { "connect-protocol-version": "2" },
    status: 400,
    code: "invalid_argument",
    message: 'Cannot read header connect-protocol-version "2": this door speaks version 1',
  },
  {
    what: "an encoding that it does not know",
    headers: { "content-encoding": "zstd" },
    status: 415,
    code: "unimplemented",
    message: 'Cannot read a body in encoding "zstd": send it in one of gzip, br, identity',
    answers: { "accept-encoding": "gzip, br" },
  },
  {
    what: "a body that is not in the encoding it says",
    headers: { "content-encoding": "gzip" },
    status: 400,
    code: "invalid_argument",
    message: 'Cannot read the body: it is not in encoding "gzip", as its header says',
  },
];

for (const { what, method = "POST", path = `${LAB}/Say`, headers, body = "{}", ...answer } of refused) {
  test(`createHttpDoor refuses ${what} with ${answer.status}`, async () => {
    await using lab = await openLab();
    const response = await fetch(`${lab.url}${path}`, {
      method,
      headers: { "content-type": "application/json", ...headers },
      ...(method === "GET" ? {} : { body }),
    });
    const { code, message } = await response.json();
    assert.deepEqual(
      { status: response.status, code, message },
      { status: answer.status, code: answer.code, message: answer.message },
    );
    for (const [name, value] of Object.entries(answer.answers ?? {})) assert.equal(response.headers.get(name), value);
  });
}
