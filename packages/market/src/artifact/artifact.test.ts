import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { createSystemRandom } from "@orrery/core";
import fc from "fast-check";
import { type ArtifactAbout, PIECE_BYTES } from "./artifact.ts";
import { openArtifact, sealArtifact } from "./system-artifact.ts";

const random = createSystemRandom();
const KEY = random.bytes(32);
const SECRET: ArtifactAbout = { kind: "secret", app: "shop", name: "token" };
const HEAD = 40;
const SEALED_PIECE = PIECE_BYTES + 16;

const nameOf = (bytes: Uint8Array) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
/** Opens bytes by the name that they have, so that all but the digest is looked at. */
const open = (bytes: Uint8Array, { key = KEY, about = SECRET } = {}) =>
  openArtifact(bytes, { key, about, digest: nameOf(bytes) });
const patch = (bytes: Uint8Array, at: number) => {
  const other = Uint8Array.from(bytes);
  other[at] = (other[at] ?? 0) ^ 1;
  return other;
};

describe("sealArtifact", () => {
  it("gives what openArtifact opens, of any length about the bounds of its pieces, and the same each time", async () => {
    for (const length of [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 2 * PIECE_BYTES]) {
      const plain = new Uint8Array(length).fill(length % 251);
      const { digest, bytes } = await sealArtifact(plain, { key: KEY, about: SECRET });
      assert.equal(digest, nameOf(bytes));
      assert.equal(bytes.length, HEAD + length + 16 * Math.max(1, Math.ceil(length / PIECE_BYTES)));
      assert.deepEqual(Buffer.compare(await openArtifact(bytes, { key: KEY, about: SECRET, digest }), plain), 0);
      const again = await sealArtifact(plain, { key: KEY, about: SECRET });
      assert.equal(again.digest, digest, "what is sent once need not be sent again");
    }
  });

  it("shows nothing of what is in plain, and nothing that is alike in two artifacts", async () => {
    const plain = Buffer.from("correct horse battery staple, ".repeat(8));
    const made = [
      await sealArtifact(plain, { key: KEY, about: SECRET }),
      await sealArtifact(plain, { key: random.bytes(32), about: SECRET }),
      await sealArtifact(plain, { key: KEY, about: { ...SECRET, name: "other" } }),
      await sealArtifact(Buffer.concat([plain, Buffer.of(1)]), { key: KEY, about: SECRET }),
    ];
    const parts = made.flatMap(({ bytes }) => {
      assert.equal(Buffer.from(bytes).includes("horse"), false);
      const hex = Buffer.from(bytes).toString("hex").slice(16);
      return Array.from({ length: Math.floor(hex.length / 16) }, (_, at) => hex.slice(at * 16, at * 16 + 16));
    });
    assert.equal(new Set(parts).size, parts.length, "not even under one key: nonces differ with the bytes");
  });

  it("opens what fast-check makes", () =>
    fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 500 }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        async (plain, key) => {
          const { bytes, digest } = await sealArtifact(plain, { key, about: SECRET });
          assert.deepEqual(new Uint8Array(await openArtifact(bytes, { key, about: SECRET, digest })), plain);
        },
      ),
      { numRuns: 40 },
    ));
});

describe("openArtifact", () => {
  it("opens nothing of which a bit was turned, in its head, a piece or a tag, nor any part of it", async () => {
    const plain = random.bytes(300);
    const { bytes } = await sealArtifact(plain, { key: KEY, about: SECRET });
    for (let at = 0; at < bytes.length; at++)
      await assert.rejects(open(patch(bytes, at)), /^OrreryError: Cannot open/, `${at}`);
    for (let length = 0; length < bytes.length; length++)
      await assert.rejects(open(bytes.subarray(0, length)), /Cannot open/);
    await assert.rejects(open(Buffer.concat([bytes, Buffer.of(0)])), /Cannot open/);
  });

  it("opens none whose pieces were cut off, left out, put elsewhere, put twice, or taken from another", async () => {
    const plain = randomBytes(2 * PIECE_BYTES + 100);
    const { bytes } = await sealArtifact(plain, { key: KEY, about: SECRET });
    const { bytes: other } = await sealArtifact(patch(plain, 0), { key: KEY, about: SECRET });
    const head = bytes.subarray(0, HEAD);
    const [one, two, three] = [0, 1, 2].map((at) =>
      bytes.subarray(HEAD + at * SEALED_PIECE, HEAD + (at + 1) * SEALED_PIECE),
    );
    const otherTwo = other.subarray(HEAD + SEALED_PIECE, HEAD + 2 * SEALED_PIECE);
    assert.ok(one && two && three);
    assert.equal((await open(Buffer.concat([head, one, two, three]))).length, plain.length);
    for (const [what, pieces] of Object.entries({
      "cut off at a piece": [one, two],
      "cut off at two": [one],
      "the first alone is missing": [two, three],
      "one in the middle is missing": [one, three],
      "in another order": [two, one, three],
      "one twice": [one, one, three],
      "one of other bytes by the same key": [one, otherTwo, three],
      "the last twice": [one, two, three, three],
    }))
      await assert.rejects(open(Buffer.concat([head, ...pieces])), { code: "permission_denied" }, what);
  });

  it("opens by its own key, for what it is of, and by its own digest alone", async () => {
    const plain = Buffer.from("secret");
    const { bytes, digest } = await sealArtifact(plain, { key: KEY, about: SECRET });
    const denied = { code: "permission_denied", message: /this key is of another artifact$/ };
    await assert.rejects(open(bytes, { key: random.bytes(32) }), denied);
    for (const part of [{ kind: "image" as const }, { app: "shop2" }, { name: "tokens" }])
      await assert.rejects(open(bytes, { about: { ...SECRET, ...part } }), denied, JSON.stringify(part));
    await assert.rejects(openArtifact(patch(bytes, 50), { key: KEY, about: SECRET, digest }), { code: "data_loss" });
    await assert.rejects(open(Buffer.from("no artifact at all, but long enough to be one of them")), {
      code: "invalid_argument",
    });
    await assert.rejects(open(bytes, { key: KEY.subarray(1) }), /a key of 31 bytes: it has 32/);
    await assert.rejects(sealArtifact(plain, { key: KEY, about: { ...SECRET, app: "a\nb" } }), /without spaces/);
  });
});
