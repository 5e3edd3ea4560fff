import { PIECE_BYTES_MAX } from "../limits.ts";
import type { BlobRef } from "../resource.ts";
import type { BlobStore } from "./blob-store.ts";

/** What is put, and how. */
export interface PutBlobOptions {
  /** Pieces of any size. */
  readonly source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Names the upload; nobody else uses it. */
  readonly id: string;
  /** What the bytes must be. Default: whatever they are. */
  readonly digest?: string;
}

/**
 * Puts bytes into a store as they come, and gives what they are. Where the source fails nothing is left.
 * @throws OrreryError `data_loss` where they have another digest
 */
export async function putBlob(store: BlobStore, { source, id, digest }: PutBlobOptions): Promise<BlobRef> {
  const upload = await store.begin(id, "");
  try {
    let offset = 0;
    for await (const bytes of source)
      for (let at = 0; at < bytes.length; at += PIECE_BYTES_MAX)
        offset = await upload.append(offset, bytes.subarray(at, at + PIECE_BYTES_MAX));
    return await upload.finish(digest);
  } catch (error) {
    await upload.abandon().catch(() => {}); // A sweep takes what is left.
    throw error;
  }
}
