import type { ResourceView } from "../registry.ts";
import type { Resource } from "../resource.ts";

/** A resource as others may see it. */
export function viewOf({ secrets: _, lock, ...resource }: Resource): ResourceView {
  if (lock === undefined) return resource;
  const { key: _key, ...shown } = lock;
  return { ...resource, lock: shown };
}

/** That a resource is there, and nothing of what it says. */
export function outlineOf({ address, kind, owner, status, created, revision }: Resource): ResourceView {
  const nothing = { properties: {}, fixed: [], labels: {}, state: {}, finalizers: [] };
  return { address, kind, owner, status: { state: status.state }, created, revision, ...nothing };
}
