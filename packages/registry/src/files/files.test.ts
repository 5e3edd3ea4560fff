import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createNode, createSystemClock, type OrreryError } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import type { BlobStore } from "../blobs/blob-store.ts";
import { createMemoryBlobs } from "../blobs/memory-blobs.ts";
import { putBlob } from "../blobs/put-blob.ts";
import { digestOf } from "../blobs/system-digest.ts";
import { bytesOf, expectRefused, namesOf } from "../conformance/blob-case.ts";
import { openTestRegistry } from "../conformance/test-registry.ts";
import { BLOB_GRACE_MS, PIECE_BYTES_MAX, UPLOAD_KEPT_MS, UPLOADS_OF_AGENT_MAX } from "../limits.ts";
import type { By } from "../write/ground.ts";
import { createFiles } from "./create-files.ts";
import { downloadFile } from "./download-file.ts";
import { createFileComponent } from "./file-component.ts";
import type { Files } from "./files.ts";
import { uploadFile } from "./upload-file.ts";

const OPERATOR = { agent: "operator" };
const ANN = { agent: "demo.test:users:ann" };
const AT = "demo.test:files:/d/a.bin";

/** Files in memory, over a clock that is moved by hand, beside `demo.test:files`. */
async function openFiles(options: { readonly fileBytesMax?: number } = {}) {
  const system = createSystemClock();
  let ahead = 0;
  const clock = { ...system, now: () => system.now() + ahead };
  const registry = await openTestRegistry({ clock });
  await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
  await registry.create({ address: "demo.test:files", kind: "FileSystem" }, OPERATOR);
  const blobs = createMemoryBlobs({ clock });
  const files = createFiles({ registry, blobs, clock, random: createSeededRandom(7), ...options });
  const close = async () => {
    await files[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
  };
  const pass = (ms: number) => {
    ahead += ms;
  };
  return { registry, blobs, files, clock, pass, [Symbol.asyncDispose]: close };
}

/** Uploads bytes in one or more pieces. */
async function send(
  files: Files,
  bytes: Uint8Array,
  { address = AT, by = OPERATOR, ...more }: { address?: string; by?: By; ifRevision?: number } = {},
) {
  const upload = await files.begin({ address, bytes: bytes.length, ...more }, by);
  for (let at = 0; at < bytes.length; at += PIECE_BYTES_MAX)
    await files.append({ upload, offset: at, data: bytes.subarray(at, at + PIECE_BYTES_MAX) }, by);
  return files.finish({ upload, address, bytes: bytes.length, digest: digestOf(bytes), ...more }, by);
}

async function receive(files: Files, address = AT): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for (let offset = 0, bytes = 1; offset < bytes; ) {
    const { data, content } = await files.read({ address, offset }, OPERATOR);
    pieces.push(data);
    offset += data.length;
    bytes = content.bytes;
  }
  return Buffer.concat(pieces);
}

