import { OrreryError } from "@orrery/core";
import { createSecretBox, type SecretKey } from "@orrery/registry/secrets";
import type { EvidenceKind } from "./evidence.ts";
import type { Sealer } from "./sealer.ts";

/** A sealer over keys that somebody holds, the newest first. `lost` says why what other keys closed does not open. */
export function boxSealer(
  keys: readonly SecretKey[],
  { kind, lost }: { readonly kind: EvidenceKind; readonly lost: string },
): Sealer {
  const box = createSecretBox(keys);
  return {
    kind,
    seal: async (bytes, about) => box.seal(Buffer.from(bytes).toString("base64"), about),
    open: async (sealed, about) => {
      if (!keys.some(({ id }) => sealed.startsWith(`${id}.`)))
        throw new OrreryError("failed_precondition", `Cannot open what was sealed for "${about}": ${lost}`);
      return Buffer.from(box.open(sealed, about), "base64");
    },
  };
}
