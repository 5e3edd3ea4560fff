import type { BlobStore } from "../blobs/blob-store.ts";
import { digestOf } from "../blobs/system-digest.ts";
import { PIECE_BYTES_MAX } from "../limits.ts";
import { type BlobCase, bytesOf, expectBytes, expectRefused, expectSame, put, readAll } from "./blob-case.ts";

const SIZES = [0, 1, PIECE_BYTES_MAX - 1, PIECE_BYTES_MAX, PIECE_BYTES_MAX + 1, 9 * PIECE_BYTES_MAX + 7];
const BAD = ["", "sha256:", `sha256:${"A".repeat(64)}`, `md5:${"0".repeat(64)}`, `sha256:../${"0".repeat(61)}`];

/** Every operation that takes a digest. */
function byDigest(store: BlobStore, digest: string): readonly (() => Promise<unknown>)[] {
  return [() => store.size(digest), () => store.remove(digest, 0), () => readAll(store, digest)];
}

/** How blobs are read. */
export const READING: readonly BlobCase[] = [
  {
    name: "gives back what was put, by what it is",
    async run({ store, reopen }) {
      const digests: string[] = [];
      for (const size of SIZES) {
        const bytes = bytesOf(size);
        const blob = await put(store, bytes);
        expectSame(blob, { digest: digestOf(bytes), bytes: size }, "the blob");
        digests.push(blob.digest);
      }
      for (const life of [store, await reopen()])
        for (const [index, size] of SIZES.entries()) {
          const digest = digests[index] ?? "";
          expectSame(await life.size(digest), size, "its size");
          expectBytes(await readAll(life, digest), bytesOf(size), `the blob of ${size} bytes`);
        }
    },
  },
  {
    name: "reads any range, and none beyond the end",
    async run({ store }) {
      const bytes = bytesOf(2 * PIECE_BYTES_MAX + 3);
      const { digest } = await put(store, bytes);
      const ranges = [
        { offset: 0, length: 0 },
        { offset: 0, length: 1 },
        { offset: PIECE_BYTES_MAX - 1, length: 2 },
        { offset: 5, length: PIECE_BYTES_MAX + 9 },
        { offset: bytes.length - 1 },
        { offset: bytes.length },
        { length: 7 },
      ];
      for (const range of ranges) {
        const { offset = 0, length = bytes.length - offset } = range;
        expectBytes(await readAll(store, digest, range), bytes.subarray(offset, offset + length), "the range");
      }
      const beyond = [
        { offset: bytes.length + 1 },
        { offset: 1, length: bytes.length },
        { offset: -1 },
        { offset: 0.5 },
      ];
      for (const range of [...beyond, { offset: 3, length: -1 }])
        await expectRefused("out_of_range", () => readAll(store, digest, range));
    },
  },
  {
    name: "ends a reading that is left in the middle",
    async run({ store }) {
      const bytes = bytesOf(4 * PIECE_BYTES_MAX);
      const { digest } = await put(store, bytes);
      for await (const piece of store.read(digest)) {
        expectBytes(piece.subarray(0, 9), bytes.subarray(0, 9), "its beginning");
        break;
      }
      expectSame(await store.remove(digest, Number.MAX_SAFE_INTEGER), true, "whether it could be removed");
    },
  },
  {
    name: "says of what is not there that it is not, and refuses what is no digest",
    async run({ store }) {
      const digest = digestOf(bytesOf(3));
      expectSame(await store.size(digest), undefined, "its size");
      expectSame(await store.remove(digest, Number.MAX_SAFE_INTEGER), false, "whether it was removed");
      await expectRefused("not_found", () => readAll(store, digest));
      for (const bad of BAD)
        for (const run of byDigest(store, bad)) await expectRefused("invalid_argument", async () => run());
    },
  },
];
