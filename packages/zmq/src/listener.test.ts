import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { createSeededRandom } from "@orrery/core/conformance";
import { encodeCommand } from "./command.ts";
import { createConnector } from "./connector.ts";
import { createCurveKeyPair } from "./curve-key.ts";
import { ZmqError } from "./errors.ts";
import { encodeFrame, FLAG_COMMAND } from "./frame.ts";
import { encodeGreeting } from "./greeting.ts";
import { createListener, type ListenerOptions } from "./listener.ts";
import { encodeMetadata } from "./metadata.ts";
import { allowKeys } from "./security.ts";
import { createInbox } from "./testing/inbox.ts";

const LOOPBACK = "tcp://127.0.0.1:0";

const greeting = encodeGreeting("NULL", false);
const metadata = encodeMetadata(new Map([["Socket-Type", Buffer.from("DEALER")]]));
const ready = encodeFrame(FLAG_COMMAND, encodeCommand("READY", metadata));

async function listen(t: TestContext, options: Partial<ListenerOptions> = {}) {
  const inbox = createInbox((connection, frames) => connection.sendMessage(frames));
  const listener = await createListener({ address: LOOPBACK, ...inbox, ...options });
  t.after(() => listener.close());
  return { listener, inbox };
}

async function openSocket(address: string): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port: Number(new URL(address.replace("tcp", "http")).port) });
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

/** Whether a listener still does its work: a fresh connection gets its message back. */
async function assertAnswers(address: string): Promise<void> {
  const inbox = createInbox();
  await using connector = createConnector({ address, ...inbox });
  connector.sendMessage([Buffer.from("still there?")]);
  assert.deepEqual(await inbox.nextMessage(), ["still there?"]);
}

test("createListener reports the port that it was given for 0", async (t) => {
  const { listener } = await listen(t);
  assert.match(listener.address, /^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/);
  await assertAnswers(listener.address);
});

test("createListener says when a port is taken", async (t) => {
  const { listener } = await listen(t);
  const message = `Cannot bind "${listener.address}": port is taken, choose another one or 0 for any`;
  await assert.rejects(createListener({ address: listener.address, onConnection: () => ({ onMessage() {} }) }), {
    name: "ZmqError",
    code: "address_in_use",
    message,
  });
});

for (const [address, code, message] of [
  [
    "tcp://192.0.2.1:0",
    "address_unavailable",
    /^Cannot bind "tcp:\/\/192\.0\.2\.1:0": this machine has no such address/,
  ],
  ["udp://127.0.0.1:0", "invalid_argument", /it is not of the form tcp:\/\/HOST:PORT or ipc:\/\/PATH$/],
] as const) {
  test(`createListener refuses "${address}"`, async () => {
    const attempt = createListener({ address, onConnection: () => ({ onMessage() {} }) });
    await assert.rejects(attempt, { name: "ZmqError", code, message });
  });
}

test("createListener refuses keys that do not belong together, without showing them", async () => {
  const keyPair = { publicKey: createCurveKeyPair().publicKey, secretKey: createCurveKeyPair().secretKey };
  const security = { kind: "curve", keyPair, authorize: () => true } as const;
  const attempt = createListener({ address: LOOPBACK, security, onConnection: () => ({ onMessage() {} }) });
  await assert.rejects(attempt, (error) => {
    assert.ok(error instanceof ZmqError);
    assert.ok(!JSON.stringify([error.message, error.stack]).includes(Buffer.from(keyPair.secretKey).toString("hex")));
    return error.code === "invalid_argument";
  });
});

test("createListener turns away one connection more than its limit, and takes one again when one has gone", async (t) => {
  const { listener, inbox } = await listen(t, { limits: { connectionsMax: 2 } });
  const first = await openSocket(listener.address);
  const second = await openSocket(listener.address);
  const third = await openSocket(listener.address);
  const error = await inbox.nextRefusal();
  assert.equal(error.code, "overloaded");
  assert.match(error.message, /^Cannot accept peer ".*": 2 are connected, which is the limit$/);
  await once(third, "close");
  first.destroy();
  await inbox.nextRefusal();
  while (listener.connections > 1) await new Promise((resolve) => setImmediate(resolve));
  await assertAnswers(listener.address);
  second.destroy();
});

