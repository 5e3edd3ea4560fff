import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import * as zmq from "zeromq";
import { type ConnectorOptions, createConnector } from "./connector.ts";
import { createCurveKeyPair } from "./curve-key.ts";
import { createListener, type ListenerOptions } from "./listener.ts";
import { allowKeys, type ConnectorSecurity, type ListenerSecurity } from "./security.ts";
import { createInbox } from "./testing/inbox.ts";
import { createSocketFolder } from "./testing/ipc-way.ts";
import { encodeZ85 } from "./z85.ts";

// The other side of every test here is libzmq, which is the judge of whether this package speaks ZMTP.

const LOOPBACK = "tcp://127.0.0.1:0";
const ourPair = createCurveKeyPair();
const theirPair = createCurveKeyPair();

const theirKeys = {
  curveSecretKey: encodeZ85(theirPair.secretKey),
  curvePublicKey: encodeZ85(theirPair.publicKey),
};

interface Case {
  readonly name: string;
  readonly listener: ListenerSecurity;
  readonly connector: ConnectorSecurity;
  readonly theirServer: zmq.SocketOptions<zmq.Router>;
  readonly theirClient: zmq.SocketOptions<zmq.Dealer>;
}

const cases: readonly Case[] = [
  { name: "NULL", listener: { kind: "null" }, connector: { kind: "null" }, theirServer: {}, theirClient: {} },
  {
    name: "CURVE",
    listener: { kind: "curve", keyPair: ourPair, authorize: allowKeys([theirPair]) },
    connector: { kind: "curve", keyPair: ourPair, serverKey: theirPair.publicKey },
    theirServer: { curveServer: true, ...theirKeys },
    theirClient: { curveServerKey: encodeZ85(ourPair.publicKey), ...theirKeys },
  },
];

const messages: readonly { readonly name: string; readonly sizes: readonly number[] }[] = [
  { name: "one frame of 0 bytes", sizes: [0] },
  { name: "one frame of 1 byte", sizes: [1] },
  { name: "three frames, one of them empty", sizes: [3, 0, 20] },
  { name: "one frame of 222 bytes", sizes: [222] },
  { name: "one frame of 223 bytes", sizes: [223] },
  { name: "one frame of 255 bytes", sizes: [255] },
  { name: "one frame of 256 bytes", sizes: [256] },
  { name: "one frame of 64 KiB", sizes: [65_536] },
  { name: "a header and 1 MiB", sizes: [16, 1_048_576] },
];

function framesOf(sizes: readonly number[]): Buffer[] {
  return sizes.map((size, index) => Buffer.alloc(size, `frame ${index} of ${size} `));
}

function assertSame(actual: readonly Uint8Array[], expected: readonly Uint8Array[]): void {
  assert.deepEqual(
    actual.map((frame) => frame.length),
    expected.map((frame) => frame.length),
  );
  for (const [index, frame] of actual.entries()) assert.equal(Buffer.compare(frame, expected[index] as Uint8Array), 0);
}

async function listen(t: TestContext, options: Omit<ListenerOptions, "address"> & { readonly address?: string }) {
  const listener = await createListener({ address: LOOPBACK, ...options });
  t.after(() => listener.close());
  return listener;
}

function connect(t: TestContext, options: ConnectorOptions) {
  const connector = createConnector(options);
  t.after(() => connector.close());
  return connector;
}

function theirDealer(t: TestContext, address: string, options: zmq.SocketOptions<zmq.Dealer> = {}) {
  const dealer = new zmq.Dealer({ linger: 0, ...options });
  t.after(() => dealer.close());
  dealer.connect(address);
  return dealer;
}

async function theirRouter(t: TestContext, options: zmq.SocketOptions<zmq.Router> = {}) {
  const router = new zmq.Router({ linger: 0, ...options });
  t.after(() => router.close());
  await router.bind("tcp://127.0.0.1:*");
  return { router, address: router.lastEndpoint as string };
}

