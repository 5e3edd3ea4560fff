import { putBlob } from "../blobs/put-blob.ts";
import { digestOf } from "../blobs/system-digest.ts";
import { PIECE_BYTES_MAX, UPLOAD_NOTE_MAX } from "../limits.ts";
import {
  type BlobCase,
  bytesOf,
  expectBytes,
  expectRefused,
  expectSame,
  LATER,
  namesOf,
  readAll,
} from "./blob-case.ts";

const BAD_NAMES = ["", "../x", "a/b", "A", "-a", "a.note", "x".repeat(129)];

/** How bytes come. */
export const UPLOADING: readonly BlobCase[] = [
  {
    name: "appends at an offset: a piece that comes again changes nothing, and a gap is refused",
    async run({ store }) {
      const bytes = bytesOf(1_000);
      const upload = await store.begin("one", "");
      expectSame(upload.offset, 0, "the offset at first");
      expectSame(await upload.append(0, bytes.subarray(0, 400)), 400, "the offset");
      expectSame(await upload.append(0, bytes.subarray(0, 400)), 400, "the offset after the same piece");
      expectSame(await upload.append(100, bytes.subarray(100, 200)), 400, "the offset after a part of it");
      expectSame(await upload.append(300, bytes.subarray(300, 700)), 700, "the offset after one that overlaps");
      const details = await expectRefused("out_of_range", () => upload.append(701, bytes.subarray(701)));
      expectSame(details["offset"], 700, "the offset that is told");
      for (const bad of [-1, 0.5]) await expectRefused("out_of_range", () => upload.append(bad, bytes));
      expectSame(await upload.append(700, bytes.subarray(700)), 1_000, "the offset at the end");
      expectSame(upload.offset, 1_000, "its own offset");
      expectSame(await upload.finish(digestOf(bytes)), { digest: digestOf(bytes), bytes: 1_000 }, "the blob");
      expectBytes(await readAll(store, digestOf(bytes)), bytes, "the blob");
    },
  },
  {
    name: "goes on where another life was ended",
    async run({ store, reopen }) {
      const bytes = bytesOf(PIECE_BYTES_MAX + 100);
      const first = await store.begin("one", "a note: äöü\n");
      await first.append(0, bytes.subarray(0, PIECE_BYTES_MAX));
      await store.begin("two", "");
      const next = await reopen();
      const upload = await next.open("one");
      expectSame([upload?.note, upload?.offset], ["a note: äöü\n", PIECE_BYTES_MAX], "what is left");
      await upload?.append(PIECE_BYTES_MAX, bytes.subarray(PIECE_BYTES_MAX));
      const blob = await upload?.finish(digestOf(bytes));
      expectBytes(await readAll(next, blob?.digest ?? ""), bytes, "the blob");
      const empty = await next.open("two");
      expectSame(await empty?.finish(), { digest: digestOf(bytesOf(0)), bytes: 0 }, "what nothing was appended to");
    },
  },
  {
    name: "makes no blob of bytes that are not those that were meant",
    async run({ store }) {
      const upload = await store.begin("one", "");
      await upload.append(0, bytesOf(10));
      await expectRefused("data_loss", () => upload.finish(digestOf(bytesOf(11))));
      expectSame([await namesOf(store, "blobs"), await namesOf(store, "uploads")], [[], []], "what is there");
      await expectRefused("not_found", () => upload.append(10, bytesOf(1)));
      await expectRefused("not_found", () => upload.finish());
    },
  },
  {
    name: "takes the same bytes from several at once as one blob",
    async run({ store }) {
      const bytes = bytesOf(3 * PIECE_BYTES_MAX);
      const ids = ["a", "b", "c"];
      const blobs = await Promise.all(
        ids.map((id) => putBlob(store, { source: [bytes], id, digest: digestOf(bytes) })),
      );
      for (const blob of blobs) expectSame(blob, { digest: digestOf(bytes), bytes: bytes.length }, "the blob");
      expectSame(await namesOf(store, "blobs"), [digestOf(bytes)], "what is there");
      expectBytes(await readAll(store, digestOf(bytes)), bytes, "the blob");
    },
  },
  {
    name: "ends an upload once, and forgets one that is abandoned",
    async run({ store }) {
      const upload = await store.begin("one", "");
      await upload.append(0, bytesOf(10));
      await expectRefused("already_exists", () => store.begin("one", ""));
      await upload.finish();
      expectSame(await store.open("one"), undefined, "what has ended");
      const other = await store.begin("two", "");
      await other.append(0, bytesOf(20));
      await other.abandon();
      await other.abandon();
      expectSame(await store.open("two"), undefined, "what was abandoned");
      expectSame(await namesOf(store, "blobs"), [digestOf(bytesOf(10))], "the blobs");
    },
  },
  {
    name: "keeps an upload that is finished until it is abandoned, as proof of what came by it",
    async run({ store, reopen }) {
      const blob = { digest: digestOf(bytesOf(10)), bytes: 10 };
      for (const [id, bytes] of [
        ["one", bytesOf(10)],
        ["none", bytesOf(0)],
      ] as const) {
        const upload = await store.begin(id, "a note");
        await upload.append(0, bytes);
        await upload.finish(undefined, { isKept: true });
      }
      const next = await reopen();
      const upload = await next.open("one");
      expectSame([upload?.note, upload?.offset], ["a note", 10], "what is kept");
      expectSame(await upload?.append(0, bytesOf(10)), 10, "the offset after the same piece");
      await expectRefused("not_found", async () => upload?.append(10, bytesOf(1)));
      expectSame(await upload?.finish(blob.digest, { isKept: true }), blob, "the same end");
      expectBytes(await readAll(next, blob.digest), bytesOf(10), "the blob");
      expectSame(await namesOf(next, "uploads"), ["none", "one"], "the uploads");
      await expectRefused("data_loss", async () => upload?.finish(digestOf(bytesOf(9)), { isKept: true }));
      expectSame(await next.open("one"), undefined, "one that was meant to be other bytes");
      const empty = await next.open("none");
      expectSame(await empty?.finish(), { digest: digestOf(bytesOf(0)), bytes: 0 }, "the end that ends it");
      expectSame(await namesOf(next, "uploads"), [], "the uploads");
    },
  },
  {
    name: "abandons an upload only where nothing came since, if it is told so",
    async run({ store }) {
      const upload = await store.begin("one", "");
      await upload.append(0, bytesOf(10));
      expectSame(await upload.abandon(0), false, "whether it went");
      expectSame((await store.open("one"))?.offset, 10, "what is there");
      expectSame(await upload.abandon(LATER), true, "whether it went");
      expectSame(await upload.abandon(), false, "whether it went again");
      expectSame(await namesOf(store, "uploads"), [], "the uploads");
    },
  },
  {
    name: "leaves nothing of a source that fails",
    async run({ store }) {
      const source = (async function* () {
        yield bytesOf(100);
        throw new Error("the source is broken");
      })();
      const told = await putBlob(store, { source, id: "one" }).catch((error: Error) => error.message);
      expectSame(told, "the source is broken", "what is told");
      expectSame([await namesOf(store, "blobs"), await namesOf(store, "uploads")], [[], []], "what is there");
    },
  },
  {
    name: "refuses names and notes that it cannot keep",
    async run({ store }) {
      for (const bad of BAD_NAMES) {
        await expectRefused("invalid_argument", () => store.begin(bad, ""));
        await expectRefused("invalid_argument", () => store.open(bad));
      }
      await expectRefused("invalid_argument", () => store.begin("one", "x".repeat(UPLOAD_NOTE_MAX + 1)));
      const longest = "x".repeat(UPLOAD_NOTE_MAX);
      await store.begin("x".repeat(128), longest);
      expectSame((await store.open("x".repeat(128)))?.note, longest, "the longest note");
    },
  },
];
