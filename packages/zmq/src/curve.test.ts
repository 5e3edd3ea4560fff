import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { encodeCommand, encodeError } from "./command.ts";
import { createCurveClient } from "./curve-client.ts";
import { type CurveKeyPair, createCurveKeyPair, encodeHex } from "./curve-key.ts";
import { createCurveServer } from "./curve-server.ts";
import { PeerFault } from "./errors.ts";
import { FLAG_COMMAND, FLAG_MORE } from "./frame.ts";
import type { HandshakeResult, SecureSession } from "./mechanism.ts";
import type { Metadata } from "./metadata.ts";
import { allowKeys } from "./security.ts";
import { createManualSystem } from "./testing/manual-system.ts";

const keys = createManualSystem("keys");
const serverPair = createCurveKeyPair(keys);
const clientPair = createCurveKeyPair(keys);
const strangerPair = createCurveKeyPair(keys);
const properties: Metadata = new Map([["Socket-Type", Buffer.from("DEALER")]]);

interface Sides {
  readonly clientPair?: CurveKeyPair;
  readonly serverKey?: Uint8Array;
  readonly metadata?: Metadata;
  /** Changes a command on its way. */
  readonly change?: (name: string, body: Uint8Array) => Uint8Array;
}

/** Runs a handshake to its end; `transcript` holds every command as it was sent. */
function shakeHands(sides: Sides = {}) {
  const system = createManualSystem("handshake");
  const metadata = sides.metadata ?? properties;
  const client = createCurveClient({
    keyPair: sides.clientPair ?? clientPair,
    serverKey: sides.serverKey ?? serverPair.publicKey,
    metadata,
    check: () => {},
    system,
  });
  const authorize = allowKeys([{ publicKey: clientPair.publicKey, name: "known" }]);
  const server = createCurveServer({ keyPair: serverPair, authorize, metadata, check: () => {}, system });
  const transcript: Uint8Array[] = [];
  const results: HandshakeResult[] = [];
  let body: Uint8Array | undefined = client.open();
  for (let turn = 0; body !== undefined; turn++) {
    transcript.push(body);
    const name = Buffer.from(body.subarray(1, 1 + (body[0] as number))).toString();
    const sent: Uint8Array = sides.change?.(name, Uint8Array.from(body)) ?? body;
    const step = (turn % 2 === 0 ? server : client).receive(sent);
    if (step.result !== undefined) results.push(step.result);
    body = step.reply;
  }
  const [ofServer, ofClient] = results as [HandshakeResult, HandshakeResult];
  return { transcript, ofServer, ofClient };
}

function sealMessage(session: SecureSession, flags: number, text: string): Uint8Array {
  const prefix = session.sealer.prefixBytes;
  const bytes = new Uint8Array(prefix + text.length);
  bytes.set(Buffer.from(text), prefix);
  session.sealer.seal(bytes, { start: 0, end: bytes.length, flags });
  return bytes;
}

function establish() {
  const { ofClient, ofServer } = shakeHands();
  assert.ok(ofClient.session !== undefined && ofServer.session !== undefined);
  return { client: ofClient.session, server: ofServer.session };
}

test("createCurveClient and createCurveServer exchange commands of the sizes in RFC 26", () => {
  const { transcript } = shakeHands({ metadata: new Map() });
  assert.deepEqual(
    transcript.map((body) => body.length),
    [200, 168, 257, 30],
  );
});

test("createCurveClient and createCurveServer repeat every byte for the same seed", () => {
  const digest = createHash("sha256").update(Buffer.concat(shakeHands().transcript)).digest("hex");
  assert.equal(digest, "8c821ac4f0a913546f58d51ddf355f87d2468523973bf39cbbbc27af035d62c2");
});

test("createCurveServer proves the client's key and hands on what is known about it", () => {
  const { ofServer } = shakeHands();
  assert.equal(encodeHex(ofServer.publicKey ?? new Uint8Array(0)), encodeHex(clientPair.publicKey));
  assert.equal((ofServer.info as { readonly name: string }).name, "known");
  assert.equal(Buffer.from(ofServer.metadata.get("socket-type") ?? []).toString(), "DEALER");
});

test("createCurveServer sends less than it was sent, at every step", () => {
  const [hello, welcome, initiate, ready] = shakeHands().transcript.map((body) => body.length);
  assert.ok((welcome ?? 0) < (hello ?? 0) && (ready ?? 0) < (initiate ?? 0));
});

