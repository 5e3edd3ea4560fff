import { OrreryError } from "@orrery/core";
import { applyChange, type ChangeRequest } from "./change.ts";
import { applyCreate, type CreateRequest } from "./create.ts";
import type { Draft } from "./draft.ts";
import type { Doing } from "./ground.ts";
import { applyRemove, type RemoveRequest } from "./remove.ts";

/** One of several writes that are done together or not at all. */
export type WriteStep =
  | { readonly create: CreateRequest }
  | { readonly change: ChangeRequest }
  | { readonly remove: RemoveRequest };

/** Does steps one after the other, each over those before it. Gives the address of the last. */
export async function applySteps(draft: Draft, steps: readonly WriteStep[], doing: Doing): Promise<string> {
  let address: string | undefined;
  for (const step of steps) {
    if ("create" in step) address = await applyCreate(draft, step.create, doing);
    else if ("change" in step) address = await applyChange(draft, step.change, doing);
    else address = await applyRemove(draft, step.remove, doing);
  }
  if (address !== undefined) return address;
  throw new OrreryError("invalid_argument", "Cannot write nothing to the registry: name at least one step");
}
