import { readFile } from "node:fs/promises";
import type { S3Client } from "@aws-sdk/client-s3";
import { type Clock, OrreryError } from "@orrery/core";
import { createOneAtATime } from "@orrery/core/internal";
import { S3_PART_BYTES, S3_PARTS_MAX } from "../limits.ts";
import type { BlobRef } from "../resource.ts";
import { digitsOf, missingBlob, spanOf } from "./blob-rules.ts";
import type { BlobStore, StoredItem } from "./blob-store.ts";
import { parseS3Url, type S3Keys, type S3Place } from "./parse-s3-url.ts";
import { readPieces } from "./read-pieces.ts";
import { createStagedUploads } from "./staged-uploads.ts";

/** Options of a store in a bucket of S3. */
export interface S3BlobsOptions {
  /**
   * `s3://BUCKET/PREFIX?region=…&endpoint=…`, with `KEY:SECRET@` before the bucket unless the environment has them as the AWS SDK reads it;
   * `endpoint` is the URL of a server other than Amazon's.
   */
  readonly url: string;
  /** Where uploads under way are, on this machine; a blob goes to the bucket when it is whole. */
  readonly folder: string;
  /** Tells the age of what comes. */
  readonly clock: Pick<Clock, "now">;
  /** By which it knows who asks. Default: those of the URL, else as the AWS SDK finds them. */
  readonly keys?: S3Keys;
}

/**
 * Makes a store in a bucket, over the AWS SDK, whose files are read now and not before. A large blob travels in parts; those of one that was broken
 * off stay until the bucket's rules take them away.
 * @throws OrreryError `invalid_argument` for a URL that is none; the store's operations `unavailable` where the server fails
 */
export async function openS3Blobs({ url, folder, clock, keys }: S3BlobsOptions): Promise<BlobStore & AsyncDisposable> {
  const place: S3Place = { ...parseS3Url(url), ...(keys === undefined ? {} : { credentials: keys }) };
  const sdk = await import("@aws-sdk/client-s3");
  const client = createClient(sdk, place);
  /** A blob is never removed while somebody says that it is wanted, or puts it. */
  const oneAtATime = createOneAtATime();
  const { bucket: Bucket } = place;
  const keyOf = (digest: string, shelf: "blobs" | "wanted" = "blobs") => {
    const digits = digitsOf(digest);
    return `${place.prefix}${shelf}/${digits.slice(0, 2)}/${digits}`;
  };
  /** Size and age of an object. The age is told in whole seconds: it counts as new as it may be. */
  const head = async (Key: string) => {
    const found = await asked("ask", client.send(new sdk.HeadObjectCommand({ Bucket, Key })));
    return found && { size: found.ContentLength ?? 0, at: (found.LastModified?.getTime() ?? clock.now()) + 999 };
  };
  const put = (Key: string, Body: Uint8Array) =>
    asked("write", client.send(new sdk.PutObjectCommand({ Bucket, Key, Body })));
  const uploads = createStagedUploads({
    folder,
    clock,
    take: (path, blob) =>
      oneAtATime(blob.digest, async () => {
        const Key = keyOf(blob.digest);
        if (blob.bytes <= S3_PART_BYTES) await put(Key, await readFile(path));
        else await putParts({ sdk, client, Bucket, Key }, path, blob);
      }),
  });
  return {
    begin: uploads.begin,
    open: uploads.open,
    size: (digest, { isWanted = false } = {}) => {
      const look = async () => {
        const found = await head(keyOf(digest));
        if (found !== undefined && isWanted) await put(keyOf(digest, "wanted"), new Uint8Array());
        return found?.size;
      };
      return isWanted ? oneAtATime(digest, look) : look();
    },
    async *read(digest, range = {}) {
      const Key = keyOf(digest);
      const found = await head(Key);
      if (found === undefined) throw missingBlob(digest);
      const { from, to } = spanOf(range, { digest, bytes: found.size });
      if (from === to) return;
      const Range = `bytes=${from}-${to - 1}`;
      const got = await asked("read", client.send(new sdk.GetObjectCommand({ Bucket, Key, Range })));
      if (got?.Body === undefined) throw missingBlob(digest);
      yield* got.Body as AsyncIterable<Uint8Array>;
    },
    remove: (digest, before) =>
      oneAtATime(digest, async () => {
        const ages = [await head(keyOf(digest)), await head(keyOf(digest, "wanted"))];
        if (ages[0] === undefined || ages.some((age) => age !== undefined && age.at > before)) return false;
        for (const shelf of ["blobs", "wanted"] as const)
          await asked("remove", client.send(new sdk.DeleteObjectCommand({ Bucket, Key: keyOf(digest, shelf) })));
        return true;
      }),
    async *list(what) {
      if (what === "uploads") return yield* uploads.list();
      yield* listBlobs({ sdk, client, Bucket, Prefix: `${place.prefix}blobs/` }, clock);
    },
    [Symbol.asyncDispose]: async () => client.destroy(),
  };
}