const failures: readonly {
  readonly name: string;
  readonly sides: Sides;
  readonly code: string;
  readonly message: string;
}[] = [
  {
    name: "a client whose key is not allowed",
    sides: { clientPair: strangerPair },
    code: "unauthenticated",
    message: `its public key ${encodeHex(strangerPair.publicKey)} is not known here, add it to the allowed keys`,
  },
  {
    name: "a client that takes the server for another",
    sides: { serverKey: strangerPair.publicKey },
    code: "unauthenticated",
    message: "it does not know this side's public key, give it the right server key",
  },
  {
    name: "a client that claims a key it does not own",
    sides: { clientPair: { publicKey: clientPair.publicKey, secretKey: strangerPair.secretKey } },
    code: "unauthenticated",
    message: "it does not hold the secret key that belongs to its public key",
  },
  {
    name: "a HELLO of 201 bytes",
    sides: { change: (name, body) => (name === "HELLO" ? Buffer.concat([body, Buffer.of(0)]) : body) },
    code: "protocol_violation",
    message: "its first command is no HELLO",
  },
  {
    name: "another version of CURVE",
    sides: { change: (name, body) => (name === "HELLO" ? body.fill(2, 6, 7) : body) },
    code: "protocol_violation",
    message: "it speaks another version of CURVE",
  },
  {
    name: "a HELLO with a key of low order",
    sides: { change: (name, body) => (name === "HELLO" ? body.fill(0, 80, 112) : body) },
    code: "protocol_violation",
    message: "it sent a public key that makes no secret",
  },
  {
    name: "a WELCOME that was changed",
    sides: { change: (name, body) => (name === "WELCOME" ? body.fill(0, 100, 101) : body) },
    code: "unauthenticated",
    message: "it does not hold the secret key that belongs to the given server key",
  },
  {
    name: "a cookie that was changed",
    sides: { change: (name, body) => (name === "INITIATE" ? body.fill(0, 50, 52) : body) },
    code: "protocol_violation",
    message: "it sent back a cookie that is not ours",
  },
  {
    name: "an INITIATE that repeats HELLO's nonce",
    sides: { change: (name, body) => (name === "INITIATE" ? body.fill(1, 112, 113) : body) },
    code: "protocol_violation",
    message: "it repeated a nonce in its handshake",
  },
  {
    name: "an INITIATE that was changed",
    sides: { change: (name, body) => (name === "INITIATE" ? body.fill(0, 200, 202) : body) },
    code: "protocol_violation",
    message: "its INITIATE was changed on its way",
  },
  {
    name: "a READY that was changed",
    sides: { change: (name, body) => (name === "READY" ? body.fill(0, 20, 22) : body) },
    code: "protocol_violation",
    message: "its READY was changed on its way",
  },
  {
    name: "a refusal instead of READY",
    sides: { change: (name, body) => (name === "READY" ? encodeError("400") : body) },
    code: "unauthenticated",
    message: 'it refused with "400", this side\'s public key is not allowed there',
  },
];

for (const { name, sides, code, message } of failures) {
  test(`createCurveServer or createCurveClient refuses ${name}`, () => {
    assert.throws(() => shakeHands(sides), { name: "PeerFault", code, message });
  });
}

test("createCurveServer refuses every HELLO and INITIATE with any one byte changed", () => {
  for (const command of ["HELLO", "INITIATE"]) {
    const size = command === "HELLO" ? 200 : 257;
    for (let at = 0; at < size; at++) {
      // The padding of HELLO says nothing; its counter and its key are bound by the box that follows.
      if (command === "HELLO" && at >= 8 && at < 80) continue;
      const change = (name: string, body: Uint8Array) => {
        if (name === command) (body[at] as number) ^= 1;
        return body;
      };
      assert.throws(() => shakeHands({ change }), PeerFault, `${command} byte ${at}`);
    }
  }
});

test("createCurveServer refuses a second HELLO", () => {
  const system = createManualSystem();
  const authorize = allowKeys([clientPair]);
  const server = createCurveServer({ keyPair: serverPair, authorize, metadata: properties, check: () => {}, system });
  const serverKey = serverPair.publicKey;
  const client = createCurveClient({ keyPair: clientPair, serverKey, metadata: properties, check: () => {}, system });
  const hello = client.open() ?? new Uint8Array(0);
  server.receive(hello);
  assert.throws(() => server.receive(hello), { message: "it sent no proper INITIATE" });
});

test("createCurveSession carries messages both ways, with their flags", () => {
  const { client, server } = establish();
  for (const [flags, text] of [
    [0, ""],
    [FLAG_MORE, "to be continued"],
    [FLAG_COMMAND, "PING"],
  ] as const) {
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      const opened = to.open(sealMessage(from, flags, text));
      assert.equal(opened.flags, flags);
      assert.equal(Buffer.from(opened.payload).toString(), text);
    }
  }
});

test("createCurveSession adds 33 bytes to a payload", () => {
  assert.equal(sealMessage(establish().client, 0, "four").length, 37);
});

test("createCurveSession refuses a message that comes twice", () => {
  const { client, server } = establish();
  const sealed = sealMessage(client, 0, "once");
  server.open(Uint8Array.from(sealed));
  const refusal = { name: "PeerFault", message: "it repeated an encrypted message" };
  assert.throws(() => server.open(Uint8Array.from(sealed)), refusal);
});

test("createCurveSession refuses a message that was overtaken", () => {
  const { client, server } = establish();
  const first = sealMessage(client, 0, "first");
  server.open(sealMessage(client, 0, "second"));
  assert.throws(() => server.open(first), { message: "it repeated an encrypted message" });
});

test("createCurveSession refuses a message sent back to its sender", () => {
  const { client } = establish();
  const message = "an encrypted message of it was changed on its way";
  assert.throws(() => client.open(sealMessage(client, 0, "mirror")), { message });
});

test("createCurveSession refuses a message with any one bit changed", () => {
  const { client, server } = establish();
  const sealed = sealMessage(client, 0, "original");
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const changed = Uint8Array.from(sealed);
    (changed[bit >> 3] as number) ^= 1 << (bit & 7);
    assert.throws(() => server.open(changed), PeerFault);
  }
  assert.equal(Buffer.from(server.open(sealed).payload).toString(), "original");
});

for (const [name, body] of [
  ["nothing", new Uint8Array(0)],
  ["a frame in the clear", Buffer.from("hello, is anybody there? I am not encrypted")],
  ["a MESSAGE that is too short", encodeCommand("MESSAGE", new Uint8Array(24))],
] as const) {
  test(`createCurveSession refuses ${name}`, () => {
    const message = "it sent something other than an encrypted MESSAGE";
    assert.throws(() => establish().server.open(body), { message });
  });
}
