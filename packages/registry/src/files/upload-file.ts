import { type FileHandle, open } from "node:fs/promises";
import { isOrreryError, OrreryError } from "@orrery/core";
import { createDigest } from "../blobs/system-digest.ts";
import { FileService } from "../gen/orrery/registry/v1/files_pb.ts";
import { PIECE_BYTES_MAX, TRANSFER_FINISH_MS, TRANSFER_PIECE_MS } from "../limits.ts";
import type { BlobRef } from "../resource.ts";
import type { By } from "../write/ground.ts";
import type { Written } from "../write/writer.ts";
import { changedMeanwhile, createPersist, type Persist, type TransferOptions } from "./transfer.ts";

/** What is uploaded, and how. */
export interface UploadFileOptions extends TransferOptions, Omit<By, "agent"> {
  /** Path of the file on this machine. */
  readonly from: string;
  /** The revision that the file must be at. Default: any. */
  readonly ifRevision?: number;
  /** Its media type. Default: what its name says. */
  readonly contentType?: string;
}

/** What an upload led to. */
export interface UploadResult extends Written {
  readonly content: BlobRef;
  /** Bytes that were sent, those included that were sent again. */
  readonly sent: number;
}

/**
 * Uploads a file, piece by piece; no more than one is in memory. Where the connection breaks or the server is started anew, it goes on from
 * what is there. The file is made, or changed, when all of it is there and is what was read; else nothing is.
 * @throws OrreryError as `Files`; `aborted` where the file is changed while it is read; `not_found` where it is not there
 */
export async function uploadFile(options: UploadFileOptions): Promise<UploadResult> {
  const { client, from, address, token = "", requestId = "", contentType = "" } = options;
  const service = client.client(FileService);
  const persist = createPersist(options);
  const file = await openLocal(from);
  try {
    const bytes = await sizeOf(file, from);
    const write = { ifRevision: BigInt(options.ifRevision ?? 0), options: { requestId, token } };
    const begin = { address, bytes: BigInt(bytes), ...write };
    const { upload } = await persist(() => service.beginUpload(begin, callOptions(options)));
    try {
      const { digest, sent } = await sendPieces(file, { upload, bytes, persist }, options);
      const finish = { upload, address, digest, bytes: BigInt(bytes), contentType, ...write };
      const { written } = await persist(() =>
        service.finishUpload(finish, { ...callOptions(options), timeoutMs: TRANSFER_FINISH_MS }),
      );
      const { revision = 0n, changed = false, address: name = address } = written ?? {};
      return { address: name, revision: Number(revision), changed, content: { digest, bytes }, sent };
    } catch (error) {
      await service.abandonUpload({ upload }, { timeoutMs: TRANSFER_PIECE_MS }).catch(() => {}); // Else it is swept.
      throw error;
    }
  } finally {
    await file.close();
  }
}

interface Sending {
  readonly upload: string;
  readonly bytes: number;
  readonly persist: Persist;
}

async function sendPieces(
  file: FileHandle,
  { upload, bytes, persist }: Sending,
  options: UploadFileOptions,
): Promise<{ readonly digest: string; readonly sent: number }> {
  const { client, from, onProgress } = options;
  const service = client.client(FileService);
  const sum = createDigest();
  const buffer = new Uint8Array(Math.min(PIECE_BYTES_MAX, bytes));
  let summed = 0;
  let sent = 0;
  for (let offset = 0; offset < bytes; onProgress?.({ done: offset, bytes })) {
    const data = buffer.subarray(0, Math.min(buffer.length, bytes - offset));
    await readWhole(file, { data, offset, from });
    if (offset + data.length > summed) sum.update(data.subarray(summed - offset));
    summed = Math.max(summed, offset + data.length);
    const reply = await persist(() => {
      sent += data.length;
      return service.appendUpload({ upload, offset: BigInt(offset), data }, callOptions(options));
    }).catch(lostOffset);
    offset = Number(reply.offset);
  }
  if ((await sizeOf(file, from)) !== bytes) throw changedMeanwhile(from, "upload");
  return { digest: sum.text(), sent };
}

/** A server whose machine went down may have less than it said: then it goes on from there. */
function lostOffset(error: unknown): { readonly offset: bigint } {
  const offset = isOrreryError(error) && error.code === "out_of_range" ? error.details["offset"] : undefined;
  if (typeof offset !== "number") throw error;
  return { offset: BigInt(offset) };
}

async function readWhole(
  file: FileHandle,
  { data, offset, from }: { readonly data: Uint8Array; readonly offset: number; readonly from: string },
): Promise<void> {
  for (let at = 0; at < data.length; ) {
    const { bytesRead } = await file.read(data, at, data.length - at, offset + at);
    if (bytesRead === 0) throw changedMeanwhile(from, "upload");
    at += bytesRead;
  }
}

async function openLocal(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new OrreryError("not_found", `Cannot upload "${path}": there is no such file on this machine`, { cause });
  }
}

async function sizeOf(file: FileHandle, path: string): Promise<number> {
  const found = await file.stat();
  if (found.isFile()) return found.size;
  throw new OrreryError("invalid_argument", `Cannot upload "${path}": it is no file`);
}

function callOptions({ signal }: TransferOptions) {
  return { timeoutMs: TRANSFER_PIECE_MS, ...(signal === undefined ? {} : { signal }) };
}
