import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { hsalsa, secretbox } from "@noble/ciphers/salsa.js";
import { bulkCipher, TAG_BYTES } from "./bulk-cipher.ts";

const SIGMA = new Uint32Array(new TextEncoder().encode("expand 32-byte k").buffer);

function bulkKeyOf(key: Uint8Array, nonce: Uint8Array) {
  const words = new Uint32Array(Uint8Array.from(nonce).buffer);
  const subkey = new Uint32Array(8);
  hsalsa(SIGMA, new Uint32Array(Uint8Array.from(key).buffer), words.subarray(0, 4), subkey);
  return { subkey, nonce: [words[4] as number, words[5] as number] as const };
}

function sealWithLibrary(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Uint8Array {
  return secretbox(key, nonce).seal(plain);
}

function sealInPlace(key: ReturnType<typeof bulkKeyOf>, plain: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(TAG_BYTES + plain.length);
  bytes.set(plain, TAG_BYTES);
  bulkCipher().seal(bytes, { start: TAG_BYTES, end: bytes.length }, key);
  return bytes;
}

const edges = [0, 1, 15, 16, 17, 31, 32, 33, 223, 224, 225, 255, 256, 257, 4096];
const region = 96 * 1024;
const sizes = [...edges, ...[-33, -32, -31, -1, 0, 1, 31, 32].map((step) => region + step), 2 * region + 7, 1_000_003];

for (const size of sizes) {
  test(`bulkCipher seals ${size} bytes as the audited library does, and opens them`, () => {
    const key = randomBytes(32);
    const nonce = randomBytes(24);
    const plain = Uint8Array.from(randomBytes(size));
    const bulkKey = bulkKeyOf(key, nonce);
    const sealed = sealInPlace(bulkKey, plain);
    assert.equal(Buffer.compare(sealed, sealWithLibrary(key, nonce, plain)), 0);
    assert.equal(bulkCipher().open(sealed, { start: TAG_BYTES, end: sealed.length }, bulkKey), true);
    assert.equal(Buffer.compare(sealed.subarray(TAG_BYTES), plain), 0);
  });
}

test("bulkCipher agrees with the audited library on 2,000 random messages", () => {
  for (let round = 0; round < 2_000; round++) {
    const key = randomBytes(32);
    const nonce = randomBytes(24);
    const plain = Uint8Array.from(randomBytes(round % 600));
    const sealed = sealInPlace(bulkKeyOf(key, nonce), plain);
    assert.equal(Buffer.compare(sealed, sealWithLibrary(key, nonce, plain)), 0);
  }
});

test("bulkCipher agrees with the audited library where the authenticator's sum is at its edges", () => {
  const key = new Uint8Array(32).fill(0xff);
  const nonce = new Uint8Array(24).fill(0xff);
  const bulkKey = bulkKeyOf(key, nonce);
  const stream = sealWithLibrary(key, nonce, new Uint8Array(512)).subarray(TAG_BYTES);
  for (const wanted of [0x00, 0xfb, 0xff]) {
    // The cipher text is what is authenticated: choose the plain text so that it becomes all `wanted`.
    const plain = stream.map((byte) => byte ^ wanted);
    assert.deepEqual(sealInPlace(bulkKey, plain), Uint8Array.from(sealWithLibrary(key, nonce, plain)));
  }
});

test("bulkCipher refuses a message with any one bit changed, and leaves it alone", () => {
  const bulkKey = bulkKeyOf(randomBytes(32), randomBytes(24));
  const sealed = sealInPlace(bulkKey, Uint8Array.from(randomBytes(40)));
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const changed = Uint8Array.from(sealed);
    (changed[bit >> 3] as number) ^= 1 << (bit & 7);
    const before = Uint8Array.from(changed);
    assert.equal(bulkCipher().open(changed, { start: TAG_BYTES, end: changed.length }, bulkKey), false);
    assert.deepEqual(changed, before);
  }
});
