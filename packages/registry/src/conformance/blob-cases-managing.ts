import type { BlobStore } from "../blobs/blob-store.ts";
import { digestOf } from "../blobs/system-digest.ts";
import { type BlobCase, bytesOf, expectSame, LATER, namesOf, put } from "./blob-case.ts";

async function agesOf(store: BlobStore): Promise<readonly number[]> {
  const ages: number[] = [];
  for await (const { at } of store.list("blobs")) ages.push(at);
  return ages;
}

/** How long blobs are kept, and how they are found. */
export const MANAGING: readonly BlobCase[] = [
  {
    name: "removes what is old enough, and nothing newer",
    async run({ store }) {
      const { digest } = await put(store, bytesOf(10));
      expectSame(await store.remove(digest, 0), false, "whether it went");
      expectSame(await store.size(digest), 10, "its size");
      expectSame(await store.remove(digest, LATER), true, "whether it went");
      expectSame(await store.size(digest), undefined, "its size afterwards");
      expectSame(await put(store, bytesOf(10)), { digest, bytes: 10 }, "the same put again");
    },
  },
  {
    name: "counts what is wanted again as new",
    async run({ store, pass }) {
      const { digest } = await put(store, bytesOf(10));
      const [before = 0] = await agesOf(store);
      for (let size = 100; Math.max(...(await agesOf(store))) <= before; size++) {
        await pass();
        await put(store, bytesOf(size));
      }
      expectSame(await store.size(digest, { isWanted: true }), 10, "its size");
      expectSame(await store.remove(digest, before), false, "whether it went that is wanted");
      expectSame(await store.size(digest), 10, "its size afterwards");
      expectSame(await store.size(digestOf(bytesOf(9)), { isWanted: true }), undefined, "the size of none");
      expectSame(await store.remove(digest, LATER), true, "whether it went");
    },
  },
  {
    name: "lists all that is there, each by its name",
    async run({ store }) {
      const sizes = Array.from({ length: 12 }, (_, index) => index);
      for (const size of sizes) await put(store, bytesOf(size));
      for (const id of ["u-1", "u-2"]) await (await store.begin(id, "")).append(0, bytesOf(5));
      const wanted = sizes.map((size) => digestOf(bytesOf(size))).sort();
      expectSame(await namesOf(store, "blobs"), wanted, "the blobs");
      expectSame(await namesOf(store, "uploads"), ["u-1", "u-2"], "the uploads");
      await store.remove(digestOf(bytesOf(3)), LATER);
      await (await store.open("u-1"))?.abandon();
      expectSame((await namesOf(store, "blobs")).length, 11, "the number of blobs");
      expectSame(await namesOf(store, "uploads"), ["u-2"], "the uploads");
    },
  },
];
