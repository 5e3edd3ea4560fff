import { OrreryError } from "@orrery/core";
import { ancestorsOf, parentText } from "../address/address.ts";
import { REMOVED_AT_ONCE_MAX } from "../limits.ts";
import type { Resource } from "../resource.ts";
import type { Draft } from "./draft.ts";
import { assertMay, type Doing, existing, localAddress } from "./ground.ts";
import { assertUnlocked } from "./locks.ts";
import { heirOf, passOn } from "./owners.ts";
import { assertUnnamed } from "./references.ts";
import { assertMayGo } from "./sealed.ts";

/** What shall go. */
export interface RemoveRequest {
  readonly address: string;
  /** Whether what is in it goes with it. Default: as its kind says. */
  readonly recursive?: boolean;
  /** The revision that the resource must be at. Default: any. */
  readonly ifRevision?: number;
}

/** Stands among the finalizers of what waits for those in it to go. */
const CHILDREN = "children";

/**
 * Removes a resource. What its driver, or somebody else named as finalizer, must undo first waits in status `Destroying`. Gives its address.
 */
export async function applyRemove(draft: Draft, request: RemoveRequest, doing: Doing): Promise<string> {
  const { by, ground } = doing;
  const address = localAddress(request.address);
  const rights = { reads: draft, rights: ground.rights };
  await assertMay({ agent: by.agent, verb: "delete", address: parentText(address) }, rights);
  const resource = await existing(draft, address, "remove");
  assertUnlocked(resource, by, { now: ground.now(), doing: "remove" });
  if (request.ifRevision !== undefined && request.ifRevision !== resource.revision)
    throw new OrreryError(
      "aborted",
      `Cannot remove "${address}": it is at revision ${resource.revision}, not ${request.ifRevision}, read it again`,
      { details: { address, revision: resource.revision } },
    );
  if (resource.status.state === "Destroying") return address;
  await assertMayGo(draft, resource, doing);
  await assertUnnamed(draft, resource, ground.kinds);
  const all = await draft.below(address, REMOVED_AT_ONCE_MAX + 1);
  const isWhole = request.recursive ?? ground.kinds.get(resource.kind).data.removal === "cascade";
  if (all.length > 0 && !isWhole)
    throw new OrreryError(
      "failed_precondition",
      `Cannot remove "${address}": "${all[0]?.address}" is in it, remove it recursively`,
      { details: { address, holds: all[0]?.address ?? "" } },
    );
  if (all.length > REMOVED_AT_ONCE_MAX)
    throw new OrreryError(
      "resource_exhausted",
      `Cannot remove "${address}" at once: more than ${REMOVED_AT_ONCE_MAX} resources are in it, remove those first`,
    );
  for (const one of all) assertUnlocked(one, { agent: by.agent }, { now: ground.now(), doing: "remove" });
  await passOn(draft, { going: [...all, resource], root: address }, doing);
  /** What is left has something in it that is left. */
  const full = new Set<string>();
  for (const one of [...[...all].reverse(), resource]) {
    const heir = await heirOf(draft, { owner: one.owner, root: address }, ground);
    const isGone = await removeOne(draft, one, { agent: by.agent, isFull: full.has(one.address), heir });
    if (!isGone) full.add(parentText(one.address));
  }
  return address;
}

/** Removes a resource, or has it wait; tells whether it is gone. */
async function removeOne(
  draft: Draft,
  resource: Resource,
  { agent, isFull, heir }: { readonly agent: string; readonly isFull: boolean; readonly heir: string },
): Promise<boolean> {
  const { finalizers, status } = resource;
  if (finalizers.length === 0 && !isFull) {
    draft.remove(destroyed(resource), { agent, owners: await ownersAbove(draft, resource) });
    return true;
  }
  const isWaiting = status.state === "Destroying";
  const parts = [...(isWaiting ? [] : ["status" as const]), ...(heir === resource.owner ? [] : ["owner" as const])];
  if (parts.length === 0) return false;
  const waits = isFull && !isWaiting ? [...finalizers, CHILDREN] : finalizers;
  const now = isWaiting ? status : { state: "Destroying" };
  draft.put({ ...resource, owner: heir, finalizers: waits, status: now }, parts, agent);
  return false;
}

/** Ends a removal for which nothing must be waited any more, and then that of what it lies in. */
export async function finishRemoval(draft: Draft, address: string, agent: string): Promise<void> {
  for (let at = address; at !== ""; at = parentText(at)) {
    const resource = await draft.get(at);
    if (resource?.status.state !== "Destroying") return;
    const isFull = (await draft.childrenOf(at, 1)).length > 0;
    if (isFull || resource.finalizers.some((name) => name !== CHILDREN)) return;
    draft.remove(destroyed(resource), { agent, owners: await ownersAbove(draft, resource) });
  }
}

/** Owners of what a resource lies in, others than its own. What lies in it goes first, so that all of that is there still. */
async function ownersAbove(draft: Draft, { address, owner }: Resource): Promise<readonly string[]> {
  const owners = new Set<string>();
  for (const above of ancestorsOf(address)) owners.add((await draft.get(above))?.owner ?? owner);
  owners.delete(owner);
  return [...owners];
}

function destroyed({ lock: _, ...resource }: Resource): Resource {
  return { ...resource, finalizers: [], status: { state: "Destroyed" } };
}
