import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cutCopy } from "./block.ts";
import { BLOCK_BYTES, BLOCK_PIECE_BYTES_MAX } from "./limits.ts";

test("cutCopy copies bytes of any size, and no copy is touched by a later one", () => {
  const size = fc.oneof(fc.nat(100), fc.integer({ min: BLOCK_PIECE_BYTES_MAX - 1, max: BLOCK_PIECE_BYTES_MAX + 1 }));
  fc.assert(
    fc.property(fc.array(fc.tuple(size, fc.nat(255)), { maxLength: 40 }), (wanted) => {
      const copies = wanted.map(([length, byte]) => {
        const own = new Uint8Array(length).fill(byte);
        const copy = cutCopy(own);
        own.fill(byte ^ 0xff);
        return copy;
      });
      for (const [index, [length, byte]] of wanted.entries())
        assert.deepEqual(copies[index], new Uint8Array(length).fill(byte));
    }),
  );
});

test("cutCopy cuts small copies from one block and gives larger ones memory of their own", () => {
  const first = cutCopy(new Uint8Array(BLOCK_PIECE_BYTES_MAX));
  const copies = Array.from({ length: 4 }, () => cutCopy(new Uint8Array(10)));
  assert.ok(new Set(copies.map(({ buffer }) => buffer)).size <= 2);
  assert.equal(copies[3]?.buffer.byteLength, BLOCK_BYTES);
  assert.equal(first.buffer.byteLength, BLOCK_BYTES);
  assert.equal(cutCopy(new Uint8Array(BLOCK_PIECE_BYTES_MAX + 1)).buffer.byteLength, BLOCK_PIECE_BYTES_MAX + 1);
});