for (const { name, listener: security, connector: ourSecurity, theirServer, theirClient } of cases) {
  for (const message of messages) {
    test(`createListener echoes ${message.name} to a libzmq DEALER over ${name}`, async (t) => {
      const inbox = createInbox((connection, frames) => connection.sendMessage(frames));
      const { address } = await listen(t, { ...inbox, security });
      const dealer = theirDealer(t, address, theirClient);
      await dealer.send(framesOf(message.sizes));
      assertSame(await dealer.receive(), framesOf(message.sizes));
      assertSame(await inbox.nextFrames(), framesOf(message.sizes));
    });

    test(`createConnector gets ${message.name} back from a libzmq ROUTER over ${name}`, async (t) => {
      const { router, address } = await theirRouter(t, theirServer);
      const inbox = createInbox();
      const connector = connect(t, { address, ...inbox, security: ourSecurity });
      connector.sendMessage(framesOf(message.sizes));
      await router.send(await router.receive());
      assertSame(await inbox.nextFrames(), framesOf(message.sizes));
    });
  }

  test(`createListener takes 1,000 messages at once from a libzmq DEALER and answers in order over ${name}`, async (t) => {
    const inbox = createInbox((connection, frames) => connection.sendMessage(frames));
    const { address } = await listen(t, { ...inbox, security });
    const dealer = theirDealer(t, address, { ...theirClient, sendHighWaterMark: 0, receiveHighWaterMark: 0 });
    const sending = (async () => {
      for (let index = 0; index < 1000; index++) await dealer.send([String(index), Buffer.alloc(index)]);
    })();
    for (let index = 0; index < 1000; index++) {
      const [number, body] = await dealer.receive();
      assert.equal(number?.toString(), String(index));
      assert.equal(body?.length, index);
    }
    await sending;
  });

  test(`createConnector sends 1,000 messages at once to a libzmq ROUTER over ${name}`, async (t) => {
    const { router, address } = await theirRouter(t, { ...theirServer, receiveHighWaterMark: 0 });
    const inbox = createInbox();
    const connector = connect(t, { address, ...inbox, security: ourSecurity });
    for (let index = 0; index < 1000; index++) connector.sendMessage([Buffer.from(String(index)), Buffer.alloc(index)]);
    for (let index = 0; index < 1000; index++) {
      const [, number, body] = await router.receive();
      assert.equal(number?.toString(), String(index));
      assert.equal(body?.length, index);
    }
  });

  test(`createConnector's packets are single frames to a libzmq ROUTER over ${name}`, async (t) => {
    const { router, address } = await theirRouter(t, theirServer);
    const items = ["a", "b", "c"].map((letter) => Buffer.alloc(5_000, letter));
    const source = {
      fill: (writer: { write(bytes: Uint8Array): void; endItem(): boolean }) => {
        for (const item of items.splice(0)) {
          writer.write(item);
          writer.endItem();
        }
        return false;
      },
    };
    const connector = connect(t, { address, security: ourSecurity, onConnection: () => ({ onMessage() {}, source }) });
    connector.requestFlush();
    const [, packet, rest] = await router.receive();
    assert.equal(packet?.length, 15_000);
    assert.equal(rest, undefined);
  });

  test(`createListener answers a libzmq peer's heartbeats over ${name}`, async (t) => {
    const inbox = createInbox();
    const { address } = await listen(t, { ...inbox, security, timing: { heartbeatIntervalMs: 0 } });
    const options = { heartbeatInterval: 30, heartbeatTimeout: 250, heartbeatTimeToLive: 500 };
    const dealer = new zmq.Dealer({ linger: 0, ...theirClient, ...options });
    t.after(() => dealer.close());
    const lost: string[] = [];
    dealer.events.on("disconnect", () => lost.push("disconnect"));
    dealer.connect(address);
    const connection = await inbox.nextConnection();
    // Far more beats than libzmq would bear without an answer; the message proves that it is the same connection.
    await new Promise((resolve) => setTimeout(resolve, 600));
    connection.sendMessage([Buffer.from("still here")]);
    assert.equal((await dealer.receive()).toString(), "still here");
    assert.deepEqual(lost, []);
  });

  test(`createConnector's heartbeats are answered by a libzmq ROUTER over ${name}`, async (t) => {
    const { router, address } = await theirRouter(t, theirServer);
    const inbox = createInbox();
    const timing = { heartbeatIntervalMs: 30, heartbeatTimeoutMs: 250 };
    const connector = connect(t, { address, ...inbox, security: ourSecurity, timing });
    connector.sendMessage([Buffer.from("first")]);
    const connection = await inbox.nextConnection();
    await new Promise((resolve) => setTimeout(resolve, 600));
    assert.equal(connector.connection, connection);
    connector.sendMessage([Buffer.from("second")]);
    await router.receive();
    const [, second] = await router.receive();
    assert.equal(second?.toString(), "second");
  });
}

test("createListener echoes to a libzmq DEALER over a Unix socket, and createConnector reaches a libzmq ROUTER over one", async (t) => {
  const folder = createSocketFolder();
  t.after(() => folder.remove());
  const inbox = createInbox((connection, frames) => connection.sendMessage(frames));
  const { address } = await listen(t, { ...inbox, address: `ipc://${folder.next()}` });
  const dealer = theirDealer(t, address);
  await dealer.send(framesOf([3, 70_000]));
  assertSame(await dealer.receive(), framesOf([3, 70_000]));

  const router = new zmq.Router({ linger: 0 });
  t.after(() => router.close());
  const theirs = `ipc://${folder.next()}`;
  await router.bind(theirs);
  const answers = createInbox();
  const connector = connect(t, { address: theirs, ...answers });
  connector.sendMessage(framesOf([5, 70_000]));
  await router.send(await router.receive());
  assertSame(await answers.nextFrames(), framesOf([5, 70_000]));
});

