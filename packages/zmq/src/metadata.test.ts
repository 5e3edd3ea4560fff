import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeMetadata, parseMetadata } from "./metadata.ts";
import { announce, readAnnouncement } from "./socket-type.ts";

const golden = `0b${Buffer.from("Socket-Type").toString("hex")}00000006${Buffer.from("DEALER").toString("hex")}`;

test("encodeMetadata writes READY's properties as RFC 37 does", () => {
  const metadata = announce({ type: "DEALER", identity: new Uint8Array(0) }, new Map());
  const identity = `08${Buffer.from("Identity").toString("hex")}00000000`;
  assert.equal(Buffer.from(encodeMetadata(metadata)).toString("hex"), golden + identity);
});

test("parseMetadata reads names without regard to case, and empty values", () => {
  const bytes = encodeMetadata(
    new Map([
      ["sOCKET-tYPE", Buffer.from("REQ")],
      ["X-Empty", new Uint8Array(0)],
    ]),
  );
  const metadata = parseMetadata(bytes);
  assert.equal(Buffer.from(metadata.get("socket-type") ?? []).toString(), "REQ");
  assert.equal(metadata.get("x-empty")?.length, 0);
});

const cut = "its metadata ends in the middle of a property";
const unnamed = "its metadata has a property without a proper name";
const rubbish = [
  { name: "a name that is cut", hex: "0b536f63", message: cut },
  { name: "a value that is cut", hex: "014100000005ff", message: cut },
  { name: "a value length that is cut", hex: "01410000", message: cut },
  { name: "an impossible value length", hex: "0141ffffffff00", message: cut },
  { name: "an empty name", hex: "0000000000", message: unnamed },
  { name: "a name with a blank", hex: "012000000000", message: unnamed },
];

for (const { name, hex, message } of rubbish) {
  test(`parseMetadata refuses ${name}`, () => {
    const refusal = { name: "PeerFault", code: "protocol_violation", message };
    assert.throws(() => parseMetadata(Buffer.from(hex, "hex")), refusal);
  });
}

const pairs = [
  { own: "ROUTER", good: ["DEALER", "REQ", "ROUTER"], bad: ["REP", "PUB", "SUB", "PUSH", "PULL", "PAIR"] },
  { own: "DEALER", good: ["ROUTER", "REP", "DEALER"], bad: ["REQ", "PUB", "SUB", "PUSH", "PULL", "PAIR"] },
] as const;

for (const { own, good, bad } of pairs) {
  for (const type of good) {
    test(`readAnnouncement lets a ${type} talk to our ${own}`, () => {
      assert.equal(readAnnouncement(own, new Map([["socket-type", Buffer.from(type)]])).socketType, type);
    });
  }
  for (const type of bad) {
    test(`readAnnouncement refuses a ${type} for our ${own}`, () => {
      const message = `its socket type is "${type}", it must be one of ${own === "ROUTER" ? "DEALER, ROUTER, REQ" : "ROUTER, DEALER, REP"}`;
      assert.throws(() => readAnnouncement(own, new Map([["socket-type", Buffer.from(type)]])), { message });
    });
  }
}

test("readAnnouncement refuses a peer without a socket type", () => {
  const message = "its socket type is not given, it must be one of DEALER, ROUTER, REQ";
  assert.throws(() => readAnnouncement("ROUTER", new Map()), { message });
});

test("readAnnouncement refuses an identity of 256 bytes", () => {
  const metadata = new Map([
    ["socket-type", Buffer.from("DEALER")],
    ["identity", Buffer.alloc(256)],
  ]);
  assert.throws(() => readAnnouncement("ROUTER", metadata), { code: "handshake_failed" });
});
