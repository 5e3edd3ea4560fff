import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { expectRefused } from "../conformance/blob-case.ts";
import { parseS3Url } from "./parse-s3-url.ts";

describe("parseS3Url", () => {
  it("reads bucket, prefix, region, server and keys", () => {
    assert.deepEqual(parseS3Url("s3://blobs"), { bucket: "blobs", prefix: "", region: "us-east-1" });
    const text = "s3://AK%2F1:se%3Acret@my.blobs/a//b/?region=eu-west-1&endpoint=http%3A%2F%2F127.0.0.1%3A9000";
    assert.deepEqual(parseS3Url(text), {
      bucket: "my.blobs",
      prefix: "a/b/",
      region: "eu-west-1",
      endpoint: "http://127.0.0.1:9000",
      credentials: { accessKeyId: "AK/1", secretAccessKey: "se:cret" },
    });
  });

  const bad = [
    "",
    "http://x",
    "s3://",
    "s3://key@b",
    "s3://b?regoin=x",
    "s3://b?endpoint=x",
    "s3://k:s%@b",
    "s3://b/%ff",
  ];
  for (const text of bad)
    it(`refuses "${text}"`, async () => {
      await expectRefused("invalid_argument", async () => parseS3Url(text));
    });

  it("shows no secret in what it refuses", () => {
    assert.throws(
      () => parseS3Url("s3://key:very-secret@b?endpoint=x"),
      (error: Error) => error.message.startsWith('Cannot use "s3://…@b?endpoint=x" for blobs: its endpoint'),
    );
  });
});
