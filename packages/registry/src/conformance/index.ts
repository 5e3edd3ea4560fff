/** The suites that every implementation passes, ours or not. */
export type { BlobsHarness, BlobsLife } from "./blobs-harness.ts";
export { testBlobs } from "./test-blobs.ts";
