import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { connect as connectSocket, createServer, type Server, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { type ConnectorOptions, createConnector } from "./connector.ts";
import { createCurveKeyPair } from "./curve-key.ts";
import { FLUSH_BYTES_MAX } from "./limits.ts";
import { createListener, type ListenerOptions } from "./listener.ts";
import type { OutboundSource } from "./outbound.ts";
import { allowKeys } from "./security.ts";
import { createInbox } from "./testing/inbox.ts";

const LOOPBACK = "tcp://127.0.0.1:0";
const quick = { reconnectMinMs: 1, reconnectMaxMs: 20 };

async function listen(t: TestContext, options: Partial<ListenerOptions> = {}) {
  const inbox = createInbox((connection, frames) => connection.sendMessage(frames));
  const listener = await createListener({ address: LOOPBACK, ...inbox, ...options });
  t.after(() => listener.close());
  return { listener, inbox, address: listener.address };
}

function connect(t: TestContext, options: Pick<ConnectorOptions, "address"> & Partial<ConnectorOptions>) {
  const inbox = createInbox();
  const connector = createConnector({ ...inbox, onRetry: inbox.onRefused, timing: quick, ...options });
  t.after(() => connector.close());
  return { connector, inbox };
}

/** A port that was free a moment ago. */
async function freeAddress(): Promise<string> {
  const listener = await createListener({ address: LOOPBACK, ...createInbox() });
  await listener.close();
  return listener.address;
}

async function rawServer(t: TestContext, onSocket: (socket: Socket) => void) {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    socket.on("error", () => {});
    sockets.push(socket);
    onSocket(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const bound = server.address();
  assert.ok(bound !== null && typeof bound === "object");
  return `tcp://127.0.0.1:${bound.port}`;
}

interface RelayOptions {
  readonly onSocket?: (socket: Socket) => void;
  /** What a chunk on its way to the target becomes. */
  readonly request?: (chunk: Buffer) => readonly Buffer[];
  /** What a chunk on its way back becomes. */
  readonly answer?: (socket: Socket, chunk: Buffer) => readonly Buffer[];
}

/** Somebody between a connector and its listener, who may change what passes. */
function relay(t: TestContext, target: string, { onSocket, request, answer }: RelayOptions): Promise<string> {
  return rawServer(t, (socket) => {
    onSocket?.(socket);
    const upstream = connectSocket({ host: "127.0.0.1", port: Number(target.split(":").at(-1)), noDelay: true });
    const pass = (chunks: readonly Buffer[], to: Socket) => {
      for (const chunk of chunks) to.write(chunk);
    };
    upstream.on("error", () => {});
    upstream.on("data", (chunk: Buffer) => pass(answer?.(socket, chunk) ?? [chunk], socket));
    upstream.on("close", () => socket.destroy());
    socket.on("data", (chunk: Buffer) => pass(request?.(chunk) ?? [chunk], upstream));
    socket.on("close", () => upstream.destroy());
  });
}

test("createConnector connects when there is something to send, not before", async (t) => {
  const { listener, inbox: theirs, address } = await listen(t);
  const { connector, inbox } = connect(t, { address });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(listener.connections, 0);
  connector.sendMessage([Buffer.from("hello")]);
  assert.deepEqual(await inbox.nextMessage(), ["hello"]);
  assert.deepEqual(await theirs.nextMessage(), ["hello"]);
});

test("createConnector may start before its listener: what was sent arrives", async (t) => {
  const address = await freeAddress();
  const { connector, inbox } = connect(t, { address });
  connector.sendMessage([Buffer.from("early")]);
  const error = await inbox.nextRefusal();
  assert.equal(error.code, "unreachable");
  assert.equal(
    error.message,
    `Cannot connect to "${address}": nothing listens there, start the peer or check the port`,
  );
  await listen(t, { address });
  assert.deepEqual(await inbox.nextMessage(), ["early"]);
});

test("createConnector comes back to a server that restarts, and sends what waited", async (t) => {
  const first = await listen(t);
  const { connector, inbox } = connect(t, { address: first.address });
  connector.sendMessage([Buffer.from("one")]);
  assert.deepEqual(await inbox.nextMessage(), ["one"]);
  await first.listener.close();
  assert.equal((await inbox.nextClose())?.code, "peer_lost");
  assert.equal(connector.sendMessage([Buffer.from("two")]), "accepted");
  await listen(t, { address: first.address });
  assert.deepEqual(await inbox.nextMessage(), ["two"]);
});

test("createConnector waits longer after every failure, and is quick again after a success", async (t) => {
  const address = await freeAddress();
  const delays: number[] = [];
  const inbox = createInbox();
  const onRetry: ConnectorOptions["onRetry"] = (error, { delayMs }) => {
    delays.push(delayMs);
    inbox.onRefused(error);
  };
  const { connector } = connect(t, { address, ...inbox, onRetry, timing: { reconnectMinMs: 1, reconnectMaxMs: 8 } });
  connector.connect();
  for (let failure = 0; failure < 6; failure++) await inbox.nextRefusal();
  for (const [index, longest] of [1, 2, 4, 8, 8, 8].entries()) {
    assert.ok((delays[index] ?? 0) <= longest && (delays[index] ?? 0) >= longest / 2, `${delays}`);
  }
  const { listener } = await listen(t, { address });
  await inbox.nextConnection();
  delays.length = 0;
  await listener.close();
  await inbox.nextClose();
  assert.deepEqual(delays, [1]);
});

test("createConnector queues while there is no connection, up to its bound", async (t) => {
  const { connector } = connect(t, {
    address: await freeAddress(),
    limits: { outboxMessagesMax: 3 },
    timing: { lingerMs: 0 },
  });
  const results = Array.from({ length: 4 }, () => connector.sendMessage([Buffer.from("x")]));
  assert.deepEqual(results, ["accepted", "accepted", "accepted", "overloaded"]);
});

test("createConnector carries 1,000 messages and 16 MiB over CURVE, in order", async (t) => {
  const serverPair = createCurveKeyPair();
  const clientPair = createCurveKeyPair();
  const { address } = await listen(t, {
    security: { kind: "curve", keyPair: serverPair, authorize: allowKeys([clientPair]) },
  });
  const security = { kind: "curve", keyPair: clientPair, serverKey: serverPair.publicKey } as const;
  const { connector, inbox } = connect(t, { address, security });
  for (let index = 0; index < 1000; index++) connector.sendMessage([Buffer.alloc(index % 300, String(index))]);
  const large = Buffer.alloc(16 * 1024 * 1024, "large");
  connector.sendMessage([large]);
  for (let index = 0; index < 1000; index++) {
    assert.equal(
      Buffer.compare((await inbox.nextFrames())[0] as Uint8Array, Buffer.alloc(index % 300, String(index))),
      0,
    );
  }
  assert.equal(Buffer.compare((await inbox.nextFrames())[0] as Uint8Array, large), 0);
});

test("createConnector and createListener both say so when their security differs", async (t) => {
  const { inbox: theirs, address } = await listen(t);
  const security = { kind: "curve", keyPair: createCurveKeyPair(), serverKey: createCurveKeyPair().publicKey } as const;
  const { connector, inbox } = connect(t, { address, security });
  connector.connect();
  const ours = await inbox.nextRefusal();
  const refused = await theirs.nextRefusal();
  assert.equal(
    ours.message,
    `Cannot connect to "${address}": it uses security "NULL" and this side "CURVE", give both the same`,
  );
  assert.ok(refused.message.endsWith('it uses security "CURVE" and this side "NULL", give both the same'));
  assert.deepEqual([ours.code, refused.code], ["handshake_failed", "handshake_failed"]);
});

test("createConnector learns that its key is not allowed", async (t) => {
  const serverPair = createCurveKeyPair();
  const { inbox: theirs, address } = await listen(t, {
    security: { kind: "curve", keyPair: serverPair, authorize: () => undefined },
  });
  const security = { kind: "curve", keyPair: createCurveKeyPair(), serverKey: serverPair.publicKey } as const;
  const { connector, inbox } = connect(t, { address, security });
  connector.connect();
  const error = await inbox.nextRefusal();
  const why = 'it refused with "400", this side\'s public key is not allowed there';
  assert.equal(error.message, `Cannot connect to "${address}": ${why}`);
  assert.equal(error.code, "unauthenticated");
  assert.equal((await theirs.nextRefusal()).code, "unauthenticated");
});

test("createConnector says what to check when the server key is wrong", async (t) => {
  const serverPair = createCurveKeyPair();
  const { inbox: theirs, address } = await listen(t, {
    security: { kind: "curve", keyPair: serverPair, authorize: () => true },
  });
  const security = { kind: "curve", keyPair: createCurveKeyPair(), serverKey: createCurveKeyPair().publicKey } as const;
  const { connector, inbox } = connect(t, { address, security });
  connector.connect();
  const why = "it closed the connection during the CURVE handshake, check the keys on both sides";
  assert.equal((await inbox.nextRefusal()).message, `Cannot connect to "${address}": ${why}`);
  assert.match(
    (await theirs.nextRefusal()).message,
    /it does not know this side's public key, give it the right server key$/,
  );
});

test("createConnector tries again when a peer accepts and says nothing", async (t) => {
  const address = await rawServer(t, () => {});
  const { connector, inbox } = connect(t, { address, timing: { ...quick, handshakeTimeoutMs: 30 } });
  connector.connect();
  const why = "its greeting did not come within 30 ms, check that a ZeroMQ peer is there";
  const wanted = `Cannot connect to "${address}": ${why}`;
  while ((await inbox.nextRefusal()).message !== wanted); // On a busy machine a try may end before it was accepted.
  await inbox.nextRefusal();
});

test("createConnector gives up a server that falls silent, and connects again", async (t) => {
  const { address: target } = await listen(t, { timing: { heartbeatIntervalMs: 0 } });
  let silent: Socket | undefined;
  let latest: Socket | undefined;
  const address = await relay(t, target, {
    onSocket: (socket) => {
      latest = socket;
    },
    answer: (socket, chunk) => (socket === silent ? [] : [chunk]),
  });
  const timing = { ...quick, heartbeatIntervalMs: 10, heartbeatTimeoutMs: 40 };
  const { connector, inbox } = connect(t, { address, timing });
  connector.sendMessage([Buffer.from("first")]);
  assert.deepEqual(await inbox.nextMessage(), ["first"]);
  silent = latest;
  assert.equal((await inbox.nextClose())?.code, "peer_silent");
  connector.sendMessage([Buffer.from("second")]);
  assert.deepEqual(await inbox.nextMessage(), ["second"]);
});

const attacks = [
  {
    name: "repeats an encrypted message",
    request: (chunk: Buffer) => [chunk, chunk],
    delivered: true,
    why: "it repeated an encrypted message",
  },
  {
    name: "changes the nonce of an encrypted message",
    request: (chunk: Buffer) => [Buffer.from(chunk).fill(9, 17, 18)],
    delivered: false,
    why: "an encrypted message of it was changed on its way",
  },
  {
    name: "changes the last byte of an encrypted message",
    request: (chunk: Buffer) => [chunk.subarray(0, -1), Buffer.of((chunk.at(-1) as number) ^ 1)],
    delivered: false,
    why: "an encrypted message of it was changed on its way",
  },
] as const;

for (const { name, request, delivered, why } of attacks) {
  test(`createListener ends a CURVE connection when somebody between ${name}`, async (t) => {
    const serverPair = createCurveKeyPair();
    const server = await listen(t, { security: { kind: "curve", keyPair: serverPair, authorize: () => true } });
    let attacking = false;
    const address = await relay(t, server.address, { request: (chunk) => (attacking ? request(chunk) : [chunk]) });
    const security = { kind: "curve", keyPair: createCurveKeyPair(), serverKey: serverPair.publicKey } as const;
    const { connector, inbox } = connect(t, { address, security });
    connector.sendMessage([Buffer.from("before")]);
    assert.deepEqual(await inbox.nextMessage(), ["before"]);
    assert.deepEqual(await server.inbox.nextMessage(), ["before"]);
    attacking = true;
    connector.sendMessage([Buffer.from("precious")]);
    const error = await server.inbox.nextClose();
    assert.equal(error?.code, "protocol_violation");
    assert.ok(error?.message.endsWith(`: ${why}`), error?.message);
    attacking = false;
    await inbox.nextClose();
    connector.sendMessage([Buffer.from("after")]);
    if (delivered) assert.deepEqual(await server.inbox.nextMessage(), ["precious"]);
    assert.deepEqual(await server.inbox.nextMessage(), ["after"]);
  });
}

test("createConnector keeps memory bounded while its peer reads nothing", async (t) => {
  const { inbox: theirs, address } = await listen(t, {
    onConnection: (connection) => {
      theirs.onConnection(connection);
      connection.pause();
      return { onMessage() {} };
    },
  });
  let produced = 0;
  const source: OutboundSource = {
    fill: (writer) => {
      do {
        writer.write(new Uint8Array(4096));
        produced += 4096;
      } while (writer.endItem());
      return true;
    },
  };
  const { connector } = connect(t, {
    address,
    onConnection: () => ({ onMessage() {}, source }),
    timing: { lingerMs: 0 },
  });
  connector.connect();
  await theirs.nextConnection();
  let before = -1;
  while (produced !== before) {
    before = produced;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  // What the kernel's two buffers hold, and one flush; a reader that read would have taken gigabytes in this time.
  assert.ok(produced < 16 * 1024 * 1024 + FLUSH_BYTES_MAX, `${produced} bytes`);
});

test("Connector.close delivers what is queued, also when it has yet to connect", async (t) => {
  const { inbox: theirs, address } = await listen(t);
  const { connector } = connect(t, { address });
  for (let index = 0; index < 100; index++) connector.sendMessage([Buffer.from(String(index))]);
  await connector.close();
  assert.equal(connector.sendMessage([Buffer.from("late")]), "closed");
  for (let index = 0; index < 100; index++) assert.deepEqual(await theirs.nextMessage(), [String(index)]);
});

test("Connector.close does not wait for a peer that is not there longer than the linger", async () => {
  const connector = createConnector({
    address: await freeAddress(),
    ...createInbox(),
    timing: { ...quick, lingerMs: 50 },
  });
  connector.sendMessage([Buffer.from("nobody")]);
  await connector.close();
});

test("createConnector and createListener leave no handle open: a process that closes them ends", async () => {
  const program = `
    import { createConnector, createListener } from "./index.ts";
    const echo = (connection) => ({ onMessage: (frames) => connection.sendMessage(frames) });
    const listener = await createListener({ address: "tcp://127.0.0.1:0", onConnection: echo });
    const done = Promise.withResolvers();
    const connector = createConnector({ address: listener.address, onConnection: () => ({ onMessage: done.resolve }) });
    const nowhere = createConnector({ address: "tcp://127.0.0.1:1", onConnection: echo, timing: { lingerMs: 0 } });
    nowhere.sendMessage([new Uint8Array(1)]);
    connector.sendMessage([new Uint8Array(1)]);
    await done.promise;
    await Promise.all([connector.close(), nowhere.close(), listener.close()]);
    console.log("closed");
  `;
  const parameters = ["-C", "source", "--input-type=module-typescript", "--eval", program];
  const options = { cwd: import.meta.dirname, timeout: 20_000 };
  const { stdout } = await promisify(execFile)(process.execPath, parameters, options);
  assert.equal(stdout, "closed\n");
});

test("createListener notices a peer process that is killed", async (t) => {
  const { inbox: theirs, address } = await listen(t);
  const program = `
    import { createConnector } from "./index.ts";
    const connector = createConnector({ address: ${JSON.stringify(address)}, onConnection: () => ({ onMessage() {} }) });
    connector.sendMessage([new Uint8Array(1)]);
  `;
  const child = execFile(process.execPath, ["-C", "source", "--input-type=module-typescript", "--eval", program], {
    cwd: import.meta.dirname,
  });
  await theirs.nextMessage();
  child.kill("SIGKILL");
  assert.equal((await theirs.nextClose())?.code, "peer_lost");
});
