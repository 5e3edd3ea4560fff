import { MANAGING } from "./blob-cases-managing.ts";
import { READING } from "./blob-cases-reading.ts";
import { UPLOADING } from "./blob-cases-uploading.ts";
import type { BlobsHarness } from "./blobs-harness.ts";

/** Long, for stores on the other side of a network. */
const TIMEOUT_MS = 120_000;

/** Registers the suite that every `BlobStore` passes, each case on an empty store of its own. */
export function testBlobs({ test, createStore }: BlobsHarness): void {
  for (const { name, run } of [...READING, ...UPLOADING, ...MANAGING])
    test(name, { timeout: TIMEOUT_MS }, async () => {
      await using life = await createStore();
      await run(life);
    });
}
