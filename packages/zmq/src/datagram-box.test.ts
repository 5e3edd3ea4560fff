import assert from "node:assert/strict";
import { test } from "node:test";
import { createCurveKeyPair } from "./curve-key.ts";
import { createDatagramBox } from "./datagram-box.ts";

const [a, b, c] = [createCurveKeyPair(), createCurveKeyPair(), createCurveKeyPair()];
const [boxA, boxB, boxC] = [createDatagramBox(a), createDatagramBox(b), createDatagramBox(c)];
const anybody = () => true;
const text = new TextEncoder().encode("hello");

test("createDatagramBox opens what was sealed for it, and says whose it is", () => {
  const sealed = boxA.seal(text, b.publicKey);
  assert.equal(sealed.length, text.length + boxA.overheadBytes);
  assert.deepEqual(boxB.open(sealed, anybody), { from: a.publicKey, bytes: text });
  assert.notDeepEqual(boxA.seal(text, b.publicKey), sealed, "a nonce of its own for each");
});

test("createDatagramBox opens nothing of a key that is not allowed, for another, or that was changed", () => {
  const sealed = boxA.seal(text, b.publicKey);
  assert.equal(
    boxB.open(sealed, (from) => Buffer.compare(from, a.publicKey) !== 0),
    undefined,
  );
  assert.equal(boxC.open(sealed, anybody), undefined);
  for (const at of [0, 31, 32, 56, 72, 80, sealed.length - 1]) {
    const changed = Uint8Array.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    assert.equal(boxB.open(changed, anybody), undefined, `byte ${at}`);
  }
  for (let length = 0; length < sealed.length; length++)
    assert.equal(boxB.open(sealed.subarray(0, length), anybody), undefined);
  assert.equal(boxB.open(new Uint8Array(100), anybody), undefined, "a key of low order");
});

test("createDatagramBox does not take its own datagram, sent back in the receiver's name", () => {
  const back = boxA.seal(text, b.publicKey);
  back.set(b.publicKey);
  assert.equal(boxA.open(back, anybody), undefined);
});