describe("createFiles", () => {
  it("makes a file with the directories on the way, in one write, and overwrites it", async () => {
    await using life = await openFiles();
    const { files, registry } = life;
    const first = await send(files, bytesOf(10));
    assert.equal(first.address, AT);
    const changes = (await registry.list({ selector: "demo.test:files:/**" }, OPERATOR)).resources;
    assert.deepEqual(
      changes.map(({ address, kind }) => [address, kind]),
      [
        ["demo.test:files:/d/", "Directory"],
        [AT, "File"],
      ],
    );
    assert.deepEqual((await registry.get(AT, OPERATOR)).state, {
      content: { digest: digestOf(bytesOf(10)), bytes: 10 },
    });
    const second = await send(files, bytesOf(20));
    assert.equal(second.revision, first.revision + 1);
    assert.deepEqual(await receive(files), Buffer.from(bytesOf(20)));
    assert.equal((await send(files, bytesOf(20))).changed, false);
  });

  it("takes a piece again, refuses a gap, what is too much, and another's upload", async () => {
    await using life = await openFiles();
    const { files } = life;
    const bytes = bytesOf(100);
    const upload = await files.begin({ address: AT, bytes: 100 }, OPERATOR);
    const append = (offset: number, data: Uint8Array, by: By = OPERATOR) => files.append({ upload, offset, data }, by);
    assert.equal(await append(0, bytes.subarray(0, 40)), 40);
    assert.equal(await append(0, bytes.subarray(0, 40)), 40);
    assert.equal((await expectRefused("out_of_range", () => append(41, bytes.subarray(41))))["offset"], 40);
    await expectRefused("out_of_range", () => append(40, bytesOf(61)));
    await expectRefused("invalid_argument", () => append(0, bytesOf(PIECE_BYTES_MAX + 1)));
    await expectRefused("not_found", () => append(40, bytes.subarray(40), ANN));
    const finish = { upload, address: AT, bytes: 100, digest: digestOf(bytes) };
    assert.equal((await expectRefused("failed_precondition", () => files.finish(finish, OPERATOR)))["offset"], 40);
    await append(40, bytes.subarray(40));
    await expectRefused("invalid_argument", () => files.finish({ ...finish, address: `${AT}x` }, OPERATOR));
    await expectRefused("not_found", () => files.finish(finish, ANN));
    const written = await files.finish(finish, OPERATOR);
    assert.deepEqual(await files.finish(finish, OPERATOR), { ...written, changed: false }, "no answer had come");
    await expectRefused("not_found", () => append(100, new Uint8Array()));
    await files.abandon(upload, OPERATOR);
  });

  it("makes nothing of bytes with another digest, and nothing of what is abandoned", async () => {
    await using life = await openFiles();
    const { files, blobs, registry } = life;
    const upload = await files.begin({ address: AT, bytes: 3 }, OPERATOR);
    await files.append({ upload, offset: 0, data: bytesOf(3) }, OPERATOR);
    const wrong = { upload, address: AT, bytes: 3, digest: digestOf(bytesOf(4)) };
    await expectRefused("data_loss", () => files.finish(wrong, OPERATOR));
    const other = await files.begin({ address: AT, bytes: 3 }, OPERATOR);
    await files.abandon(other, OPERATOR);
    assert.deepEqual([await namesOf(blobs, "blobs"), await namesOf(blobs, "uploads")], [[], []]);
    await expectRefused("not_found", () => registry.get(AT, OPERATOR));
  });

  it("lets two upload to one address at once; whoever ends last is what is there", async () => {
    await using life = await openFiles();
    const { files } = life;
    const begin = (bytes: number) => files.begin({ address: AT, bytes }, OPERATOR);
    const [one, two] = [await begin(5), await begin(6)];
    await files.append({ upload: two, offset: 0, data: bytesOf(6) }, OPERATOR);
    await files.append({ upload: one, offset: 0, data: bytesOf(5) }, OPERATOR);
    await files.finish({ upload: two, address: AT, bytes: 6, digest: digestOf(bytesOf(6)) }, OPERATOR);
    assert.deepEqual(await receive(files), Buffer.from(bytesOf(6)));
    await files.finish({ upload: one, address: AT, bytes: 5, digest: digestOf(bytesOf(5)) }, OPERATOR);
    assert.deepEqual(await receive(files), Buffer.from(bytesOf(5)));
    await Promise.all([7, 8, 9].map((bytes) => send(files, bytesOf(bytes))));
    assert.ok([7, 8, 9].includes((await receive(files)).length));
  });

  it("asks for rights when an upload begins, when it ends, and at each piece that is read", async () => {
    await using life = await openFiles();
    const { files, registry } = life;
    await send(files, bytesOf(10));
    const grant = async (name: string, verbs: string) => {
      const properties = { to: ANN.agent, verbs, on: "demo.test:files:**" };
      await registry.create({ address: `demo.test:${name}`, kind: "Grant", properties }, OPERATOR);
    };
    await expectRefused("permission_denied", () => send(files, bytesOf(1), { by: ANN }));
    await expectRefused("permission_denied", () => send(files, bytesOf(1), { address: `${AT}x`, by: ANN }));
    await expectRefused("permission_denied", () => files.read({ address: AT, offset: 0 }, ANN));
    await grant("g1", "rw");
    await send(files, bytesOf(11), { by: ANN });
    assert.equal((await files.read({ address: AT, offset: 0 }, ANN)).data.length, 11);
    await expectRefused("permission_denied", () => send(files, bytesOf(1), { address: `${AT}x`, by: ANN }));
    await grant("g2", "c");
    await send(files, bytesOf(12), { address: "demo.test:files:/d/e/f", by: ANN });
    assert.equal((await registry.get("demo.test:files:/d/e/f", OPERATOR)).owner, ANN.agent);
    const upload = await files.begin({ address: AT, bytes: 0 }, ANN);
    await registry.remove({ address: "demo.test:g1" }, OPERATOR);
    const finish = { upload, address: AT, bytes: 0, digest: digestOf(bytesOf(0)) };
    await expectRefused("permission_denied", () => files.finish(finish, ANN));
    assert.equal((await receive(files)).length, 11);
  });

  it("honours locks, revisions and names of requests", async () => {
    await using life = await openFiles();
    const { files, registry } = life;
    const { revision } = await send(files, bytesOf(1));
    const lock = await registry.lock({ address: AT, ttlMs: 60_000 }, OPERATOR);
    await expectRefused("aborted", () => send(files, bytesOf(2)));
    const holder = { ...OPERATOR, token: lock.token };
    const held = await send(files, bytesOf(2), { by: holder });
    await registry.unlock({ address: AT }, holder);
    await expectRefused("aborted", () => send(files, bytesOf(3), { ifRevision: revision }));
    const last = await send(files, bytesOf(3), { ifRevision: held.revision + 1 });
    await expectRefused("not_found", () => send(files, bytesOf(3), { address: `${AT}x`, ifRevision: 1 }));
    const named = { ...OPERATOR, requestId: "r1" };
    const once = await send(files, bytesOf(4), { by: named });
    await send(files, bytesOf(5));
    assert.equal((await send(files, bytesOf(4), { by: named })).revision, once.revision);
    assert.equal((await receive(files)).length, 5, "what was done once is not done again");
    assert.ok(last.revision < once.revision);
  });

  const refused: readonly [address: string, bytes: number, code: string][] = [
    ["demo.test:files:/../x", 1, "invalid_argument"],
    ["demo.test:files:/d/", 1, "invalid_argument"],
    ["demo.test:files", 1, "invalid_argument"],
    ["demo.test", 1, "invalid_argument"],
    ["other::demo.test:files:/x", 1, "invalid_argument"],
    ["hub.test::demo.test:files:/x", 1, "invalid_argument"],
    ["demo.test:nowhere:/x", 1, "not_found"],
    ["demo.test:/x", 1, "failed_precondition"],
    ["demo.test:files:/x", 1_001, "out_of_range"],
    ["demo.test:files:/x", -1, "out_of_range"],
    ["demo.test:files:/x", 0.5, "out_of_range"],
  ];
  it("refuses to begin what can never be a file", async () => {
    await using life = await openFiles({ fileBytesMax: 1_000 });
    for (const [address, bytes, code] of refused)
      await expectRefused(code, () => life.files.begin({ address, bytes }, OPERATOR));
    await send(life.files, bytesOf(1_000));
    assert.deepEqual(await namesOf(life.blobs, "uploads"), []);
  });

  it("lets an agent have so many uploads under way, and no more", async () => {
    await using life = await openFiles();
    const { files, registry } = life;
    const properties = { to: "anyone", verbs: "c", on: "demo.test:files" };
    await registry.create({ address: "demo.test:g", kind: "Grant", properties }, OPERATOR);
    const begin = (by: typeof ANN) => files.begin({ address: AT, bytes: 1 }, by);
    const uploads: string[] = [];
    while (uploads.length < UPLOADS_OF_AGENT_MAX) uploads.push(await begin(ANN));
    await expectRefused("resource_exhausted", () => begin(ANN));
    await begin({ agent: "demo.test:users:bob" });
    await files.abandon(uploads[0] ?? "", ANN);
    await begin(ANN);
  });

  it("reads by offset and length what must be there still, and says what it is", async () => {
    await using life = await openFiles();
    const { files, registry } = life;
    await send(files, bytesOf(1_000), { address: "demo.test:files:/a/Seite.HTML" });
    const address = "demo.test:files:/a/Seite.HTML";
    const piece = await files.read({ address, offset: 900, length: 50 }, OPERATOR);
    assert.deepEqual(piece.data, bytesOf(1_000).subarray(900, 950));
    assert.equal(piece.contentType, "text/html; charset=utf-8");
    const { digest } = piece.content;
    assert.equal((await files.read({ address, offset: 1_000, digest }, OPERATOR)).data.length, 0);
    await expectRefused("out_of_range", () => files.read({ address, offset: 1_001, digest }, OPERATOR));
    await send(files, bytesOf(7), { address });
    await expectRefused("failed_precondition", () => files.read({ address, offset: 10, digest }, OPERATOR));
    await expectRefused("not_found", () => files.read({ address: `${address}x`, offset: 0 }, OPERATOR));
    await expectRefused("failed_precondition", () => files.read({ address: "demo.test:files", offset: 0 }, OPERATOR));
    await registry.change({ address, properties: { contentType: "text/x-mine" } }, OPERATOR);
    await send(files, bytesOf(8), { address });
    assert.equal((await files.read({ address, offset: 0 }, OPERATOR)).contentType, "text/x-mine");
  });

  it("says that bytes are lost where the store has them no more", async () => {
    await using life = await openFiles();
    const { files, blobs } = life;
    await send(files, bytesOf(9));
    await blobs.remove(digestOf(bytesOf(9)), Number.MAX_SAFE_INTEGER);
    await expectRefused("data_loss", () => files.read({ address: AT, offset: 0 }, OPERATOR));
  });

  it("sweeps uploads that rest for a day, and blobs as old that no resource names", async () => {
    await using life = await openFiles();
    const { files, blobs, registry, pass } = life;
    const names = async () => [await namesOf(blobs, "blobs"), (await namesOf(blobs, "uploads")).length];
    await send(files, bytesOf(1));
    await send(files, bytesOf(2)); // Of the first nobody speaks any more.
    const artifact = await putBlob(blobs, { source: [bytesOf(3)], id: "archive" });
    const properties = { title: `from ${artifact.digest}` };
    await registry.change({ address: "demo.test", properties }, OPERATOR);
    const upload = await files.begin({ address: AT, bytes: 2 }, OPERATOR);
    const kept = [digestOf(bytesOf(2)), artifact.digest].sort();
    assert.deepEqual(await files.sweep(), { uploads: 0, blobs: 0 });
    pass(UPLOAD_KEPT_MS - 60_000);
    await files.append({ upload, offset: 0, data: bytesOf(1) }, OPERATOR);
    assert.deepEqual(await files.sweep(), { uploads: 0, blobs: 0 });
    pass(120_000);
    assert.deepEqual(await files.sweep(), { uploads: 0, blobs: 1 });
    assert.deepEqual(await names(), [kept, 1]);
    pass(UPLOAD_KEPT_MS);
    assert.deepEqual(await files.sweep(), { uploads: 1, blobs: 0 });
    await expectRefused("not_found", () => files.append({ upload, offset: 1, data: bytesOf(1) }, OPERATOR));
    assert.deepEqual(await names(), [kept, 0]);
  });

  it("leaves a blob alone that moves from one file to another while a sweep looks", async () => {
    await using life = await openFiles();
    const { registry, clock, pass } = life;
    await send(life.files, bytesOf(5), { address: "demo.test:files:/z" });
    const content = { digest: digestOf(bytesOf(5)), bytes: 5 };
    pass(2 * BLOB_GRACE_MS);
    let isMoved = false;
    const list: typeof registry.list = async (request, by) => {
      const page = await registry.list({ ...request, limit: 1 }, by);
      if (page.resources[0]?.address !== "demo.test:files" || isMoved) return page;
      isMoved = true; // It was behind what is listed next, and is before it now.
      const moved = { address: "demo.test:a", kind: "FileSystem" };
      await registry.create(moved, OPERATOR);
      await registry.create({ address: "demo.test:a:/z", kind: "File", state: { content } }, OPERATOR);
      await registry.remove({ address: "demo.test:files:/z" }, OPERATOR);
      return page;
    };
    const watched = { ...registry, list };
    await using files = createFiles({
      registry: watched,
      blobs: life.blobs,
      clock,
      random: createSeededRandom(1),
    });
    assert.deepEqual(await files.sweep(), { uploads: 0, blobs: 0 });
    assert.equal(isMoved, true);
    await registry.remove({ address: "demo.test:a:/z" }, OPERATOR);
    assert.deepEqual(await files.sweep(), { uploads: 0, blobs: 1 });
  });
});

