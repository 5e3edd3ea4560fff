import assert from "node:assert/strict";
import { test } from "node:test";
import { createGreetingReader, encodeGreeting, GREETING_BYTES } from "./greeting.ts";

const nullGreeting = `ff00000000000000007f0301${"4e554c4c".padEnd(40, "0")}00${"00".repeat(31)}`;
const curveGreeting = `ff00000000000000007f0301${"4355525645".padEnd(40, "0")}01${"00".repeat(31)}`;

test("encodeGreeting writes the 64 bytes of RFC 37 for NULL", () => {
  assert.equal(Buffer.from(encodeGreeting("NULL", false)).toString("hex"), nullGreeting);
});

test("encodeGreeting writes the 64 bytes of RFC 37 for a CURVE server", () => {
  assert.equal(Buffer.from(encodeGreeting("CURVE", true)).toString("hex"), curveGreeting);
});

for (const chunkSize of [1, 7, 64, 100]) {
  test(`createGreetingReader reads a greeting in chunks of ${chunkSize} and leaves what follows`, () => {
    const reader = createGreetingReader();
    const bytes = Buffer.from(`${curveGreeting}${"ab".repeat(40)}`, "hex");
    let at = 0;
    while (reader.greeting === undefined) at += reader.push(bytes.subarray(at, at + chunkSize));
    assert.equal(at, GREETING_BYTES);
    assert.deepEqual(reader.greeting, { minor: 1, mechanism: "CURVE", asServer: true });
  });
}

test("createGreetingReader reads a peer of ZMTP 3.0 as such", () => {
  const reader = createGreetingReader();
  const bytes = encodeGreeting("NULL", false);
  bytes[11] = 0;
  reader.push(bytes);
  assert.equal(reader.greeting?.minor, 0);
});

const old = "it speaks a ZMTP older than 3.0, upgrade its ZeroMQ to 4.0 or later";
const rubbish = [
  {
    name: "HTTP",
    bytes: Buffer.from("GET / HTTP/1.1\r\n"),
    message: "it does not speak ZMTP (first byte 0x47), check that the port is right",
  },
  { name: "ZMTP 1", bytes: Buffer.from("0100", "hex"), message: old },
  { name: "ZMTP 2", bytes: Buffer.from("ff00000000000000017f01", "hex"), message: old },
  { name: "an unversioned peer with a long identity", bytes: Buffer.from("ff000000000000000100", "hex"), message: old },
  {
    name: "a greeting without a mechanism",
    bytes: Buffer.concat([encodeGreeting("", false)]),
    message: "its greeting names no security mechanism",
  },
];

for (const { name, bytes, message } of rubbish) {
  test(`createGreetingReader refuses ${name}`, () => {
    assert.throws(() => createGreetingReader().push(bytes), { name: "PeerFault", code: "handshake_failed", message });
  });
}
