import { promisify } from "node:util";
import { brotliDecompress, gunzip, gzip } from "node:zlib";
import { OrreryError } from "@orrery/core";
import { failure } from "@orrery/core/internal";
import { COMPRESS_BYTES_MIN } from "./limits.ts";
import { HttpRefusal } from "./refusal.ts";
import type { DoorReply } from "./reply.ts";
import { tooLarge } from "./request.ts";

const ENCODINGS: Readonly<Record<string, typeof gunzip>> = { gzip: gunzip, br: brotliDecompress };

const pack = promisify(gzip);

/**
 * Unpacks a body that was sent compressed; gives it back as it is when it was not.
 * @throws HttpRefusal 415 for an encoding that is not known, 413 as soon as more than `bytesMax` come out, OrreryError `malformed`.
 */
export async function unpack(
  body: Uint8Array<ArrayBuffer>,
  encoding: string,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (encoding === "" || encoding === "identity") {
    if (body.length > bytesMax) throw tooLarge(bytesMax);
    return body;
  }
  const unpacker = Object.hasOwn(ENCODINGS, encoding) ? ENCODINGS[encoding] : undefined;
  if (unpacker === undefined) {
    const known = Object.keys(ENCODINGS).join(", ");
    const text = `Cannot read a body in encoding "${encoding}": send it in one of ${known}, identity`;
    throw new HttpRefusal(415, new OrreryError("unimplemented", text), { "accept-encoding": known });
  }
  try {
    return new Uint8Array(await promisify(unpacker)(body, { maxOutputLength: bytesMax }));
  } catch (cause) {
    if ((cause as { code?: string }).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(bytesMax);
    throw failure("malformed", `Cannot read the body: it is not in encoding "${encoding}", as its header says`, {
      cause,
    });
  }
}

/** Compresses an answer that has come whole, where its caller takes gzip and it is worth it. */
export async function packReply(reply: DoorReply, acceptEncoding: string): Promise<DoorReply> {
  const { body, headers } = reply;
  if (!(body instanceof Uint8Array) || body.length < COMPRESS_BYTES_MIN || !takesGzip(acceptEncoding)) return reply;
  headers.set("content-encoding", "gzip");
  headers.append("vary", "accept-encoding");
  return { ...reply, body: await pack(body) };
}

function takesGzip(acceptEncoding: string): boolean {
  const gzipWord = acceptEncoding.split(",").find((word) => /^\s*gzip\s*(;|$)/i.test(word));
  return gzipWord !== undefined && !/;\s*q=0(\.0*)?\s*$/i.test(gzipWord);
}
