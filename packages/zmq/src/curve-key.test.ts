import assert from "node:assert/strict";
import { test } from "node:test";
import { assertCurveKeyPair, createCurveKeyPair, curveKeyPairOf, encodeHex, parseCurveKey } from "./curve-key.ts";
import { decodeZ85, encodeZ85 } from "./z85.ts";

// The pair that libzmq's own tests use.
const PUBLIC = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";
const SECRET = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs";

test("encodeZ85 and decodeZ85 agree with the example of RFC 32", () => {
  const bytes = Uint8Array.from(Buffer.from("864fd26fb559f75b", "hex"));
  assert.equal(encodeZ85(bytes), "HelloWorld");
  assert.deepEqual(decodeZ85("HelloWorld"), bytes);
});

test("decodeZ85 reads the largest group", () => {
  assert.deepEqual(decodeZ85("%nSc0"), Uint8Array.of(255, 255, 255, 255));
});

for (const [text, message] of [
  ["Hell", "Cannot decode Z85 of 4 letters: use a multiple of 5"],
  ["Hel~o", "Cannot decode Z85: letter 3 is not one of the 85"],
  ["00000#####", "Cannot decode Z85: letters 5-9 are over 32 bits"],
] as const) {
  test(`decodeZ85 refuses "${text}"`, () => {
    assert.throws(() => decodeZ85(text), { name: "ZmqError", code: "invalid_argument", message });
  });
}

test("encodeZ85 refuses three bytes", () => {
  assert.throws(() => encodeZ85(new Uint8Array(3)), { message: "Cannot encode 3 bytes as Z85: use a multiple of 4" });
});

test("curveKeyPairOf finds the public key that libzmq finds", () => {
  assert.equal(encodeZ85(curveKeyPairOf(parseCurveKey(SECRET)).publicKey), PUBLIC);
});

test("createCurveKeyPair draws pairs that belong together and differ", () => {
  const first = createCurveKeyPair();
  assertCurveKeyPair(first);
  assert.notEqual(encodeHex(first.publicKey), encodeHex(createCurveKeyPair().publicKey));
});

test("parseCurveKey reads hex and Z85 alike", () => {
  assert.deepEqual(parseCurveKey(encodeHex(parseCurveKey(PUBLIC)).toUpperCase()), parseCurveKey(PUBLIC));
});

for (const text of ["", SECRET.slice(1), "g".repeat(64), "a".repeat(63)]) {
  test(`parseCurveKey refuses ${text.length} letters "${text.slice(0, 3)}…" without repeating them`, () => {
    const message = `Cannot parse curve key: it has ${text.length} letters, a key is 40 of Z85 or 64 of hex`;
    assert.throws(() => parseCurveKey(text), { code: "invalid_argument", message });
  });
}

test("assertCurveKeyPair refuses keys that do not belong together", () => {
  const keyPair = { publicKey: createCurveKeyPair().publicKey, secretKey: createCurveKeyPair().secretKey };
  const message = "Cannot use curve key pair: its public key does not belong to its secret key";
  assert.throws(() => assertCurveKeyPair(keyPair), { code: "invalid_argument", message });
});

test("assertCurveKeyPair refuses a key of 31 bytes", () => {
  const keyPair = { ...createCurveKeyPair(), publicKey: new Uint8Array(31) };
  const message = "Cannot use curve public key: it has 31 bytes, a key has 32";
  assert.throws(() => assertCurveKeyPair(keyPair), { code: "invalid_argument", message });
});
