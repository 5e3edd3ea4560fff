import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { createSystemClock } from "@orrery/core";
import { bytesOf, put, readAll } from "../conformance/blob-case.ts";
import { testBlobs } from "../conformance/index.ts";
import { type Ceph, startCeph } from "../testing/start-ceph.ts";
import { openS3Blobs } from "./system-s3-blobs.ts";

const BUCKET = "orrery-blobs";

const isThere = spawnSync("radosgw", ["--version"]).status === 0;
const skip = !isThere && "Ceph is not installed, see tools/system-packages.ts";

describe("openS3Blobs, over Ceph", { skip }, () => {
  let ceph: Ceph;
  let client: S3Client;
  let count = 0;
  before(async () => {
    ceph = await startCeph();
    const credentials = { accessKeyId: ceph.key, secretAccessKey: ceph.secret };
    client = new S3Client({ endpoint: ceph.endpoint, region: "us-east-1", forcePathStyle: true, credentials });
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  });
  after(async () => {
    client?.destroy();
    await ceph?.[Symbol.asyncDispose]();
  });

  const urlOf = (prefix: string, { key, secret, endpoint } = ceph) =>
    `s3://${key}:${secret}@${BUCKET}/${prefix}?endpoint=${encodeURIComponent(endpoint)}`;
  const openIn = async (prefix: string) => {
    const folder = await mkdtemp(join(tmpdir(), "orrery-s3-"));
    const open = () => openS3Blobs({ url: urlOf(prefix), folder, clock: createSystemClock() });
    let store = await open();
    return {
      store,
      reopen: async () => {
        await store[Symbol.asyncDispose]();
        store = await open();
        return store;
      },
      pass: async () => {}, // The server has a clock of its own; writing to it takes time.
      [Symbol.asyncDispose]: async () => {
        await store[Symbol.asyncDispose]();
        await rm(folder, { recursive: true });
      },
    };
  };

  testBlobs({ test, createStore: () => openIn(`case-${count++}/deep`) });

  test("sends a large blob in parts, and keeps all below its prefix", async () => {
    await using life = await openIn("large");
    const bytes = bytesOf(21 * 1024 * 1024 + 1);
    const { digest } = await put(life.store, bytes);
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "large/" }));
    const digits = digest.slice("sha256:".length);
    assert.deepEqual(
      Contents?.map(({ Key, Size }) => [Key, Size]),
      [[`large/blobs/${digits.slice(0, 2)}/${digits}`, bytes.length]],
    );
    assert.match(Contents?.[0]?.ETag ?? "", /-3"$/, "it came in three parts");
    assert.deepEqual(Buffer.compare(await readAll(life.store, digest), bytes), 0);
  });

  test("says what the server says, and shows no secret", async () => {
    const folder = await mkdtemp(join(tmpdir(), "orrery-s3-"));
    const url = urlOf("x", { ...ceph, secret: "wrong-secret" });
    const store = await openS3Blobs({ url, folder, clock: createSystemClock() });
    await assert.rejects(put(store, bytesOf(10)), (error: Error) => {
      assert.match(error.message, /Cannot write a blob in S3: its server says SignatureDoesNotMatch 403/);
      assert.ok(!error.message.includes("wrong-secret"));
      return true;
    });
    await store[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
});
