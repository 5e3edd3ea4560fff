import assert from "node:assert/strict";
import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { openLab, post } from "./testing/lab.ts";

const SAY = "/door.test.v1.LabService/Say";
const TOO_LARGE = "Cannot take the request: its body has more than 1000 bytes";

/** A raw connection that keeps what comes back. */
function openSocket(url: string) {
  const socket: Socket = connect(Number(new URL(url).port), "127.0.0.1");
  let text = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk) => {
    text += chunk;
  });
  const closed = new Promise<string>((resolve) => socket.on("close", () => resolve(text)));
  socket.on("error", () => undefined);
  return { socket, closed };
}

const head = (fields: string) => `POST ${SAY} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${fields}\r\n`;

test("createHttpDoor takes a body at the limit and refuses one past it", async () => {
  await using lab = await openLab({ bodyBytesMax: 1_000 });
  const of = (bytes: number) => JSON.stringify({ text: "x".repeat(bytes - '{"text":""}'.length) });
  assert.equal((await post(lab.url + SAY, of(1_000))).status, 200);
  const { status, body } = await post(lab.url + SAY, of(1_001));
  assert.deepEqual([status, body.code, body.message], [413, "resource_exhausted", TOO_LARGE]);
  assert.equal(body.details[0].debug.reason, "too_large");
});

test("createHttpDoor cuts off an upload that does not say its length", async () => {
  await using lab = await openLab({ bodyBytesMax: 1_000 });
  const { socket, closed } = openSocket(lab.url);
  socket.write(head("transfer-encoding: chunked\r\n"));
  const chunk = `1000\r\n${"x".repeat(4096)}\r\n`;
  const upload = setInterval(() => socket.write(chunk.repeat(16)), 1); // For ever, until it is cut off.
  const answer = await closed;
  clearInterval(upload);
  assert.match(answer, /^HTTP\/1\.1 413 Payload Too Large\r\n/);
  assert.match(answer, /connection: close/i);
  assert.ok(answer.includes(TOO_LARGE));
});

test("createHttpDoor refuses an upload by its length before it is sent", async () => {
  await using lab = await openLab({ bodyBytesMax: 1_000 });
  const { socket, closed } = openSocket(lab.url);
  socket.write(head("content-length: 999999999\r\nexpect: 100-continue\r\n"));
  const answer = await new Promise<string>((resolve) => socket.once("data", resolve));
  assert.match(answer, /^HTTP\/1\.1 413 /);
  socket.end();
  await closed;
});

test("createHttpDoor lets an upload go on that asks before", async () => {
  await using lab = await openLab();
  const { socket, closed } = openSocket(lab.url);
  socket.write(head("content-length: 2\r\nexpect: 100-continue\r\nconnection: close\r\n"));
  assert.match(await new Promise<string>((resolve) => socket.once("data", resolve)), /^HTTP\/1\.1 100 Continue/);
  socket.write("{}");
  assert.match(await closed, /HTTP\/1\.1 200 OK/);
});

test("createHttpDoor cuts off a connection that goes on with rubbish after its request", async () => {
  await using lab = await openLab();
  const { socket, closed } = openSocket(lab.url);
  socket.write(`${head("content-length: 2\r\n")}{}GARBAGE\r\n\r\n`);
  assert.ok((await closed).split("HTTP/1.1").length <= 2);
  assert.equal((await post(lab.url + SAY, {})).status, 200);
});

test("createHttpDoor gives up a body that does not come", async () => {
  await using lab = await openLab({ requestTimeoutMs: 60 });
  const { socket, closed } = openSocket(lab.url);
  socket.write(`${head("content-length: 10\r\n")}{`);
  const answer = await closed;
  assert.match(answer, /^HTTP\/1\.1 408 /);
  assert.ok(answer.includes("Cannot take the request: its body did not come within 60 ms"));
});

test("createHttpDoor gives up a header that does not come", async () => {
  await using lab = await openLab({ headersTimeoutMs: 60 });
  const { socket, closed } = openSocket(lab.url);
  socket.write("POST / HTTP/1.1\r\nhost:");
  assert.match(await closed, /^HTTP\/1\.1 408 Request Timeout[\s\S]*it did not come within the time allowed/);
});

test("createHttpDoor closes a connection that says nothing, or half a preface", async () => {
  await using lab = await openLab({ headersTimeoutMs: 60 });
  for (const said of ["", "PRI * HTTP/2"]) {
    const { socket, closed } = openSocket(lab.url);
    socket.write(said);
    assert.equal(await closed, "");
  }
});

