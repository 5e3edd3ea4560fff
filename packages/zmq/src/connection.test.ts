import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeCommand, encodePing, parseCommand } from "./command.ts";
import { type Connection, type ConnectionOptions, createConnection } from "./connection.ts";
import { encodeFrame, FLAG_COMMAND, FLAG_MORE } from "./frame.ts";
import { createFrameDecoder, type FrameDecoder } from "./frame-decoder.ts";
import { encodeGreeting, GREETING_BYTES } from "./greeting.ts";
import {
  completeLimits,
  completeTiming,
  EARLY_FLUSH_BYTES,
  EARLY_FLUSH_GROWTH,
  FLUSH_BYTES_MAX,
  SOCKET_WAITING_BYTES_MAX,
  type ZmqLimits,
  type ZmqTiming,
} from "./limits.ts";
import { encodeMetadata } from "./metadata.ts";
import { createNullMechanism } from "./null-mechanism.ts";
import type { OutboundSource } from "./outbound.ts";
import { createOutbox } from "./outbox.ts";
import { announce } from "./socket-type.ts";
import { createInbox } from "./testing/inbox.ts";
import { createManualSystem } from "./testing/manual-system.ts";
import { createStreamPair, type MemoryStream } from "./testing/stream-pair.ts";

interface Setting {
  readonly limits?: Partial<ZmqLimits>;
  readonly timing?: Partial<ZmqTiming>;
  readonly source?: OutboundSource;
}

/** A connection under test whose peer is written by hand, byte by byte. */
function setUp(setting: Setting = {}) {
  const system = createManualSystem();
  const { left, right } = createStreamPair();
  const inbox = createInbox();
  const limits = completeLimits(setting.limits);
  const ended = Promise.withResolvers<void>();
  const options: ConnectionOptions = {
    stream: left,
    address: "peer",
    opening: 'Cannot accept peer "peer"',
    ownType: "ROUTER",
    mechanism: createNullMechanism({
      metadata: announce({ type: "ROUTER", identity: new Uint8Array(0) }, new Map()),
      check: () => {},
    }),
    outbox: createOutbox(limits),
    limits,
    timing: completeTiming(setting.timing),
    system,
    onReady: (connection) => ({
      ...inbox.onConnection(connection),
      ...(setting.source === undefined ? {} : { source: setting.source }),
    }),
    onRefused: inbox.onRefused,
    onEnd: ended.resolve,
  };
  const handle = createConnection(options);
  return { system, stream: left, peer: createRawPeer(right), inbox, handle, ended: ended.promise };
}

interface RawPeer {
  readonly stream: MemoryStream;
  send(...bytes: readonly Uint8Array[]): void;
  /** The next frame that comes, after the greeting. */
  nextFrame(): Promise<{ readonly flags: number; readonly body: Uint8Array }>;
}

