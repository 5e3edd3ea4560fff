import type { BlobStore } from "../blobs/blob-store.ts";
import { putBlob } from "../blobs/put-blob.ts";
import { readBundle } from "./check-archive.ts";
import { BUNDLE_PIECE_BYTES, FILES_STORED_AT_ONCE } from "./limits.ts";
import type { SealedManifest } from "./manifest.ts";

/** Where the files of a bundle go, and by which names of uploads. */
export interface StoreFilesOptions {
  readonly blobs: BlobStore;
  /** A name of an upload that nobody else uses. */
  readonly nameUpload: () => string;
}

/** Puts the files of an archive that was checked into the blobs; those that are there already are not written again. */
export async function storeFiles(
  source: AsyncIterable<Uint8Array>,
  manifest: SealedManifest,
  { blobs, nameUpload }: StoreFilesOptions,
): Promise<void> {
  const put = async (digest: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) => {
    await putBlob(blobs, { source: content, id: nameUpload(), digest });
  };
  const running = new Set<Promise<void>>();
  const seen = new Set<string>();
  try {
    for await (const { file, content } of readBundle(source, manifest)) {
      const { digest, bytes } = file;
      const isThere = seen.has(digest) || (await blobs.size(digest, { isWanted: true })) !== undefined;
      seen.add(digest);
      if (isThere) await drain(content);
      else if (bytes > BUNDLE_PIECE_BYTES) await put(digest, content);
      else {
        const doing = put(digest, await all(content)).finally(() => running.delete(doing));
        running.add(doing);
        if (running.size >= FILES_STORED_AT_ONCE) await Promise.race(running);
      }
    }
    await Promise.all(running);
  } finally {
    await Promise.allSettled(running);
  }
}

async function drain(content: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of content);
}

async function all(content: AsyncIterable<Uint8Array>): Promise<readonly Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return pieces;
}
