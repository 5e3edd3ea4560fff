import assert from "node:assert/strict";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { createClient as createNodeClient } from "@orrery/core";
import { createHttpDoor } from "./index.ts";
import { LabService } from "./testdata/gen/door/test/v1/lab_pb.ts";
import { openLab, post } from "./testing/lab.ts";

const LAB = "/door.test.v1.LabService";

test("createHttpDoor says what to do when its port is taken", async () => {
  await using lab = await openLab();
  const { port } = new URL(lab.url);
  const other = createHttpDoor({ node: lab.node, services: [] });
  await assert.rejects(other.listen({ port: Number(port) }), {
    code: "unavailable",
    message: `Cannot listen at http://127.0.0.1:${port}: port is taken, choose another with --port`,
  });
  assert.match(await other.listen(), /^http:\/\/127\.0\.0\.1:\d+$/);
  await other.close();
});

for (const [what, options, message] of [
  ["a port that is none", { port: 70_000 }, "Cannot listen at port 70000: write a whole number from 0 to 65535"],
  [
    "an address of another machine",
    { host: "192.0.2.1", port: 8080 },
    "Cannot listen at http://192.0.2.1:8080: this machine has no such address, choose another with --host",
  ],
] as const) {
  test(`createHttpDoor refuses to listen at ${what}`, async () => {
    await using node = createNodeClient();
    const door = createHttpDoor({ node, services: [] });
    await assert.rejects(door.listen(options), { code: "invalid_argument", message });
  });
}

test("createHttpDoor opens once", async () => {
  await using lab = await openLab();
  await assert.rejects(lab.door.listen(), {
    code: "failed_precondition",
    message: `Cannot open the door again: it listens at ${lab.url}, make another`,
  });
  await lab.door.close();
  assert.equal(lab.door.address, "");
  await assert.rejects(lab.door.listen(), { message: "Cannot open the door again: it was closed, make another" });
});

test("createHttpDoor listens at an address of IPv6", async () => {
  await using lab = await openLab();
  await using door = createHttpDoor({ node: lab.node, services: [] });
  const url = await door.listen({ host: "::1" });
  assert.match(url, /^http:\/\/\[::1\]:\d+$/);
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
});

test("createHttpDoor refuses a service named twice", async () => {
  await using node = createNodeClient();
  assert.throws(() => createHttpDoor({ node, services: [LabService, LabService] }), {
    code: "already_exists",
    message: 'Cannot expose service "door.test.v1.LabService" twice: name it once',
  });
});

test("createHttpDoor closes without delay when nothing is under way, idle connections included", async () => {
  await using lab = await openLab();
  await post(`${lab.url}${LAB}/Say`, {}); // Leaves a connection open for the next.
  const session = connectHttp2(lab.url);
  await new Promise((resolve) => session.once("connect", resolve));
  const silent = connect(Number(new URL(lab.url).port), "127.0.0.1");
  await new Promise((resolve) => silent.once("connect", resolve));
  const closed = Promise.all([session, silent].map((end) => new Promise((resolve) => end.once("close", resolve))));
  silent.on("error", () => undefined);
  const start = performance.now();
  await lab.door.close({ timeoutMs: 500 });
  await closed;
  assert.ok(performance.now() - start < 2_000);
  await assert.rejects(fetch(lab.url));
});

test("createHttpDoor lets requests finish when it closes, and takes no new ones", async () => {
  await using lab = await openLab();
  const client = createClient(LabService, createGrpcTransport({ baseUrl: lab.url }));
  const items: number[] = [];
  const stream = client.count({ to: 1, hold: true })[Symbol.asyncIterator]();
  items.push((await stream.next()).value?.value ?? 0);
  const slow = post(`${lab.url}${LAB}/Wait`, { ms: 150 });
  const slowGrpc = client.wait({ ms: 150 });
  while (lab.notes.begun < 2) await lab.notes.changed();
  const closing = lab.door.close({ timeoutMs: 1_000 });
  assert.equal((await slow).body.text, "waited 150");
  assert.equal((await slow).headers.get("connection"), "close");
  assert.equal((await slowGrpc).text, "waited 150");
  await assert.rejects(Promise.resolve(stream.next())); // Held open for ever: cut when the time is over.
  await closing;
  while (lab.notes.ended < 3) await lab.notes.changed();
  assert.equal(lab.notes.cancelled, 1);
});

test("createHttpDoor runs nothing that comes on an open connection after it began to close", async () => {
  await using lab = await openLab();
  const socket = connect(Number(new URL(lab.url).port), "127.0.0.1");
  const send = (path: string, body: string) =>
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
  });
  send(`${LAB}/Wait`, '{"ms":100}');
  while (lab.notes.begun < 1) await lab.notes.changed();
  const closing = lab.door.close({ timeoutMs: 1_000 });
  send(`${LAB}/Say`, "{}");
  await new Promise((resolve) => socket.once("close", resolve));
  await closing;
  assert.match(text, /"waited 100"/);
  assert.doesNotMatch(text, /"agent"/); // The second was not run.
});
