import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { AEAD_TAG_BYTES, type AeadCipher, createNobleAead, createSodiumAead } from "./aead-cipher.ts";
import { encodeHex } from "./curve-key.ts";
import { createKeySeal, createSealKey, KEY_SEAL_OVERHEAD_BYTES } from "./key-seal.ts";
import { SEAL_KEYS_MAX } from "./limits.ts";
import { readSealKeys } from "./system-seal-keys.ts";
import { encodeZ85 } from "./z85.ts";

const sodium = createSodiumAead();
const ciphers: readonly (readonly [name: string, cipher: AeadCipher | undefined])[] = [
  ["createSodiumAead", sodium],
  ["createNobleAead", createNobleAead()],
];
const exactly = (count: number) => fc.uint8Array({ minLength: count, maxLength: count });
const keyed = fc.record({ key: exactly(32), nonce: exactly(24), about: fc.uint8Array({ maxLength: 80 }) });
const unhex = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));

function sealedBy(cipher: AeadCipher, plain: Uint8Array, by: Parameters<AeadCipher["open"]>[1]): Uint8Array {
  const sealed = new Uint8Array(plain.length + AEAD_TAG_BYTES);
  cipher.seal(plain, sealed, by);
  return sealed;
}

for (const [name, cipher] of ciphers) {
  if (cipher === undefined) continue;

  // draft-irtf-cfrg-xchacha-03, A.3.1.
  test(`${name} writes the bytes of the draft's example`, () => {
    const plain = new TextEncoder().encode(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    );
    const by = {
      key: unhex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"),
      nonce: unhex("404142434445464748494a4b4c4d4e4f5051525354555657"),
      about: unhex("50515253c0c1c2c3c4c5c6c7"),
    };
    const sealed = sealedBy(cipher, plain, by);
    assert.equal(encodeHex(sealed.subarray(0, 16)), "bd6d179d3e83d43b9576579493c0e939");
    assert.equal(encodeHex(sealed.subarray(-16)), "c0875924c1c7987947deafd8780acf49");
    assert.deepEqual(cipher.open(sealed, by), plain);
  });
}

test("createSodiumAead and createNobleAead open what the other sealed", { skip: sodium === undefined }, () => {
  const noble = createNobleAead();
  fc.assert(
    fc.property(keyed, fc.uint8Array({ maxLength: 2000 }), (by, plain) => {
      const sealed = sealedBy(sodium as AeadCipher, plain, by);
      assert.deepEqual(sealed, sealedBy(noble, plain, by));
      assert.deepEqual(noble.open(sealed, by), plain);
      assert.deepEqual(sodium?.open(sealed, by), plain);
    }),
  );
});

test("createKeySeal opens what it sealed, 40 bytes longer, and each time in other bytes", () => {
  const seal = createKeySeal({ name: "team", keys: [createSealKey()] });
  assert.equal(KEY_SEAL_OVERHEAD_BYTES, 40);
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.uint8Array({ maxLength: 60 }), (body, about) => {
      const sealed = seal.seal(body, about);
      assert.equal(sealed.length, body.length + KEY_SEAL_OVERHEAD_BYTES);
      assert.deepEqual(seal.open(sealed, about), body);
      const nonce = encodeHex(sealed.subarray(0, 24));
      assert.ok(!seen.has(nonce));
      seen.add(nonce);
    }),
    { numRuns: 300 },
  );
});

test("createKeySeal opens nothing of which a bit was changed, nothing shorter, nothing about something else", () => {
  const seal = createKeySeal({ name: "team", keys: [createSealKey(), createSealKey()] });
  const about = Uint8Array.of(1, 2, 3);
  const sealed = seal.seal(Uint8Array.of(7, 8, 9), about);
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const bent = sealed.slice();
    bent[bit >> 3] = (bent[bit >> 3] as number) ^ (1 << (bit & 7));
    assert.equal(seal.open(bent, about), undefined, `bit ${bit}`);
  }
  for (let size = 0; size < sealed.length; size++) assert.equal(seal.open(sealed.subarray(0, size), about), undefined);
  assert.equal(seal.open(sealed, Uint8Array.of(1, 2)), undefined);
  assert.equal(seal.open(sealed, new Uint8Array(0)), undefined);
});