test("createListener sees the identity of a libzmq DEALER, and answers a libzmq REQ", async (t) => {
  const inbox = createInbox((connection, frames) => connection.sendMessage([...frames, Buffer.from("!")]));
  const { address } = await listen(t, inbox);
  theirDealer(t, address, { routingId: "planner-1" });
  const { peer } = await inbox.nextConnection();
  assert.equal(Buffer.from(peer.identity).toString(), "planner-1");
  assert.equal(peer.socketType, "DEALER");
  const request = new zmq.Request({ linger: 0 });
  t.after(() => request.close());
  request.connect(address);
  await request.send("hello");
  assert.deepEqual((await request.receive()).map(String), ["hello", "!"]);
});

test("createConnector is known to a libzmq ROUTER by its identity", async (t) => {
  const { router, address } = await theirRouter(t);
  const connector = connect(t, { address, ...createInbox(), identity: Buffer.from("orrery-7") });
  connector.sendMessage([Buffer.from("hello")]);
  assert.deepEqual((await router.receive()).map(String), ["orrery-7", "hello"]);
});

test("createListener refuses a libzmq SUB and says what would do", async (t) => {
  const inbox = createInbox();
  const { address } = await listen(t, inbox);
  const subscriber = new zmq.Subscriber({ linger: 0 });
  t.after(() => subscriber.close());
  subscriber.connect(address);
  const error = await inbox.nextRefusal();
  assert.match(error.message, /^Cannot accept peer "tcp:\/\/127\.0\.0\.1:\d+": /);
  // libzmq sees as well that the types do not fit, and may leave before it has named its own.
  const seen = 'its socket type is "SUB", it must be one of DEALER, ROUTER, REQ';
  const left = "it closed the connection during the NULL handshake, check that the two socket types fit";
  assert.ok(error.message.endsWith(seen) || error.message.endsWith(left), error.message);
  assert.equal(error.code, "handshake_failed");
});

test("createListener refuses a libzmq DEALER with a key it does not know, and libzmq reports 400", async (t) => {
  const inbox = createInbox();
  const security: ListenerSecurity = { kind: "curve", keyPair: ourPair, authorize: () => undefined };
  const { address } = await listen(t, { ...inbox, security });
  const dealer = new zmq.Dealer({ linger: 0, curveServerKey: encodeZ85(ourPair.publicKey), ...theirKeys });
  t.after(() => dealer.close());
  const refused = new Promise<zmq.EventOfType<"handshake:error:auth">>((resolve) =>
    dealer.events.on("handshake:error:auth", resolve),
  );
  dealer.connect(address);
  assert.equal((await inbox.nextRefusal()).code, "unauthenticated");
  assert.equal((await refused).error.status, 400);
});

test("createListener refuses a libzmq DEALER with another server's key", async (t) => {
  const inbox = createInbox();
  const security: ListenerSecurity = { kind: "curve", keyPair: ourPair, authorize: () => true };
  const { address } = await listen(t, { ...inbox, security });
  theirDealer(t, address, { curveServerKey: encodeZ85(createCurveKeyPair().publicKey), ...theirKeys });
  const error = await inbox.nextRefusal();
  assert.equal(error.code, "unauthenticated");
  assert.match(error.message, /: it does not know this side's public key, give it the right server key$/);
});

test("createConnector says so when a libzmq ROUTER does not hold the given server key", async (t) => {
  const { address } = await theirRouter(t, { curveServer: true, ...theirKeys });
  const inbox = createInbox();
  const security: ConnectorSecurity = { kind: "curve", keyPair: ourPair, serverKey: createCurveKeyPair().publicKey };
  connect(t, { address, ...inbox, security, onRetry: inbox.onRefused }).connect();
  const error = await inbox.nextRefusal();
  assert.equal(error.code, "handshake_failed");
  assert.match(error.message, /: .* during the CURVE handshake, check the keys on both sides$/);
});

test("createConnector and createListener say so when libzmq uses another security", async (t) => {
  const inbox = createInbox();
  const { address } = await theirRouter(t, { curveServer: true, ...theirKeys });
  connect(t, { address, ...inbox, onRetry: inbox.onRefused }).connect();
  const ours = await inbox.nextRefusal();
  const why = 'it uses security "CURVE" and this side "NULL", give both the same';
  assert.equal(ours.message, `Cannot connect to "${address}": ${why}`);
  const listener = await listen(t, inbox);
  theirDealer(t, listener.address, { curveServerKey: encodeZ85(ourPair.publicKey), ...theirKeys });
  const theirs = await inbox.nextRefusal();
  assert.ok(theirs.message.startsWith("Cannot accept peer ") && theirs.message.endsWith(why), theirs.message);
});