test("createHttpDoor tells the two versions of HTTP apart however their bytes arrive", async () => {
  await using lab = await openLab();
  const { socket, closed } = openSocket(lab.url);
  const request = `POST ${SAY} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}`;
  for (const sign of request) {
    socket.write(sign);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.match(await closed, /^HTTP\/1\.1 200 OK/);
});

for (const [what, bytes, answer] of [
  [
    "no HTTP at all",
    "\x16\x03\x01\x02\x00",
    /^HTTP\/1\.1 400 Bad Request[\s\S]*"Cannot read the request: it is no HTTP"/,
  ],
  [
    "a header over the limit",
    `GET / HTTP/1.1\r\nx: ${"y".repeat(20_000)}\r\n\r\n`,
    /^HTTP\/1\.1 431 [\s\S]*larger than the limit/,
  ],
  ["two lengths", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", /^HTTP\/1\.1 400 /],
  [
    "a length and chunks",
    "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
    /^HTTP\/1\.1 400 /,
  ],
  ["a request without host", "GET / HTTP/1.1\r\n\r\n", /^HTTP\/1\.1 400 /],
] as const) {
  test(`createHttpDoor refuses ${what}`, async () => {
    await using lab = await openLab();
    const { socket, closed } = openSocket(lab.url);
    socket.write(bytes);
    assert.match(await closed, answer);
  });
}

test("createHttpDoor refuses a small body that unpacks to a large one", async () => {
  await using lab = await openLab({ bodyBytesMax: 100_000 });
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  assert.ok(bomb.length < 100_000);
  const headers = { "content-type": "application/json", "content-encoding": "gzip" };
  const response = await fetch(lab.url + SAY, { method: "POST", body: bomb, headers });
  assert.equal(response.status, 413);
  assert.equal((await response.json()).message, "Cannot take the request: its body has more than 100000 bytes");
});

test("createHttpDoor takes as many requests at once as its limit, and refuses one more", async () => {
  await using lab = await openLab({ requestsMax: 2 });
  const wait = () => post(`${lab.url}/door.test.v1.LabService/Wait`, { ms: 100 });
  const held = [wait(), wait()];
  while (lab.notes.begun < 2) await lab.notes.changed();
  const { status, body } = await wait();
  assert.deepEqual(
    [status, body.code, body.message],
    [429, "resource_exhausted", "Cannot take the request: 2 are under way, wait for some"],
  );
  for (const answer of held) assert.equal((await answer).status, 200);
  assert.equal((await wait()).status, 200);
});

test("createHttpDoor reads a compressed body", async () => {
  await using lab = await openLab();
  const headers = { "content-type": "application/json", "content-encoding": "gzip" };
  const response = await fetch(lab.url + SAY, { method: "POST", body: gzipSync('{"text":"a"}'), headers });
  assert.equal((await response.json()).text, "a");
});

test("createHttpDoor cuts off an endless upload over HTTP/2, and keeps the connection", async () => {
  await using lab = await openLab({ bodyBytesMax: 1_000 });
  const session = connectHttp2(lab.url);
  const post = (length?: string) =>
    session.request({
      ":path": SAY,
      ":method": "POST",
      "content-type": "application/json",
      ...(length === undefined ? {} : { "content-length": length }),
    });
  const endless = post();
  endless.on("error", () => undefined);
  let answer = "";
  endless.setEncoding("utf8").on("data", (chunk) => {
    answer += chunk;
  });
  const upload = setInterval(() => endless.write(Buffer.alloc(64 * 1024)), 1);
  await new Promise((resolve) => endless.on("close", resolve));
  clearInterval(upload);
  assert.equal(JSON.parse(answer).message, TOO_LARGE);
  const next = post("2");
  next.end("{}");
  const [fields] = await new Promise<[{ ":status"?: number }]>((resolve) =>
    next.on("response", (...said) => resolve(said as never)),
  );
  assert.equal(fields[":status"], 200);
  session.destroy();
});

for (const [option, value] of [
  ["bodyBytesMax", 0],
  ["headersTimeoutMs", 1.5],
  ["requestTimeoutMs", Number.NaN],
  ["requestsMax", -1],
] as const) {
  test(`createHttpDoor refuses ${option} of ${value}`, async () => {
    await assert.rejects(openLab({ [option]: value }), {
      code: "invalid_argument",
      message: `Cannot make an HTTP door: ${option} is ${value}, write a whole number from 1 to 2147483647`,
    });
  });
}