/** A store that breaks off an upload's last step as a killed process does: the blob is there, and nobody is told. */
function forgetting(blobs: BlobStore): BlobStore & { failures: number } {
  const store = {
    ...blobs,
    failures: 1,
    open: async (id: string) => {
      const upload = await blobs.open(id);
      if (upload === undefined || store.failures === 0) return upload;
      const finish: typeof upload.finish = async (digest, options) => {
        store.failures--;
        await upload.finish(digest, options);
        throw new Error("killed");
      };
      return { ...upload, offset: upload.offset, finish };
    },
  };
  return store;
}

describe("uploadFile and downloadFile", () => {
  /** A node with files, and a folder. */
  async function open() {
    const life = await openFiles();
    const folder = await mkdtemp(join(tmpdir(), "orrery-files-"));
    const node = createNode({ components: [createFileComponent(life.files)], agent: "operator" });
    await node.start();
    const path = (name: string) => join(folder, name);
    const common = { client: node, clock: life.clock, address: AT };
    const close = async () => {
      await node.stop();
      await life[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    };
    return { ...life, folder, path, common, [Symbol.asyncDispose]: close };
  }

  const contents: readonly [name: string, bytes: Uint8Array][] = [
    ["0 bytes", new Uint8Array()],
    ["1 byte", Uint8Array.of(0)],
    ["bytes that are no UTF-8", Uint8Array.of(0xff, 0xfe, 0xc3, 0x28, 0x00, 0x80)],
    ["64 MiB", bytesOf(64 * 1024 * 1024)],
  ];
  it("bring a file there and back, whatever is in it, and overwrite", { timeout: 300_000 }, async () => {
    await using life = await open();
    const { path, common, registry } = life;
    for (const [name, bytes] of contents) {
      await writeFile(path("a.bin"), bytes);
      const seen: number[] = [];
      const onProgress = ({ done }: { done: number }) => void seen.push(done);
      const up = await uploadFile({ ...common, from: path("a.bin"), onProgress });
      assert.deepEqual(up.content, { digest: digestOf(bytes), bytes: bytes.length }, name);
      assert.deepEqual([up.address, up.changed, up.sent], [AT, true, bytes.length]);
      assert.equal(seen.at(-1) ?? 0, bytes.length);
      const down = await downloadFile({ ...common, to: path("b.bin") });
      assert.deepEqual(down.content, up.content);
      assert.equal(down.revision, up.revision);
      assert.ok((await readFile(path("b.bin"))).equals(bytes), name);
    }
    assert.equal((await registry.list({ selector: "demo.test:files:/**<File>" }, OPERATOR)).resources.length, 1);
    assert.deepEqual((await readdir(life.folder)).sort(), ["a.bin", "b.bin"]);
  });

  it("refuse what is not there, and leave the local file as it was", async () => {
    await using life = await open();
    const { path, common } = life;
    await writeFile(path("b.bin"), "mine");
    const missing = (error: OrreryError) => error.code === "not_found";
    await assert.rejects(downloadFile({ ...common, to: path("b.bin") }), missing);
    await assert.rejects(uploadFile({ ...common, from: path("none") }), missing);
    const folder = { ...common, from: life.folder };
    await assert.rejects(uploadFile(folder), { code: "invalid_argument" });
    const bad = { ...common, address: "demo.test:files:/../x" };
    await assert.rejects(downloadFile({ ...bad, to: path("b.bin") }), { code: "invalid_argument" });
    await assert.rejects(uploadFile({ ...bad, from: path("b.bin") }), { code: "invalid_argument" });
    assert.equal(await readFile(path("b.bin"), "utf8"), "mine");
    assert.deepEqual(await readdir(life.folder), ["b.bin"]);
  });

  it("tell that the file was changed while it was read or written, and leave nothing", async () => {
    await using life = await open();
    const { path, common, files, blobs } = life;
    const bytes = bytesOf(3 * PIECE_BYTES_MAX);
    await send(files, bytes);
    let isOther = false;
    const change = async () => {
      isOther = true;
      await send(files, bytesOf(3));
    };
    const reading = createNode({
      agent: "operator",
      components: [
        createFileComponent({
          ...files,
          read: async (request, by) => {
            if (request.offset > 0 && !isOther) await change();
            return files.read(request, by);
          },
        }),
      ],
    });
    await reading.start();
    const broken = downloadFile({ ...common, client: reading, to: path("b.bin") });
    await assert.rejects(broken, { code: "failed_precondition" });
    await reading.stop();
    await writeFile(path("a.bin"), bytes);
    const onProgress = ({ done }: { done: number }) => {
      if (done === PIECE_BYTES_MAX) truncated = writeFile(path("a.bin"), "short");
    };
    let truncated: Promise<void> | undefined;
    await assert.rejects(uploadFile({ ...common, from: path("a.bin"), onProgress }), { code: "aborted" });
    await truncated;
    assert.deepEqual(await readdir(life.folder), ["a.bin"]);
    assert.deepEqual(await namesOf(blobs, "uploads"), []);
  });

  it("end an upload whose server was killed after its last step and before the answer", async () => {
    await using life = await open();
    const { registry, clock } = life;
    const blobs = forgetting(life.blobs);
    await using files = createFiles({ registry, blobs, clock, random: createSeededRandom(3) });
    const upload = await files.begin({ address: AT, bytes: 5 }, OPERATOR);
    await files.append({ upload, offset: 0, data: bytesOf(5) }, OPERATOR);
    const finish = { upload, address: AT, bytes: 5, digest: digestOf(bytesOf(5)) };
    await assert.rejects(files.finish(finish, OPERATOR), /killed/);
    await expectRefused("not_found", () => registry.get(AT, OPERATOR));
    assert.equal((await files.finish(finish, OPERATOR)).changed, true);
    assert.deepEqual(await receive(files), Buffer.from(bytesOf(5)));
  });
});
