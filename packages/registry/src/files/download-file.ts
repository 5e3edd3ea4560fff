import { mkdtemp, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { OrreryError } from "@orrery/core";
import { createDigest } from "../blobs/system-digest.ts";
import { FileService } from "../gen/orrery/registry/v1/files_pb.ts";
import { TRANSFER_PIECE_MS } from "../limits.ts";
import type { BlobRef } from "../resource.ts";
import { createPersist, type TransferOptions } from "./transfer.ts";

/** What is downloaded, and where to. */
export interface DownloadFileOptions extends TransferOptions {
  /** Path on this machine; what is there is replaced when all has come. */
  readonly to: string;
}

/** What was downloaded. */
export interface DownloadResult {
  readonly content: BlobRef;
  readonly contentType: string;
  /** Of the file's last change. */
  readonly revision: number;
  /** Bytes that came, those included that came again. */
  readonly received: number;
}

/**
 * Downloads a file, piece by piece, to another name beside its own, and gives it its own when all of it is there and is what it must be.
 * Where the connection breaks or the server is started anew, it goes on.
 * @throws OrreryError as `Files`; `failed_precondition` where the file is changed meanwhile; `data_loss` where it is not what it must be
 */
export async function downloadFile(options: DownloadFileOptions): Promise<DownloadResult> {
  const { to } = options;
  const folder = await mkdtemp(join(dirname(to), ".orrery-"));
  try {
    const path = join(folder, basename(to));
    const result = await receivePieces(path, options);
    await rename(path, to);
    return result;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function receivePieces(path: string, options: DownloadFileOptions): Promise<DownloadResult> {
  const { client, address, signal, onProgress } = options;
  const service = client.client(FileService);
  const persist = createPersist(options);
  const call = { timeoutMs: TRANSFER_PIECE_MS, ...(signal === undefined ? {} : { signal }) };
  const sum = createDigest();
  const file = await open(path, "wx");
  try {
    let offset = 0;
    for (let digest = ""; ; ) {
      const request = { address, offset: BigInt(offset), length: 0, digest };
      const { data, content, contentType, revision } = await persist(() => service.readFile(request, call));
      const bytes = Number(content?.bytes ?? 0n);
      digest = content?.digest ?? "";
      await file.writeFile(data);
      sum.update(data);
      offset += data.length;
      onProgress?.({ done: offset, bytes });
      if (offset < bytes && data.length > 0) continue;
      assertWhole(address, { found: sum.text(), digest });
      await file.sync();
      return { content: { digest, bytes }, contentType, revision: Number(revision), received: offset };
    }
  } finally {
    await file.close();
  }
}

function assertWhole(address: string, { found, digest }: { readonly found: string; readonly digest: string }): void {
  if (found === digest) return;
  const why = `what came has digest ${found}, not ${digest}, try again`;
  throw new OrreryError("data_loss", `Cannot download "${address}": ${why}`);
}
