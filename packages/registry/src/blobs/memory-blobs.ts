import type { Clock } from "@orrery/core";
import { PIECE_BYTES_MAX } from "../limits.ts";
import type { BlobRef } from "../resource.ts";
import {
  assertDigest,
  assertUpload,
  digitsOf,
  endedUpload,
  missingBlob,
  newBytes,
  spanOf,
  takenUpload,
} from "./blob-rules.ts";
import type { BlobStore, BlobUpload } from "./blob-store.ts";
import { digestOf } from "./system-digest.ts";

interface MemoryBlob {
  readonly bytes: Uint8Array;
  at: number;
}

interface MemoryUpload {
  readonly note: string;
  pieces: Uint8Array[];
  offset: number;
  at: number;
  /** What it was, where it is finished and kept. */
  done?: BlobRef;
}

/** Makes a store in memory, for tests and the simulator: what it holds goes with the process. */
export function createMemoryBlobs({ clock }: { readonly clock: Pick<Clock, "now"> }): BlobStore {
  const blobs = new Map<string, MemoryBlob>();
  const uploads = new Map<string, MemoryUpload>();

  const get = (digest: string) => {
    digitsOf(digest);
    return blobs.get(digest);
  };
  return {
    size: async (digest, { isWanted = false } = {}) => {
      const blob = get(digest);
      if (blob !== undefined && isWanted) blob.at = clock.now();
      return blob?.bytes.length;
    },
    async *read(digest, range = {}) {
      const blob = get(digest);
      if (blob === undefined) throw missingBlob(digest);
      const { from, to } = spanOf(range, { digest, bytes: blob.bytes.length });
      for (let at = from; at < to; at += PIECE_BYTES_MAX)
        yield blob.bytes.slice(at, Math.min(to, at + PIECE_BYTES_MAX));
    },
    remove: async (digest, before) => {
      const blob = get(digest);
      return blob !== undefined && blob.at <= before && blobs.delete(digest);
    },
    begin: async (id, note) => {
      assertUpload(id, note);
      if (uploads.has(id)) throw takenUpload(id);
      uploads.set(id, { note, pieces: [], offset: 0, at: clock.now() });
      return createHandle(id, { blobs, uploads, clock });
    },
    open: async (id) => {
      assertUpload(id);
      return uploads.has(id) ? createHandle(id, { blobs, uploads, clock }) : undefined;
    },
    async *list(what) {
      for (const [name, { at }] of [...(what === "blobs" ? blobs : uploads)]) yield { name, at };
    },
  };
}

interface Memory {
  readonly blobs: Map<string, MemoryBlob>;
  readonly uploads: Map<string, MemoryUpload>;
  readonly clock: Pick<Clock, "now">;
}

function createHandle(id: string, { blobs, uploads, clock }: Memory): BlobUpload {
  const look = () => {
    const upload = uploads.get(id);
    if (upload === undefined) throw endedUpload(id);
    return upload;
  };
  return {
    id,
    note: look().note,
    get offset() {
      return uploads.get(id)?.offset ?? 0;
    },
    append: async (offset, bytes) => {
      const upload = look();
      const added = newBytes({ id, offset: upload.offset }, offset, bytes).slice();
      if (upload.done !== undefined && added.length > 0) throw endedUpload(id);
      upload.pieces.push(added);
      upload.at = clock.now();
      upload.offset += added.length;
      return upload.offset;
    },
    finish: async (meant, { isKept = false } = {}) => {
      const upload = look();
      const bytes = upload.done === undefined ? joined(upload.pieces) : undefined;
      const blob = upload.done ?? blobOf(bytes ?? new Uint8Array());
      if (!isKept || (meant !== undefined && meant !== blob.digest)) uploads.delete(id);
      assertDigest(id, blob.digest, meant);
      if (bytes === undefined) return blob;
      blobs.set(blob.digest, { bytes, at: clock.now() });
      Object.assign(upload, { done: blob, pieces: [], at: clock.now() });
      return blob;
    },
    abandon: async (before = Number.POSITIVE_INFINITY) => {
      const upload = uploads.get(id);
      return upload !== undefined && upload.at <= before && uploads.delete(id);
    },
  };
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function blobOf(bytes: Uint8Array): BlobRef {
  return { digest: digestOf(bytes), bytes: bytes.length };
}
