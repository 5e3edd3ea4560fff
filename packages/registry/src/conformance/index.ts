/** The suites that every implementation passes, ours or not, and what they run on. */
export type { BlobsHarness, BlobsLife } from "./blobs-harness.ts";
export { openTestPGlite } from "./system-test-pglite.ts";
export { TEST_SERVERS, type TestServer } from "./system-test-servers.ts";
export { testBlobs } from "./test-blobs.ts";
export { openEmptyDatabase, openTestRegistry } from "./test-registry.ts";
