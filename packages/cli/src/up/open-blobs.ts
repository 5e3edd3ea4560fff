import { join } from "node:path";
import { createSystemClock } from "@orrery/core";
import { type BlobStore, createDirectoryBlobs, openS3Blobs, type S3Keys } from "@orrery/registry";
import { typed, usageError } from "../command-error.ts";
import { readKeyLines } from "./read-key-lines.ts";

/** A store of bytes, and what is to be told of it. */
export interface OpenedBlobs extends AsyncDisposable {
  readonly store: BlobStore;
  /** Such as `s3://bucket`, or the folder. */
  readonly name: string;
}

/** Which store is meant. */
export interface BlobsOptions {
  /** `directory`, or the URL of a bucket. */
  readonly blobs: string;
  /** File of keys. Default: what the environment says. */
  readonly blobKeys?: string | undefined;
}

/**
 * Opens the store of bytes that was asked for, and looks whether it answers.
 * @throws CommandError for a word that is none, keys on the command line, or a key file that others may read; OrreryError as `openS3Blobs`
 */
export async function openBlobs(folder: string, { blobs, blobKeys }: BlobsOptions): Promise<OpenedBlobs> {
  const clock = createSystemClock();
  if (blobs === "directory") {
    const store = createDirectoryBlobs({ folder: join(folder, "blobs"), clock });
    return { store, name: "directory", [Symbol.asyncDispose]: async () => {} };
  }
  if (!blobs.startsWith("s3://"))
    throw usageError(
      `Cannot read flag --blobs: "${blobs}" is none, write directory, or a URL such as s3://bucket/prefix?region=eu-west-1`,
    );
  if (/^s3:\/\/[^/?]*@/.test(blobs))
    throw usageError(
      "Cannot take keys of --blobs from a command line: all who are on this machine see it, put them in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or in a file for --blob-keys",
    );
  const keys = blobKeys === undefined ? undefined : readS3Keys(blobKeys);
  const url = blobs;
  const store = await typed(() =>
    openS3Blobs({ url, folder: join(folder, "uploads"), clock, ...(keys === undefined ? {} : { keys }) }),
  );
  try {
    for await (const _ of store.list("blobs")) break; // One that does not answer is better known now.
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  }
  return { store, name: blobs.replace(/\?.*/, ""), [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

/** Reads a file of keys as the tools of AWS have it, of its first profile. @throws CommandError where others may read it, or it has none */
export function readS3Keys(path: string): S3Keys {
  const keys = readKeyLines({
    ...{ path, flag: "--blob-keys" },
    needed: ["aws_access_key_id", "aws_secret_access_key"],
    more: ["aws_session_token"],
  });
  const {
    aws_access_key_id: accessKeyId,
    aws_secret_access_key: secretAccessKey,
    aws_session_token: sessionToken,
  } = keys;
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
}
