import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createNode, createSystemClock, type Node } from "@orrery/core";
import { createHttpClient, createHttpDoor, type HttpClient } from "@orrery/http";
import { createDirectoryBlobs, digestOf } from "@orrery/registry/blobs";
import { openArtifact, sealArtifact } from "../artifact/system-artifact.ts";
import { BlobService } from "../gen/rpc/orrery/market/v1/blobs_pb.ts";
import type { Account } from "../lease/terms.ts";
import { walletAgent } from "../wallet/wallet-door.ts";
import { createBlobClient } from "./blob-client.ts";
import { type BlobServiceOptions, createBlobService } from "./blob-service.ts";
import { PART_BYTES_MAX, UPLOAD_REST_MS } from "./limits.ts";

const system = createSystemClock();
const ANN: Account = `0x${"a".repeat(40)}`;
const BOB: Account = `0x${"b".repeat(40)}`;
const named = (bytes: Uint8Array) => [digestOf(bytes), bytes] as const;

/** A store behind a door whose callers say which wallet they are. */
async function openStore(folder: string, more: Partial<BlobServiceOptions> & { readonly nowMs?: () => number } = {}) {
  const { nowMs = () => system.now(), ...options } = more;
  const clock = { now: nowMs, monotonic: nowMs };
  const blobs = createDirectoryBlobs({ folder, clock });
  const keeper = await createBlobService({ blobs, clock, ...options });
  const node: Node = createNode({ components: [keeper.component] });
  await node.start();
  const door = createHttpDoor({
    node,
    services: [BlobService],
    authenticate: (headers) => headers.get("authorization") ?? "anonymous",
  });
  const url = await door.listen();
  const open: HttpClient[] = [];
  const callsOf = (account?: Account) => {
    const client = createHttpClient({ url, authorization: async () => account && walletAgent(account) });
    open.push(client);
    return client.client(BlobService);
  };
  return {
    ...keeper,
    callsOf,
    clientOf: (account?: Account) => createBlobClient({ calls: callsOf(account), clock: system }),
    [Symbol.asyncDispose]: async () => {
      for (const client of open) client.close();
      await door.close();
      await node.stop();
    },
  };
}

