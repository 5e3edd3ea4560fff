import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type BoxCipher, createNobleCipher, createSodiumCipher, TAG_BYTES } from "./box-cipher.ts";

const sodium = createSodiumCipher();
const ciphers: readonly (readonly [name: string, cipher: BoxCipher | undefined])[] = [
  ["createSodiumCipher", sodium],
  ["createNobleCipher", createNobleCipher()],
];
const bytes = (count: number) => fc.uint8Array({ minLength: count, maxLength: count });
const box = fc.record({ key: bytes(32), nonce: bytes(24) });

/** Room before and after the data, to show that nothing else is touched. */
const BEFORE = 9;
const AFTER = 5;

function laidOut(data: Uint8Array): { buffer: Uint8Array; range: { start: number; end: number } } {
  const start = BEFORE + TAG_BYTES;
  const buffer = new Uint8Array(start + data.length + AFTER).fill(0xee);
  buffer.set(data, start);
  return { buffer, range: { start, end: start + data.length } };
}

for (const [name, cipher] of ciphers) {
  const skip = cipher === undefined ? "libsodium has no binary for this machine" : false;

  test(`${name} opens what it sealed, and touches nothing beside it`, { skip }, () => {
    fc.assert(
      fc.property(box, fc.uint8Array({ maxLength: 600 }), (keys, data) => {
        const { buffer, range } = laidOut(data);
        cipher?.seal(buffer, range, keys);
        assert.ok(buffer.subarray(0, BEFORE).every((byte) => byte === 0xee));
        assert.ok(buffer.subarray(range.end).every((byte) => byte === 0xee));
        assert.equal(cipher?.open(buffer, range, keys), true);
        assert.deepEqual(buffer.slice(range.start, range.end), data);
      }),
    );
  });

  test(`${name} refuses what was changed in any one bit`, { skip }, () => {
    fc.assert(
      fc.property(box, fc.uint8Array({ minLength: 1, maxLength: 80 }), fc.nat(), (keys, data, at) => {
        const { buffer, range } = laidOut(data);
        cipher?.seal(buffer, range, keys);
        const bit = at % ((TAG_BYTES + data.length) * 8);
        const place = BEFORE + (bit >> 3);
        buffer[place] = (buffer[place] as number) ^ (1 << (bit & 7));
        assert.equal(cipher?.open(buffer, range, keys), false);
      }),
    );
  });
}

test("createSodiumCipher and createNobleCipher write the same bytes", { skip: sodium === undefined }, () => {
  const noble = createNobleCipher();
  fc.assert(
    fc.property(box, fc.uint8Array({ maxLength: 2000 }), (keys, data) => {
      const one = laidOut(data);
      const other = laidOut(data);
      sodium?.seal(one.buffer, one.range, keys);
      noble.seal(other.buffer, other.range, keys);
      assert.deepEqual(one.buffer, other.buffer);
    }),
  );
});