type Sdk = typeof import("@aws-sdk/client-s3");

interface Shelf {
  readonly sdk: Sdk;
  readonly client: S3Client;
  readonly Bucket: string;
  readonly Prefix: string;
}

/** All blobs, a page after the other. What has another name is nobody's here. */
async function* listBlobs(
  { sdk, client, Bucket, Prefix }: Shelf,
  clock: Pick<Clock, "now">,
): AsyncGenerator<StoredItem> {
  for (let ContinuationToken: string | undefined, isLast = false; !isLast; ) {
    const page = await asked("list", client.send(new sdk.ListObjectsV2Command({ Bucket, Prefix, ContinuationToken })));
    for (const { Key = "", LastModified } of page?.Contents ?? []) {
      const digits = /\/([0-9a-f]{2})\/(\1[0-9a-f]{62})$/.exec(Key)?.[2];
      if (digits !== undefined) yield { name: `sha256:${digits}`, at: LastModified?.getTime() ?? clock.now() };
    }
    ContinuationToken = page?.NextContinuationToken;
    isLast = ContinuationToken === undefined;
  }
}

function createClient(sdk: Sdk, { region, endpoint, credentials }: S3Place): S3Client {
  return new sdk.S3Client({
    region,
    requestChecksumCalculation: "WHEN_REQUIRED", // Older servers do not know those that came later.
    responseChecksumValidation: "WHEN_REQUIRED",
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials === undefined ? {} : { credentials }),
  });
}

interface Target {
  readonly sdk: Sdk;
  readonly client: S3Client;
  readonly Bucket: string;
  readonly Key: string;
}

/** Sends a file in parts, one after the other. */
async function putParts({ sdk, client, Bucket, Key }: Target, path: string, { bytes }: BlobRef): Promise<void> {
  const pieceBytes = Math.max(S3_PART_BYTES, Math.ceil(bytes / S3_PARTS_MAX));
  const begun = await asked("write", client.send(new sdk.CreateMultipartUploadCommand({ Bucket, Key })));
  const UploadId = begun?.UploadId;
  try {
    const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
    for await (const Body of readPieces(path, { from: 0, to: bytes, pieceBytes })) {
      const PartNumber = Parts.length + 1;
      const part = { Bucket, Key, UploadId, PartNumber, Body };
      Parts.push({ PartNumber, ETag: (await asked("write", client.send(new sdk.UploadPartCommand(part))))?.ETag });
    }
    const whole = { Bucket, Key, UploadId, MultipartUpload: { Parts } };
    await asked("write", client.send(new sdk.CompleteMultipartUploadCommand(whole)));
  } catch (error) {
    await client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId })).catch(() => {}); // The first error tells more.
    throw error;
  }
}

/** The answer of the server; nothing where the object is not there. */
async function asked<T>(doing: string, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (cause) {
    const { name, message, $metadata } = cause as Error & { $metadata?: { httpStatusCode?: number } };
    if (name === "NoSuchKey" || name === "NotFound") return undefined;
    const told = [name, $metadata?.httpStatusCode, message].filter((part) => part !== undefined && part !== "");
    throw new OrreryError(
      "unavailable",
      `Cannot ${doing} a blob in S3: its server says ${told.join(" ")}, look at URL, keys and bucket`,
      { cause },
    );
  }
}
