import { join } from "node:path";
import { createKeyService, createSignatureChecks, KeyService, openPlainSealer } from "@orrery/market";
import { type BenchService, openBenchService } from "./bench-service.ts";
import type { BenchWorld } from "./open-bench.ts";

/** Opens a key service: it keeps keys of what the bench's wallet uploads. Its own key lies in a file, which protects nothing. */
export function openBenchKeys({ folder: parent, clock }: Pick<BenchWorld, "folder" | "clock">): Promise<BenchService> {
  return openBenchService({
    ...{ folder: join(parent, "keys"), clock, service: KeyService },
    open: async ({ folder, account }) =>
      createKeyService({
        ...{ folder, account, clock, signatures: createSignatureChecks() },
        sealer: await openPlainSealer({ folder: join(folder, "sealer") }),
      }),
  });
}
