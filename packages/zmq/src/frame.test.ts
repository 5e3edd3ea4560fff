import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeFrame, FLAG_COMMAND, FLAG_MORE, writeFrameHeader } from "./frame.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

const headers = [
  { flags: 0, size: 0, expected: "0000" },
  { flags: FLAG_MORE, size: 5, expected: "0105" },
  { flags: FLAG_COMMAND, size: 255, expected: "04ff" },
  { flags: 0, size: 256, expected: "020000000000000100" },
  { flags: FLAG_MORE, size: 65_536, expected: "030000000000010000" },
  { flags: FLAG_COMMAND, size: 5_000_000_000, expected: "06000000012a05f200" },
];

for (const { flags, size, expected } of headers) {
  test(`writeFrameHeader writes flags ${flags} and size ${size} as RFC 37 does`, () => {
    const bytes = new Uint8Array(12);
    const end = writeFrameHeader(bytes, { at: 1, flags, size });
    assert.equal(hex(bytes.subarray(1, end)), expected);
  });
}

test("encodeFrame puts the body after the header", () => {
  assert.equal(hex(encodeFrame(FLAG_MORE, Uint8Array.of(1, 2, 3))), "0103010203");
});
