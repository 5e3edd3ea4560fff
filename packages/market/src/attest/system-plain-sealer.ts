import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openKeyFile } from "@orrery/registry/secrets";
import { boxSealer } from "./box-sealer.ts";
import type { Sealer } from "./sealer.ts";

/**
 * Opens a sealer whose key lies in a file of this folder, which only its user may read. It protects nothing from whoever has the disk: for trying things,
 * and for machines without a TPM.
 */
export async function openPlainSealer({ folder }: { readonly folder: string }): Promise<Sealer> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const keys = openKeyFile(join(folder, "sealer.key"));
  return boxSealer(keys, { kind: "none", lost: `its key is not in "${folder}", put it back` });
}
