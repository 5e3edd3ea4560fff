import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { compressPieces, ENCODINGS } from "./encodings.ts";

const UNPACK = { br: brotliDecompressSync, zstd: zstdDecompressSync, gzip: gunzipSync };

/** Bytes that no encoding makes short, so that some come out before all went in. */
async function* noise(pieces: number, onEnd: () => void): AsyncGenerator<Uint8Array> {
  try {
    for (let piece = 0; piece < pieces; piece++) yield randomBytes(64 * 1024);
  } finally {
    onEnd();
  }
}

describe("compressPieces", () => {
  for (const encoding of ENCODINGS) {
    it(`gives by ${encoding} what unpacks to the same`, async () => {
      const pieces = [randomBytes(100_000), new Uint8Array(100_000), Buffer.from("end")];
      const packed: Uint8Array[] = [];
      for await (const piece of compressPieces(piecesOf(pieces), encoding)) packed.push(piece);
      assert.deepEqual(UNPACK[encoding](Buffer.concat(packed)), Buffer.concat(pieces));
    });

    it(`ends its source when nobody reads on, by ${encoding}`, async () => {
      const ended = Promise.withResolvers<void>();
      for await (const _ of compressPieces(noise(1_000, ended.resolve), encoding)) break;
      await ended.promise;
    });

    it(`fails as its source does, by ${encoding}`, async () => {
      const failing = async function* () {
        yield* noise(1, () => {});
        throw new Error("the disk is gone");
      };
      const read = async () => {
        for await (const _ of compressPieces(failing(), encoding));
      };
      await assert.rejects(read(), { message: "the disk is gone" });
    });
  }
});

async function* piecesOf(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}