describe("createBlobService", () => {
  let folder: string;
  let count = 0;
  const own = () => join(folder, String(count++));
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "orrery-blobs-"));
  });
  after(() => rm(folder, { recursive: true }));

  it("takes an artifact once, and gives it to whoever knows its digest, who learns nothing from it", async () => {
    await using store = await openStore(own());
    const about = { kind: "image", app: "shop", name: `sha256:${"1".repeat(64)}` } as const;
    const key = randomBytes(32);
    const plain = Buffer.alloc(2.5 * PART_BYTES_MAX, "a known text ");
    const { digest, bytes } = await sealArtifact(plain, { key, about });
    const [ann, anybody] = [store.clientOf(ANN), store.clientOf()];
    assert.deepEqual(await anybody.missing([digest]), [digest]);
    await assert.rejects(anybody.put(digest, bytes), { code: "unauthenticated", message: /only wallets may/ });
    const told: number[] = [];
    assert.equal(await ann.put(digest, bytes, { onProgress: (now) => told.push(now.bytes) }), bytes.length);
    assert.deepEqual(told, [0, PART_BYTES_MAX, 2 * PART_BYTES_MAX, bytes.length]);
    assert.equal(await ann.put(digest, bytes), 0, "it is there");
    assert.equal(await store.clientOf(BOB).put(digest, bytes), 0, "for others, too");
    assert.deepEqual(await anybody.missing([digest]), []);
    const got = await anybody.get(digest);
    assert.deepEqual(await openArtifact(got, { key, about, digest }), plain);
    assert.deepEqual(await store.read(digest), bytes);
    assert.equal(Buffer.from(got).includes("a known text"), false);
    await assert.rejects(anybody.get(`sha256:${"0".repeat(64)}`), { code: "not_found" });
  });

  it("goes on where an upload ended, over a restart, and leaves nothing of bytes that are not what was named", async () => {
    const at = own();
    const [digest, bytes] = named(randomBytes(PART_BYTES_MAX + 10));
    const size = BigInt(bytes.length);
    {
      await using store = await openStore(at);
      const calls = store.callsOf(ANN);
      const part = bytes.subarray(0, PART_BYTES_MAX);
      assert.equal((await calls.put({ digest, size, offset: 0n, part })).offset, BigInt(part.length));
      await assert.rejects(calls.put({ digest, size, offset: size - 1n, part: bytes.subarray(0, 1) }), {
        code: "out_of_range",
      });
    }
    await using store = await openStore(at);
    assert.equal(await store.clientOf(ANN).put(digest, bytes), 10, "the rest alone");
    assert.deepEqual(await store.clientOf().get(digest), bytes);
    const other = digestOf(Buffer.from("other"));
    await assert.rejects(store.clientOf(ANN).put(other, Buffer.from("bytes")), { code: "data_loss" });
    assert.deepEqual(await store.clientOf().missing([other]), [other]);
    assert.equal((await readdir(join(at, "uploads"))).length, 2, "of the one that is there: note and proof");
  });

  it("holds each wallet and all of them to their bytes, and counts no more what a wallet takes back", async () => {
    const at = own();
    const bounds = {
      walletBytesMax: 1_000,
      storeBytesMax: 1_500,
      whyNot: async (wallet: Account) => (wallet === BOB ? "it has no deposit" : undefined),
    };
    const [one, two, three] = [named(randomBytes(600)), named(randomBytes(401)), named(randomBytes(901))];
    {
      await using store = await openStore(at, bounds);
      await store.clientOf(ANN).put(...one);
      await assert.rejects(store.clientOf(ANN).put(...two), /it has 401 bytes, and 400 of its 1000 are free/);
      await assert.rejects(store.clientOf(BOB).put(...two), /it has no deposit/);
      const carl: Account = `0x${"c".repeat(40)}`;
      await assert.rejects(store.clientOf(carl).put(...three), /901 bytes, and the store has 900 free/);
      await assert.rejects(store.clientOf(carl).remove(one[0]), { code: "not_found" });
    }
    await using store = await openStore(at, bounds);
    const ann = store.clientOf(ANN);
    await assert.rejects(ann.put(...two), /400 of its 1000 are free/, "after a restart, too");
    await ann.remove(one[0]);
    assert.deepEqual(await ann.missing([one[0]]), [one[0]]);
    await ann.put(...two);
  });

  it("sends anew what was taken out of its folder", async () => {
    const at = own();
    await using store = await openStore(at);
    const blob = named(randomBytes(10));
    await store.clientOf(ANN).put(...blob);
    await rm(join(at, "blobs"), { recursive: true });
    await store.clientOf(ANN).put(...blob);
    assert.deepEqual(await store.clientOf().get(blob[0]), blob[1]);
  });

  it("forgets uploads that rest for a day, and nothing else", async () => {
    let now = 1_000_000;
    const at = own();
    await using store = await openStore(at, { nowMs: () => now });
    const whole = named(randomBytes(10));
    await store.clientOf(ANN).put(...whole);
    const [digest] = named(randomBytes(20));
    const put = () => store.callsOf(ANN).put({ digest, size: 20n, offset: 0n, part: new Uint8Array(5) });
    await put();
    await writeFile(join(at, "uploads", "mine.note"), "another's");
    now = Date.now() + UPLOAD_REST_MS + 1_000; // Ages are of the files, too.
    assert.equal(await store.sweep(), 1);
    assert.equal(await store.sweep(), 0);
    assert.deepEqual(await store.clientOf().missing([whole[0]]), []);
    assert.equal((await put()).offset, 5n, "it begins anew");
  });

  it("refuses what is out of its bounds, by name", async () => {
    await using store = await openStore(own());
    const calls = store.callsOf(ANN);
    const [digest] = named(randomBytes(20));
    const part = new Uint8Array(1);
    for (const [what, why] of [
      [{ digest: "md5:1", size: 1n, offset: 0n, part }, /a digest is sha256:/],
      [{ digest, size: 0n, offset: 0n, part }, /it has 0 bytes, and from 1 to/],
      [{ digest, size: 1n << 40n, offset: 0n, part }, /from 1 to 2148532224 fit/],
      [{ digest, size: 10n, offset: 10n, part }, /a part ends at 11, and it has 10/],
      [{ digest, size: 2n << 20n, offset: 0n, part: new Uint8Array(PART_BYTES_MAX + 1) }, /up to 1048576 fit/],
    ] as const)
      await assert.rejects(calls.put(what), why);
    await assert.rejects(calls.missing({ digests: Array<string>(257).fill(digest) }), /ask for 256/);
    await assert.rejects(calls.get({ digest: "../x", offset: 0n }), /a digest is sha256:/);
  });
});