function createRawPeer(stream: MemoryStream): RawPeer {
  const decoder: FrameDecoder = createFrameDecoder(1e8);
  const frames: { readonly flags: number; readonly body: Uint8Array }[] = [];
  let greetingLeft = GREETING_BYTES;
  let wake: (() => void) | undefined;
  stream.on("data", (chunk: Uint8Array) => {
    const skipped = Math.min(greetingLeft, chunk.length);
    greetingLeft -= skipped;
    decoder.push(chunk.subarray(skipped));
    for (let body = decoder.next(); body !== undefined; body = decoder.next()) {
      frames.push({ flags: decoder.flags, body });
    }
    wake?.();
  });
  stream.on("error", () => {});
  return {
    stream,
    send: (...bytes) => void stream.write(Buffer.concat(bytes)),
    nextFrame: async () => {
      while (frames.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return frames.shift() as { readonly flags: number; readonly body: Uint8Array };
    },
  };
}

function ready(socketType: "DEALER" | "PUB" = "DEALER"): Uint8Array {
  const metadata = new Map([["Socket-Type", Buffer.from(socketType)]]);
  return encodeFrame(FLAG_COMMAND, encodeCommand("READY", encodeMetadata(metadata)));
}

function greetingOf(minor: number): Uint8Array {
  const greeting = encodeGreeting("NULL", false);
  greeting[11] = minor;
  return greeting;
}

async function establish(setting: Setting = {}, minor = 1) {
  const parts = setUp(setting);
  parts.peer.send(greetingOf(minor), ready());
  const connection: Connection = await parts.inbox.nextConnection();
  await parts.peer.nextFrame();
  return { ...parts, connection };
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const frame = (content: string, flags = 0) => encodeFrame(flags, Buffer.from(content));
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("createConnection knows its peer after the handshake", async () => {
  const { connection } = await establish();
  assert.equal(connection.peer.socketType, "DEALER");
  assert.equal(connection.peer.address, "peer");
  assert.equal(connection.peer.publicKey, undefined);
});

test("createConnection puts frames together into messages", async () => {
  const { peer, inbox } = await establish();
  peer.send(frame("a", FLAG_MORE), frame("", FLAG_MORE), frame("c"), frame("single"));
  assert.deepEqual(await inbox.nextMessage(), ["a", "", "c"]);
  assert.deepEqual(await inbox.nextMessage(), ["single"]);
});

test("createConnection delivers what came together with the handshake", async () => {
  const { peer, inbox } = setUp();
  peer.send(greetingOf(1), ready(), frame("early"));
  assert.deepEqual(await inbox.nextMessage(), ["early"]);
});

test("createConnection sends all that is queued in one turn in one write", async () => {
  const { stream, peer, connection } = await establish();
  const write = stream.write.bind(stream);
  let writes = 0;
  stream.write = ((...parameters: Parameters<typeof write>) => {
    writes++;
    return write(...parameters);
  }) as typeof stream.write;
  for (let index = 0; index < 50; index++) connection.sendMessage([Buffer.from(`message ${index}`)]);
  for (let index = 0; index < 50; index++) assert.equal(text((await peer.nextFrame()).body), `message ${index}`);
  assert.equal(writes, 1);
});

test("createConnection sends what a turn writes in parts, each four times the one before, and the rest at its end", async () => {
  const { stream, peer, connection } = await establish();
  const write = stream.write.bind(stream);
  const sizes: number[] = [];
  stream.write = ((...parameters: Parameters<typeof write>) => {
    sizes.push((parameters[0] as Uint8Array).length);
    return write(...parameters);
  }) as typeof stream.write;
  const packet = new Uint8Array(100);
  const send = (count: number) => {
    for (let index = 0; index < count; index++) {
      connection.writer?.write(packet);
      connection.writer?.endItem();
      connection.requestFlush();
    }
  };
  send(60);
  assert.equal(sizes.length, 2); // Before the turn has ended.
  assert.ok(sizes[0] !== undefined && sizes[0] >= EARLY_FLUSH_BYTES && sizes[0] < EARLY_FLUSH_BYTES + 120);
  assert.ok(sizes[1] !== undefined && sizes[1] >= EARLY_FLUSH_BYTES * EARLY_FLUSH_GROWTH);
  await turn();
  assert.equal(sizes.length, 3);
  let received = 0;
  while (received < 6000) received += (await peer.nextFrame()).body.length;
  assert.equal(received, 6000);
  await turn();
  send(11);
  assert.equal(sizes.length, 4); // When the loop has looked for input again, it begins with a small part again.
});

test("createConnection sends what later turns of a pass of the event loop write together, when the pass is over", async () => {
  const { stream, peer, connection } = await establish();
  for (let count = 0; count < 2; count++) await turn(); // What the handshake sent has left.
  const write = stream.write.bind(stream);
  let writes = 0;
  stream.write = ((...parameters: Parameters<typeof write>) => {
    writes++;
    return write(...parameters);
  }) as typeof stream.write;
  const counts: number[] = [];
  for (let index = 0; index < 5; index++) {
    connection.sendMessage([Buffer.from(`message ${index}`)]);
    await new Promise<void>((resolve) => process.nextTick(() => process.nextTick(resolve))); // Its turn has ended.
    counts.push(writes);
  }
  assert.deepEqual(counts, [1, 1, 1, 1, 1]);
  await turn();
  assert.equal(writes, 2);
  for (let index = 0; index < 5; index++) assert.equal(text((await peer.nextFrame()).body), `message ${index}`);
});

test("createConnection asks its source once per flush, after the messages of the outbox", async () => {
  let fills = 0;
  const source: OutboundSource = {
    fill: (writer) => {
      fills++;
      writer.write(Buffer.from("packet"));
      return false;
    },
  };
  const { peer, connection } = await establish({ source });
  assert.equal(text((await peer.nextFrame()).body), "packet");
  connection.sendMessage([Buffer.from("message")]);
  connection.requestFlush();
  connection.requestFlush();
  assert.equal(text((await peer.nextFrame()).body), "message");
  assert.equal(text((await peer.nextFrame()).body), "packet");
  await turn();
  assert.equal(fills, 2);
});

test("createConnection asks its source for no more while the socket is full, and then goes on", async () => {
  let written = 0;
  const source: OutboundSource = {
    fill: (writer) => {
      do {
        writer.write(new Uint8Array(1000));
        written += 1000;
      } while (writer.endItem());
      return true;
    },
  };
  const parts = setUp({ source });
  parts.peer.send(greetingOf(1), ready());
  await parts.inbox.nextConnection();
  parts.stream.stalled = true;
  for (let round = 0; round < 20; round++) await turn();
  const most = SOCKET_WAITING_BYTES_MAX + FLUSH_BYTES_MAX + 1000;
  assert.ok(written <= most, `${written} bytes`);
  const before = written;
  parts.stream.stalled = false;
  parts.stream.stalled = true;
  for (let round = 0; round < 20; round++) await turn();
  assert.ok(written > before && written <= 2 * most, `${written} bytes`);
  parts.stream.destroy();
  await parts.ended;
});

test("createConnection is overloaded at its outbox's bound while the peer does not read", async () => {
  const { stream, peer, connection } = await establish({ limits: { outboxMessagesMax: 10 } });
  stream.stalled = true;
  connection.sendMessage([Buffer.from("in the socket")]);
  await turn();
  const results = Array.from({ length: 11 }, (_, index) => connection.sendMessage([Buffer.from(String(index))]));
  assert.deepEqual(results, [...new Array(10).fill("accepted"), "overloaded"]);
  stream.stalled = false;
  assert.equal(text((await peer.nextFrame()).body), "in the socket");
  for (let index = 0; index < 10; index++) assert.equal(text((await peer.nextFrame()).body), String(index));
  assert.equal(connection.sendMessage([Buffer.from("again")]), "accepted");
});

test("createConnection refuses what is over its limits without queueing it", async () => {
  const { connection } = await establish({ limits: { frameBytesMax: 10 } });
  assert.equal(connection.sendMessage([new Uint8Array(11)]), "too_large");
  assert.equal(connection.sendMessage([new Uint8Array(10)]), "accepted");
});

test("createConnection delivers nothing while paused, and all of it in order after resume", async () => {
  const { peer, inbox, connection } = await establish();
  const seen: string[] = [];
  const collect = async () => {
    for (let index = 0; index < 6; index++) seen.push(...(await inbox.nextMessage()));
  };
  const collected = collect();
  connection.pause();
  peer.send(frame("0"), frame("1"), frame("2"));
  await turn();
  peer.send(frame("3"), frame("4"), frame("5"));
  await turn();
  assert.deepEqual(seen, []);
  connection.resume();
  await collected;
  assert.deepEqual(seen, ["0", "1", "2", "3", "4", "5"]);
});

test("createConnection stops inside a chunk when its owner pauses it there", async () => {
  const system = createManualSystem();
  const { left, right } = createStreamPair();
  const seen: string[] = [];
  const connections: Connection[] = [];
  const limits = completeLimits({});
  createConnection({
    stream: left,
    address: "peer",
    opening: "",
    ownType: "ROUTER",
    mechanism: createNullMechanism({ metadata: new Map(), check: () => {} }),
    outbox: createOutbox(limits),
    limits,
    timing: completeTiming({}),
    system,
    onReady: (connection) => {
      connections.push(connection);
      return {
        onMessage: ([body]) => {
          seen.push(text(body as Uint8Array));
          connection.pause();
        },
      };
    },
    onRefused: assert.ifError,
    onEnd: () => {},
  });
  right.write(Buffer.concat([greetingOf(1), ready(), frame("0"), frame("1"), frame("2")]));
  for (const expected of [["0"], ["0", "1"], ["0", "1", "2"]]) {
    await turn();
    assert.deepEqual(seen, expected);
    connections[0]?.resume();
  }
});

test("createConnection answers a PING with its context", async () => {
  const { peer } = await establish();
  peer.send(encodeFrame(FLAG_COMMAND, encodeCommand("PING", Uint8Array.of(0, 10), Buffer.from("context"))));
  const { flags, body } = await peer.nextFrame();
  assert.equal(flags, FLAG_COMMAND);
  assert.equal(Buffer.compare(body, encodeCommand("PONG", Buffer.from("context"))), 0);
});

test("createConnection answers only the last of many PINGs when the peer does not read", async () => {
  const { stream, peer, connection } = await establish();
  stream.stalled = true;
  connection.sendMessage([Buffer.from("stuck")]);
  await turn();
  for (let index = 0; index < 1000; index++) {
    peer.send(encodeFrame(FLAG_COMMAND, encodeCommand("PING", Uint8Array.of(0, 10), Uint8Array.of(index >> 8, index))));
  }
  await turn();
  connection.sendMessage([Buffer.from("after")]);
  stream.stalled = false;
  assert.equal(text((await peer.nextFrame()).body), "stuck");
  const { data } = parseCommand((await peer.nextFrame()).body);
  assert.deepEqual([...data], [999 >> 8, 999 & 255]);
  assert.equal(text((await peer.nextFrame()).body), "after");
});

test("createConnection pings an idle peer and gives it up when it stays silent", async () => {
  const { system, peer, inbox, ended } = await establish({
    timing: { heartbeatIntervalMs: 100, heartbeatTimeoutMs: 300 },
  });
  system.advance(200);
  const { flags, body } = await peer.nextFrame();
  assert.equal(flags, FLAG_COMMAND);
  assert.equal(Buffer.compare(body, encodePing(300)), 0);
  system.advance(1000);
  const error = await inbox.nextClose();
  assert.equal(error?.code, "peer_silent");
  assert.equal(error?.message, 'Cannot go on with peer "peer": it was silent for 300 ms');
  await ended;
  assert.equal(system.timers, 0);
});

test("createConnection keeps a peer that answers every PING", async () => {
  const { system, peer, connection } = await establish({
    timing: { heartbeatIntervalMs: 100, heartbeatTimeoutMs: 300 },
  });
  for (let beat = 0; beat < 20; beat++) {
    system.advance(100);
    peer.send(encodeFrame(FLAG_COMMAND, encodeCommand("PONG")));
    await turn();
  }
  assert.equal(connection.sendMessage([Buffer.from("alive")]), "accepted");
});

test("createConnection does not ping a ZMTP 3.0 peer", async () => {
  const { system } = await establish({}, 0);
  assert.equal(system.timers, 0);
});

test("createConnection gives up a peer that does not finish the handshake", async () => {
  const { system, inbox, peer, ended } = setUp({ timing: { handshakeTimeoutMs: 500 } });
  peer.send(greetingOf(1).subarray(0, 20));
  await turn();
  system.advance(500);
  const error = await inbox.nextRefusal();
  const why = "its greeting did not come within 500 ms, check that a ZeroMQ peer is there";
  assert.equal(error.message, `Cannot accept peer "peer": ${why}`);
  assert.equal(error.code, "handshake_failed");
  await ended;
  assert.equal(system.timers, 0);
});

const refusals: readonly { readonly name: string; readonly bytes: readonly Uint8Array[]; readonly why: string }[] = [
  {
    name: "HTTP",
    bytes: [Buffer.from("GET / HTTP/1.1\r\n\r\n")],
    why: "it does not speak ZMTP (first byte 0x47), check that the port is right",
  },
  {
    name: "another security",
    bytes: [encodeGreeting("CURVE", false)],
    why: 'it uses security "CURVE" and this side "NULL", give both the same',
  },
  {
    name: "a message before READY",
    bytes: [greetingOf(1), frame("too early")],
    why: "it sent a message before the handshake was over",
  },
  {
    name: "another command than READY",
    bytes: [greetingOf(1), encodeFrame(FLAG_COMMAND, encodeCommand("HELLO"))],
    why: 'it sent "HELLO" where READY was due',
  },
  {
    name: "READY with rubbish",
    bytes: [greetingOf(1), encodeFrame(FLAG_COMMAND, encodeCommand("READY", Uint8Array.of(200)))],
    why: "its metadata ends in the middle of a property",
  },
  {
    name: "a command of 16 KiB and one byte",
    bytes: [greetingOf(1), encodeFrame(FLAG_COMMAND, new Uint8Array(16_385))],
    why: "it announced a frame of 16385 bytes, at most 16384 are accepted here",
  },
  {
    name: "PINGs without end",
    bytes: [greetingOf(1), ...new Array(9).fill(encodeFrame(FLAG_COMMAND, encodePing(0)))],
    why: "its handshake does not come to an end",
  },
  {
    name: "a PUB socket",
    bytes: [greetingOf(1), ready("PUB")],
    why: 'its socket type is "PUB", it must be one of DEALER, ROUTER, REQ',
  },
  {
    name: "an ERROR",
    bytes: [greetingOf(1), encodeFrame(FLAG_COMMAND, encodeCommand("ERROR", Uint8Array.of(2), Buffer.from("no")))],
    why: 'it refused with "no"',
  },
];

for (const { name, bytes, why } of refusals) {
  test(`createConnection refuses ${name} in the handshake`, async () => {
    const { inbox, peer, ended, system } = setUp();
    peer.send(...bytes);
    assert.equal((await inbox.nextRefusal()).message, `Cannot accept peer "peer": ${why}`);
    await ended;
    assert.equal(system.timers, 0);
  });
}

test("createConnection tells a peer of the wrong type why it is sent away", async () => {
  const { peer } = setUp();
  peer.send(greetingOf(1), ready("PUB"));
  await peer.nextFrame();
  const { name, data } = parseCommand((await peer.nextFrame()).body);
  assert.equal(name, "ERROR");
  assert.equal(text(data.subarray(1)), "Invalid socket type");
});

const violations: readonly { readonly name: string; readonly bytes: readonly Uint8Array[]; readonly why: string }[] = [
  { name: "unknown flags", bytes: [Uint8Array.of(0x80, 0)], why: "it sent a frame with unknown flags 0x80" },
  {
    name: "a frame one byte too large",
    bytes: [encodeFrame(0, new Uint8Array(1001))],
    why: "it announced a frame of 1001 bytes, at most 1000 are accepted here",
  },
  {
    name: "a message one byte too large",
    bytes: [encodeFrame(FLAG_MORE, new Uint8Array(1000)), encodeFrame(0, new Uint8Array(501))],
    why: "it sent a message of over 1500 bytes, which is the limit here",
  },
  {
    name: "one frame too many",
    bytes: [frame("1", FLAG_MORE), frame("2", FLAG_MORE), frame("3", FLAG_MORE), frame("4")],
    why: "it sent a message of over 3 frames, which is the limit here",
  },
  {
    name: "a command without a name",
    bytes: [encodeFrame(FLAG_COMMAND, new Uint8Array(0))],
    why: "it sent a command without a name",
  },
  {
    name: "a PING with 17 bytes of context",
    bytes: [encodeFrame(FLAG_COMMAND, encodeCommand("PING", Uint8Array.of(0, 0), new Uint8Array(17)))],
    why: "it sent a PING with over 16 bytes of context",
  },
];

for (const { name, bytes, why } of violations) {
  test(`createConnection ends at ${name}`, async () => {
    const limits = { frameBytesMax: 1000, messageBytesMax: 1500, framesMax: 3 };
    const { peer, inbox, ended, connection, system } = await establish({ limits });
    peer.send(...bytes);
    const error = await inbox.nextClose();
    assert.equal(error?.message, `Cannot go on with peer "peer": ${why}`);
    assert.equal(error?.code, "protocol_violation");
    assert.equal(connection.sendMessage([Buffer.from("late")]), "closed");
    await ended;
    assert.equal(system.timers, 0);
  });
}

test("createConnection accepts what is exactly at its limits", async () => {
  const limits = { frameBytesMax: 1000, messageBytesMax: 1500, framesMax: 3 };
  const { peer, inbox } = await establish({ limits });
  peer.send(encodeFrame(FLAG_MORE, new Uint8Array(1000)), encodeFrame(FLAG_MORE, new Uint8Array(500)), frame(""));
  assert.deepEqual(
    (await inbox.nextFrames()).map(({ length }) => length),
    [1000, 500, 0],
  );
});

test("createConnection passes over commands that it does not know", async () => {
  const { peer, inbox } = await establish();
  peer.send(encodeFrame(FLAG_COMMAND, encodeCommand("NOVELTY", Uint8Array.of(1))), frame("after"));
  assert.deepEqual(await inbox.nextMessage(), ["after"]);
});

for (const [name, bytes, cut] of [
  ["between messages", [frame("whole")], ""],
  ["inside a frame", [frame("half").subarray(0, 4)], " in the middle of a message"],
  ["between the frames of a message", [frame("first", FLAG_MORE)], " in the middle of a message"],
] as const) {
  test(`createConnection notices when the peer goes ${name}`, async () => {
    const { peer, inbox, ended } = await establish();
    peer.send(...bytes);
    await turn();
    peer.stream.destroy();
    const error = await inbox.nextClose();
    assert.equal(error?.message, `Cannot go on with peer "peer": it closed the connection${cut}`);
    assert.equal(error?.code, "peer_lost");
    await ended;
  });
}

test("createConnection notices when the socket breaks", async () => {
  const { stream, inbox } = await establish();
  stream.destroy(Object.assign(new Error("reset"), { code: "ECONNRESET" }));
  const error = await inbox.nextClose();
  assert.equal(error?.message, 'Cannot go on with peer "peer": the connection broke (ECONNRESET)');
});

test("Connection.close sends what is queued, and tells its owner once", async () => {
  const { peer, inbox, connection, ended, system } = await establish();
  for (let index = 0; index < 100; index++) connection.sendMessage([Buffer.from(String(index))]);
  const closed = connection.close();
  assert.equal(connection.sendMessage([Buffer.from("late")]), "closed");
  for (let index = 0; index < 100; index++) assert.equal(text((await peer.nextFrame()).body), String(index));
  await closed;
  assert.equal(await inbox.nextClose(), undefined);
  await ended;
  assert.equal(system.timers, 0);
});

test("Connection.close waits no longer than the linger for a peer that does not read", async () => {
  const { stream, system, connection, ended } = await establish({ timing: { lingerMs: 300 } });
  stream.stalled = true;
  connection.sendMessage([Buffer.from("stuck")]);
  const closed = connection.close();
  await turn();
  system.advance(300);
  await closed;
  await ended;
  assert.equal(system.timers, 0);
});

test("Connection.close ends an open handshake at once", async () => {
  const { handle, system, ended } = setUp();
  await handle.close();
  await ended;
  assert.equal(system.timers, 0);
});
