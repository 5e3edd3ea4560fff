import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type CephBucket, NO_CEPH, startBucket } from "../testing/ceph.ts";
import { type } from "../testing/memory-terminal.ts";
import { type RunEvent, type Running, startEvents } from "../testing/orrery.ts";
import { readS3Keys } from "./open-blobs.ts";

const cwd = mkdtempSync(join(tmpdir(), "orrery-up-blobs-"));
const running = new Set<Running>();
after(() => {
  for (const { child } of running) child.kill("SIGKILL");
  rmSync(cwd, { recursive: true, force: true });
});

const up = (...words: string[]) =>
  type(["up", "--port=0", "--http=0", "--web-port=0", "--database=pglite", ...words], { cwd });

describe("orrery up --blobs", () => {
  it("refuses a place that is none, and keys on the command line, without telling them", async () => {
    const strange = await up("--blobs=ftp://x");
    assert.equal(strange.exit, 2);
    assert.match(strange.err, /"ftp:\/\/x" is none, write directory, or a URL such as s3:\/\/bucket/);
    const seen = await up("--blobs=s3://KEY:hidden@bucket");
    assert.equal(seen.exit, 2);
    assert.match(seen.err, /all who are on this machine see it, put them in AWS_ACCESS_KEY_ID/);
    assert.ok(!seen.err.includes("hidden"));
    assert.equal((await up("--blobs=s3://bucket?regoin=x")).exit, 2);
  });
});

describe("readS3Keys", () => {
  const file = (text: string, mode = 0o600) => {
    const path = join(cwd, "keys");
    rmSync(path, { force: true });
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };
  it("reads what the tools of AWS write", () => {
    const text = "[default]\naws_access_key_id = AK\naws_secret_access_key=s/e+c=\n";
    assert.deepEqual(readS3Keys(file(text)), { accessKeyId: "AK", secretAccessKey: "s/e+c=" });
    assert.equal(readS3Keys(file(`${text}aws_session_token = t\n`)).sessionToken, "t");
  });
  it("refuses a file that others may read, has no keys, or is not there, and tells no secret", () => {
    assert.throws(() => readS3Keys(file("x", 0o640)), { message: /others may read it, run chmod 600 on it/ });
    const half = file("aws_secret_access_key = hidden\n");
    assert.throws(
      () => readS3Keys(half),
      (error: Error) =>
        error.message.endsWith('it has no line "aws_access_key_id = …"') && !error.message.includes("hidden"),
    );
    assert.throws(() => readS3Keys(join(cwd, "none")), { message: /it cannot be read, name a file/ });
  });
});

describe("orrery up --blobs=s3://…, over Ceph", { skip: NO_CEPH }, () => {
  let ceph: CephBucket;
  before(async () => {
    ceph = await startBucket("orrery-up");
  });
  after(() => ceph?.[Symbol.asyncDispose]());

  const urlOf = (bucket = ceph.bucket) => `s3://${bucket}/deep?endpoint=${encodeURIComponent(ceph.endpoint)}`;
  const words = (data: string, ...more: string[]) => [
    "up",
    "--port=0",
    "--http=0",
    "--web-port=0",
    "--database=pglite",
    `--data=${data}`,
    ...more,
  ];
  const start = async (data: string, { env, more }: { env: Record<string, string>; more: readonly string[] }) => {
    const one = startEvents(words(data, ...more), { cwd, env });
    running.add(one);
    return { one, ready: (await one.next("ready")) as RunEvent & { readonly blobs: string } };
  };

  it("keeps bytes in a bucket, by keys of the environment or of a file, over restarts", async () => {
    const env = { AWS_ACCESS_KEY_ID: ceph.key, AWS_SECRET_ACCESS_KEY: ceph.secret };
    const first = await start("s3", { env, more: [`--blobs=${urlOf()}`] });
    assert.equal(first.ready.blobs, `s3://${ceph.bucket}/deep`);
    assert.ok(!JSON.stringify(first.ready).includes(ceph.secret));
    const to = { cwd, env: { ORRERY_SERVER: first.ready.address } };
    const bytes = Buffer.alloc(3 * 1024 * 1024 + 1, "orrery");
    writeFileSync(join(cwd, "a.bin"), bytes);
    for (const line of [
      ["exec", "create demo.test<Space>; create demo.test:files<FileSystem>"],
      ["cp", "a.bin", "demo.test:files:/a.bin"],
    ])
      assert.equal((await type(line, to)).exit, 0);
    first.one.child.kill("SIGKILL");
    await first.one.ended;
    assert.equal(existsSync(join(cwd, "s3", "blobs")), false);
    assert.deepEqual(readdirSync(join(cwd, "s3", "uploads")), []);

    const keys = join(cwd, "s3-keys");
    writeFileSync(keys, `aws_access_key_id = ${ceph.key}\naws_secret_access_key = ${ceph.secret}\n`, { mode: 0o600 });
    const none = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" };
    const second = await start("s3", { env: none, more: [`--blobs=${urlOf()}`, `--blob-keys=${keys}`] });
    const got = await type(["cp", "demo.test:files:/a.bin", "b.bin"], {
      cwd,
      env: { ORRERY_SERVER: second.ready.address },
    });
    assert.deepEqual([got.exit, Buffer.compare(readFileSync(join(cwd, "b.bin")), bytes)], [0, 0]);
    second.one.child.kill("SIGTERM");
    assert.equal((await second.one.ended).exit, 0);
  });

  it("says at the start what the server says, and leaves nothing running", async () => {
    const env = { AWS_ACCESS_KEY_ID: ceph.key, AWS_SECRET_ACCESS_KEY: ceph.secret };
    const refused = async (url: string, keys: Record<string, string>) =>
      startEvents(words("refused", `--blobs=${url}`), { cwd, env: keys }).ended;
    const missing = await refused(urlOf("no-such-bucket"), env);
    assert.deepEqual([missing.exit, missing.out], [4, ""]);
    assert.match(missing.err, /its server says NoSuchBucket 404/);
    const wrong = await refused(urlOf(), { ...env, AWS_SECRET_ACCESS_KEY: "wrong-secret" });
    assert.match(wrong.err, /its server says SignatureDoesNotMatch 403/);
    assert.ok(!wrong.err.includes("wrong-secret"));
  });
});
