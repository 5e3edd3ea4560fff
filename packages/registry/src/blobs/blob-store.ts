import type { BlobRef } from "../resource.ts";

/**
 * Where bytes are kept by what they are: a blob's name is the SHA-256 of its bytes, so that it never changes. None of its operations holds
 * more than a few pieces in memory, however large a blob is.
 *
 * I1 A blob is there whole or not at all, whatever ends the process.
 * I2 What was appended and acknowledged is there after the process was killed.
 * I3 Nothing is taken away that the store did not put there.
 */
export interface BlobStore {
  /**
   * How many bytes a blob has; `undefined` where it is not there. With `isWanted` it counts as new from now on: a sweep leaves it for as long
   * as its grace, so that there is time to write down who refers to it.
   */
  size(digest: string, options?: { readonly isWanted?: boolean }): Promise<number | undefined>;
  /**
   * Reads a blob, or a range of it, in pieces of up to 1 MiB.
   * @throws OrreryError `not_found` where it is not there, `out_of_range` where the range is not within it
   */
  read(digest: string, range?: ByteRange): AsyncIterable<Uint8Array>;
  /** Takes a blob away, where it is there and no newer than `before`; tells whether it did. */
  remove(digest: string, before: number): Promise<boolean>;
  /** Begins an upload under a name that nobody else uses: letters, digits and `-`. The note stays beside it. */
  begin(id: string, note: string): Promise<BlobUpload>;
  /** An upload that was begun and has not ended. */
  open(id: string): Promise<BlobUpload | undefined>;
  /** All that is there, in any order. */
  list(what: "blobs" | "uploads"): AsyncIterable<StoredItem>;
}

/** Part of a blob. */
export interface ByteRange {
  /** The first byte. Default: 0. */
  readonly offset?: number;
  /** How many. Default: all that follow. */
  readonly length?: number;
}

/** A blob, by its digest, or an upload, by its name. */
export interface StoredItem {
  readonly name: string;
  /** When it came, or was last wanted or appended to, in ms since 1970. */
  readonly at: number;
}

/** Bytes on their way into a store. One of its operations after the other; they wait for one another. */
export interface BlobUpload {
  readonly id: string;
  readonly note: string;
  /** How many bytes are there: where the next are appended. */
  readonly offset: number;
  /**
   * Appends bytes at an offset, and gives the new one. Bytes that are there already are left out, so that a piece may be sent again.
   * @throws OrreryError `out_of_range` where bytes between are missing; details say the offset
   */
  append(offset: number, bytes: Uint8Array): Promise<number>;
  /**
   * Makes a blob of the bytes, and ends the upload. One that is there already counts as new. With `isKept` the upload stays until it is
   * abandoned, without its bytes, and can be finished again with the same end: it is the proof that the bytes came by it.
   * @throws OrreryError `data_loss` where they have another digest; the upload is gone then
   */
  finish(digest?: string, options?: { readonly isKept?: boolean }): Promise<BlobRef>;
  /** Forgets the bytes; with `before` only where nothing came since, so that a sweep takes nobody's who goes on. Tells whether it did. */
  abandon(before?: number): Promise<boolean>;
}
