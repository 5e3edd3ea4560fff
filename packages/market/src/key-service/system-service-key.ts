import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { replaceFile } from "@orrery/mesh/internal";
import type { Sealer } from "../attest/sealer.ts";
import type { SealKey } from "../keys/seal-key.ts";
import { createSealKey, sealKeyOf } from "../keys/system-seal-key.ts";

/** What the key is sealed about. */
const ABOUT = "key of a key service";

/** Opens the key of a service, or makes it; it lies on the disk as its sealer closed it. @throws OrreryError as `Sealer.open` */
export async function openServiceKey(path: string, sealer: Sealer): Promise<SealKey> {
  const sealed = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    return undefined;
  });
  if (sealed !== undefined) return sealKeyOf(await sealer.open(sealed.trimEnd(), ABOUT));
  const key = createSealKey();
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await replaceFile(path, `${await sealer.seal(key.secret, ABOUT)}\n`);
  return key;
}
