/** The suites that every implementation passes, ours or not, and what they run on. */
export type { BlobsHarness, BlobsLife } from "./blobs-harness.ts";
export { testBlobs } from "./test-blobs.ts";
export { openTestPGlite } from "./test-pglite.ts";
export { openEmptyDatabase, openTestRegistry } from "./test-registry.ts";
export { TEST_SERVERS, type TestServer } from "./test-servers.ts";
