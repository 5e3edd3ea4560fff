import { join } from "node:path";
import { BlobService, createBlobService } from "@orrery/market";
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