test("createListener hands on what is known about a client's key", async (t) => {
  const serverPair = createCurveKeyPair();
  const clientPair = createCurveKeyPair();
  const authorize = allowKeys([{ publicKey: clientPair.publicKey, agent: "planner" }]);
  const { listener, inbox } = await listen(t, { security: { kind: "curve", keyPair: serverPair, authorize } });
  const security = { kind: "curve", keyPair: clientPair, serverKey: serverPair.publicKey } as const;
  await using connector = createConnector({ address: listener.address, ...createInbox(), security });
  connector.connect();
  const { peer } = await inbox.nextConnection();
  assert.deepEqual(peer.info, { publicKey: clientPair.publicKey, agent: "planner" });
  assert.deepEqual(peer.publicKey, clientPair.publicKey);
});

test("createListener announces properties and reads those of its peers", async (t) => {
  const properties = (value: string) => new Map([["X-Orrery", Buffer.from(value)]]);
  const { listener, inbox } = await listen(t, { properties: properties("listener"), identity: Buffer.from("hub") });
  const theirs = createInbox();
  const options = { properties: properties("connector"), identity: Buffer.from("leaf") };
  await using connector = createConnector({ address: listener.address, ...theirs, ...options });
  connector.connect();
  for (const [side, name, identity] of [
    [await inbox.nextConnection(), "connector", "leaf"],
    [await theirs.nextConnection(), "listener", "hub"],
  ] as const) {
    assert.equal(Buffer.from(side.peer.properties.get("x-orrery") ?? []).toString(), name);
    assert.equal(Buffer.from(side.peer.identity).toString(), identity);
  }
});

test("createListener reports a peer that is killed in the middle of a message, and goes on", async (t) => {
  const { listener, inbox } = await listen(t);
  const socket = await openSocket(listener.address);
  socket.write(Buffer.concat([greeting, ready, Buffer.from("020000000000100000", "hex")]));
  socket.write(Buffer.alloc(500_000));
  await inbox.nextConnection();
  socket.resetAndDestroy();
  const error = await inbox.nextClose();
  assert.equal(error?.code, "peer_lost");
  assert.match(error?.message ?? "", / in the middle of a message$/);
  await assertAnswers(listener.address);
});

test("createListener survives 3,000 connections that send rubbish", async (t) => {
  const { listener } = await listen(t, { timing: { handshakeTimeoutMs: 2000 } });
  const random = createSeededRandom(7).next;
  const rubbish = () =>
    Buffer.from(Array.from({ length: Math.floor(random() * 300) }, () => Math.floor(random() * 256)));
  const attack = async () => {
    const socket = await openSocket(listener.address);
    const depth = Math.floor(random() * 3);
    socket.resume();
    socket.end(Buffer.concat([...[greeting, ready].slice(0, depth), rubbish()]));
    await once(socket, "close");
  };
  for (let wave = 0; wave < 30; wave++) await Promise.all(Array.from({ length: 100 }, attack));
  while (listener.connections > 0) await new Promise((resolve) => setImmediate(resolve));
  await assertAnswers(listener.address);
});

test("Listener.close frees the port, ends its connections and leaves nothing behind", async (t) => {
  const { listener, inbox } = await listen(t);
  const theirs = createInbox();
  await using connector = createConnector({ address: listener.address, ...theirs, onRetry: theirs.onRefused });
  connector.connect();
  await theirs.nextConnection();
  await inbox.nextConnection();
  await listener.close();
  assert.equal(listener.connections, 0);
  assert.equal(await inbox.nextClose(), undefined);
  assert.equal((await theirs.nextClose())?.code, "peer_lost");
  await (await createListener({ address: listener.address, ...createInbox() })).close();
});
