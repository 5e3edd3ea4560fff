import assert from "node:assert/strict";
import { test } from "node:test";
import {
  encodeCommand,
  encodeError,
  encodePing,
  isCommand,
  parseCommand,
  readErrorReason,
  readPing,
} from "./command.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

test("encodePing writes the name, the time to live in tenths of a second, and no context", () => {
  assert.equal(hex(encodePing(10_000)), "0450494e470064");
});

test("encodePing does not promise more than the field holds", () => {
  assert.equal(hex(encodePing(1e9)), "0450494e47ffff");
});

test("readPing reads back the time to live and the context", () => {
  const { data } = parseCommand(encodeCommand("PING", Uint8Array.of(0, 25), Buffer.from("abc")));
  const { ttlMs, context } = readPing(data);
  assert.equal(ttlMs, 2500);
  assert.equal(Buffer.from(context).toString(), "abc");
});

test("readPing refuses a PING without a time to live", () => {
  assert.throws(() => readPing(Uint8Array.of(1)), { message: "it sent a PING without a time to live" });
});

test("encodeError writes a length byte before the reason", () => {
  assert.equal(hex(encodeError("400")), "054552524f5203343030");
});

test("readErrorReason shows only printable letters, and few", () => {
  assert.equal(readErrorReason(Uint8Array.of(4, 65, 10, 200, 66)), "A??B");
  assert.equal(readErrorReason(new Uint8Array(256).fill(65).fill(255, 0, 1)).length, 100);
  assert.equal(readErrorReason(new Uint8Array(0)), "");
});

test("isCommand compares the whole name", () => {
  assert.equal(isCommand(encodeCommand("MESSAGE"), "MESSAGE"), true);
  assert.equal(isCommand(encodeCommand("MESSAGX"), "MESSAGE"), false);
  assert.equal(isCommand(encodeCommand("MESSAG"), "MESSAGE"), false);
});

for (const [name, bytes] of [
  ["nothing", []],
  ["an empty name", [0]],
  ["a name that is cut", [5, 65, 66]],
  ["a name of 200 letters", [200, ...new Array(200).fill(65)]],
] as const) {
  test(`parseCommand refuses ${name}`, () => {
    assert.throws(() => parseCommand(Uint8Array.from(bytes)), { message: "it sent a command without a name" });
  });
}
