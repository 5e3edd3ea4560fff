/** Where bytes are kept by what they are, without all else of a registry. */
export type { BlobStore, BlobUpload, ByteRange, StoredItem } from "./blobs/blob-store.ts";
export { createDirectoryBlobs, type DirectoryBlobsOptions } from "./blobs/directory-blobs.ts";
export { createMemoryBlobs } from "./blobs/memory-blobs.ts";
export { createDigest, type Digest, digestOf } from "./blobs/system-digest.ts";
