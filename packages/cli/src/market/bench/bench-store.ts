import { join } from "node:path";
import { createHttpClient } from "@orrery/http";
import { BlobService, createBlobClient, createBlobService } from "@orrery/market";
import { createDirectoryBlobs } from "@orrery/registry/blobs";
import { type BenchService, openBenchService } from "./bench-service.ts";
import type { BenchWorld } from "./open-bench.ts";

/** Opens a store of artifacts that all providers of a bench fetch from: what is put there once is deployed anywhere. */
export function openBenchStore({ folder: parent, clock }: Pick<BenchWorld, "folder" | "clock">): Promise<BenchService> {
  return openBenchService({
    ...{ folder: join(parent, "store"), clock, service: BlobService },
    open: ({ folder }) =>
      createBlobService({ blobs: createDirectoryBlobs({ folder: join(folder, "blobs"), clock }), clock }),
  });
}

/** Fetches from a store as anybody may. */
export async function fetchFromStore(
  { real }: Pick<BenchWorld, "real">,
  { digest, store }: { readonly digest: string; readonly store: string },
): Promise<Uint8Array> {
  const client = createHttpClient({ url: store });
  try {
    return await createBlobClient({ calls: client.client(BlobService), clock: real }).get(digest);
  } finally {
    client.close();
  }
}
