import type { RegistryParts } from "../open-parts.ts";
import { readOf } from "../read/read-operations.ts";
import { viewOf } from "../read/view.ts";
import { createDraft } from "./draft.ts";
import type { Trial } from "./property-check.ts";
import { applySteps } from "./steps.ts";

/** Opens a draft over a registry that is never written. */
export function openTrial({ ground, reads, feed }: Pick<RegistryParts, "ground" | "reads" | "feed">): Trial {
  const draft = createDraft(reads, feed.revision());
  const read = readOf({ reads: draft, rights: ground.rights });
  return {
    take: async (step, by) => {
      try {
        await applySteps(draft, [step], { by, ground, isTrusted: true });
        draft.keep();
      } catch (error) {
        draft.undo();
        throw error;
      }
    },
    get: async (address, by) => viewOf(await read(address, by)),
  };
}
