import type { BlobRef } from "@orrery/registry";
import { getMimeType } from "hono/utils/mime";
import { type Answer, headerOf, type WebRequest } from "./answer.ts";
import type { BlobSource } from "./blob-source.ts";
import { readBytes } from "./blob-source.ts";
import type { ByteCache } from "./byte-cache.ts";
import { readRange } from "./byte-range.ts";
import { isRangeValid, isUnchanged } from "./conditions.ts";
import { chooseEncoding, compress, compressPieces, type Encoding, isCompressible } from "./encodings.ts";
import { CACHED_FILE_BYTES_MAX, COMPRESS_BYTES_MIN } from "./limits.ts";
import type { Found } from "./lookout.ts";
import { page } from "./page.ts";

/** What files are read by. */
export interface FileReading {
  readonly blobs: BlobSource;
  readonly cache: ByteCache;
}

/** A file that is there. */
export interface ServedFile {
  readonly found: Found;
  readonly content: BlobRef;
}

type Fields = Answer["headers"];

/**
 * Answers GET and HEAD with a file: whole or in part, compressed where it helps, or that it has not changed. At once where nothing has to be
 * waited for.
 */
export function answerFile(
  request: WebRequest,
  { found, content }: ServedFile,
  reading: FileReading,
): Answer | Promise<Answer> {
  const { bytes } = content;
  const { lastModified, mayCompress, fieldsOf } = factsOf(found, content);
  const range = request.method === "GET" ? headerOf(request, "range") : undefined;
  const encoding =
    mayCompress && range === undefined ? chooseEncoding(headerOf(request, "accept-encoding")) : undefined;
  const { etag, shared, headers } = fieldsOf(encoding);
  const conditions = {
    ifNoneMatch: headerOf(request, "if-none-match"),
    ifModifiedSince: headerOf(request, "if-modified-since"),
    ifRange: headerOf(request, "if-range"),
  };
  if (isUnchanged(conditions, { etag, lastModified })) return { status: 304, headers: shared, isRepeated: true };
  if (encoding !== undefined) return answerCompressed({ headers, encoding, content }, reading);
  const wanted = isRangeValid(conditions, { etag, lastModified })
    ? readRange(range, bytes)
    : ({ kind: "all" } as const);
  if (wanted.kind === "outside")
    return page(416, `The file has ${bytes} bytes, none of them is in the range.`, [
      ["content-range", `bytes */${bytes}`],
    ]);
  if (wanted.kind === "all") return answerWhole({ headers, content }, reading);
  const { offset, length } = wanted;
  const contentRange = ["content-range", `bytes ${offset}-${offset + length - 1}/${bytes}`] as const;
  const part = { headers: [...headers, contentRange], content };
  return answerPart(part, wanted, reading);
}

/** What all answers with one file have in common; made once for what was found. */
interface FileFacts {
  readonly contentType: string;
  readonly lastModified: string | undefined;
  /** Whether it is worth compressing. */
  readonly mayCompress: boolean;
  fieldsOf(encoding: Encoding | undefined): FileFields;
}

/** Header fields of a file in one encoding. */
interface FileFields {
  readonly etag: string;
  /** Of every answer. */
  readonly shared: Fields;
  /** Of answers with a body. */
  readonly headers: Fields;
}

const FACTS = new WeakMap<Found, FileFacts>();

function factsOf(found: Found, content: BlobRef): FileFacts {
  const known = FACTS.get(found);
  if (known !== undefined) return known;
  const contentType = typeOf(found);
  const lastModified = found.modifiedMs === undefined ? undefined : new Date(found.modifiedMs).toUTCString();
  const mayCompress = content.bytes >= COMPRESS_BYTES_MIN && isCompressible(contentType);
  const fields = new Map<Encoding | undefined, FileFields>();
  const facts: FileFacts = {
    contentType,
    lastModified,
    mayCompress,
    fieldsOf: (encoding) => {
      const known = fields.get(encoding);
      if (known !== undefined) return known;
      const made = makeFields({ contentType, lastModified, mayCompress }, encoding, content);
      fields.set(encoding, made);
      return made;
    },
  };
  FACTS.set(found, facts);
  return facts;
}

function makeFields(
  { contentType, lastModified, mayCompress }: Omit<FileFacts, "fieldsOf">,
  encoding: Encoding | undefined,
  { digest }: BlobRef,
): FileFields {
  const etag = `"${digest.replace(/^sha256:/, "")}${encoding === undefined ? "" : `-${encoding}`}"`;
  const shared: Fields = [
    ["etag", etag],
    ...(lastModified === undefined ? [] : ([["last-modified", lastModified]] as const)),
    ["cache-control", "no-cache"],
    ...(mayCompress ? ([["vary", "accept-encoding"]] as const) : []),
  ];
  const headers: Fields = [
    ["content-type", contentType],
    ["x-content-type-options", "nosniff"],
    ["accept-ranges", "bytes"],
    ...shared,
    ...(encoding === undefined ? [] : ([["content-encoding", encoding]] as const)),
  ];
  return { etag, shared, headers };
}

/** The media type that a file says, or that its name tells. */
function typeOf({ resource }: Found): string {
  const said = resource.properties["contentType"];
  if (typeof said === "string" && /^[\x20-\x7e]+$/.test(said)) return said;
  return getMimeType(resource.address) ?? "application/octet-stream";
}

type Body = Pick<Answer, "body" | "bytes">;

interface FileAnswer {
  readonly headers: Fields;
  readonly content: BlobRef;
}

function answerWhole({ headers, content }: FileAnswer, reading: FileReading): Answer | Promise<Answer> {
  const known = reading.cache.get(content.digest);
  if (known !== undefined) return { status: 200, headers, body: known, isRepeated: true };
  return wholeOf(content, reading).then((whole) => ({ status: 200, headers, ...whole }));
}

async function answerPart(
  { headers, content }: FileAnswer,
  range: { readonly offset: number; readonly length: number },
  reading: FileReading,
): Promise<Answer> {
  return { status: 206, headers, ...(await partOf(content, range, reading)), bytes: range.length };
}

async function wholeOf({ digest, bytes }: BlobRef, { blobs, cache }: FileReading): Promise<Body> {
  if (bytes > CACHED_FILE_BYTES_MAX) return { body: blobs.read(digest), bytes };
  const known = cache.get(digest) ?? (await readBytes(blobs, digest));
  cache.put(digest, known);
  return { body: known };
}

async function partOf(
  content: BlobRef,
  { offset, length }: { readonly offset: number; readonly length: number },
  reading: FileReading,
): Promise<Body> {
  if (content.bytes > CACHED_FILE_BYTES_MAX) return { body: reading.blobs.read(content.digest, { offset, length }) };
  const { body } = await wholeOf(content, reading);
  return { body: (body as Uint8Array).subarray(offset, offset + length) };
}

function answerCompressed(
  { headers, encoding, content }: FileAnswer & { readonly encoding: Encoding },
  reading: FileReading,
): Answer | Promise<Answer> {
  if (content.bytes > CACHED_FILE_BYTES_MAX)
    return { status: 200, headers, body: compressPieces(reading.blobs.read(content.digest), encoding) };
  const name = `${content.digest} ${encoding}`;
  const known = reading.cache.get(name);
  if (known !== undefined) return { status: 200, headers, body: known, isRepeated: true };
  return wholeOf(content, reading).then(async ({ body }) => {
    const packed = await compress(body as Uint8Array, encoding);
    reading.cache.put(name, packed);
    return { status: 200, headers, body: packed };
  });
}