test("createKeySeal seals with the first key and opens with all, so that keys can be changed one side after the other", () => {
  const [old, fresh, foreign] = [createSealKey(), createSealKey(), createSealKey()];
  const about = new Uint8Array(0);
  const body = Uint8Array.of(1);
  const steps = [[old], [old, fresh], [fresh, old], [fresh]].map((keys) => createKeySeal({ name: "team", keys }));
  steps.forEach((seal, at) => {
    for (const near of [steps[at - 1], seal, steps[at + 1]])
      if (near !== undefined) assert.deepEqual(near.open(seal.seal(body, about), about), body, `step ${at}`);
  });
  assert.equal(steps[3]?.open(steps[0]?.seal(body, about) ?? body, about), undefined);
  const other = createKeySeal({ name: "team", keys: [foreign] });
  assert.equal(other.open(steps[3]?.seal(body, about) ?? body, about), undefined);
});

test("createKeySeal keeps keys of its own", () => {
  const key = createSealKey();
  const seal = createKeySeal({ name: "team", keys: [key] });
  const sealed = seal.seal(Uint8Array.of(1), key);
  const about = key.slice();
  key.fill(0);
  assert.deepEqual(seal.open(sealed, about), Uint8Array.of(1));
});

const key = createSealKey();
const refused: readonly (readonly [what: string, keys: readonly Uint8Array[], message: RegExp])[] = [
  ["no key", [], /Cannot make seal "team": it has no key, give it one of createSealKey\(\)$/],
  ["a short key", [key, key.subarray(1)], /a key of it has 31 bytes, a key has 32$/],
  ["a key twice", [key, key.slice()], /one of its keys stands there twice$/],
  ["too many keys", Array.from({ length: SEAL_KEYS_MAX + 1 }, () => createSealKey()), /has 9 keys, the limit is 8$/],
];

for (const [what, keys, message] of refused) {
  test(`createKeySeal refuses ${what}`, () => {
    assert.throws(() => createKeySeal({ name: "team", keys }), { code: "invalid_argument", message });
  });
}

test("createKeySeal takes as many keys as it may", () => {
  const keys = Array.from({ length: SEAL_KEYS_MAX }, () => createSealKey());
  const last = createKeySeal({ name: "team", keys: keys.slice(-1) });
  const sealed = last.seal(Uint8Array.of(5), key);
  assert.deepEqual(createKeySeal({ name: "team", keys }).open(sealed, key), Uint8Array.of(5));
});

test("readSealKeys reads keys from a file of its user alone, and repeats nothing of it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "seal-keys-"));
  const path = join(folder, "keys");
  const [first, second] = [createSealKey(), createSealKey()];
  await writeFile(path, `# newest first\n${encodeHex(first)}\n\n${encodeZ85(second)}\r\n`, { mode: 0o600 });
  assert.deepEqual(await readSealKeys(path), [first, second]);
  await chmod(path, 0o640);
  await assert.rejects(readSealKeys(path), { code: "invalid_argument", message: /others may read or write it/ });
  await chmod(path, 0o600);
  const contents = [
    ["", /it has 0 keys, write 1 to 8$/],
    [`${encodeHex(first)}0`, /line 1 is no key, write 64 letters of hex or 40 of Z85$/],
    [`${encodeHex(first)}\nsecret`, /line 2 is no key/],
    [Array.from({ length: 9 }, () => encodeHex(createSealKey())).join("\n"), /it has 9 keys/],
    ["#".repeat(5000), /it has 5000 bytes, the limit is 4096$/],
  ] as const;
  for (const [text, message] of contents) {
    await writeFile(path, text);
    const error: Error = await readSealKeys(path).then(
      () => assert.fail("read"),
      (thrown) => thrown,
    );
    assert.match(error.message, message);
    assert.ok(!error.message.includes(encodeHex(first)) && !error.message.includes("secret"));
  }
  await rm(folder, { recursive: true });
  await assert.rejects(readSealKeys(path), { message: /it cannot be opened \(ENOENT\)$/ });
});
