import type { ResourceView } from "../registry.ts";
import type { Resource } from "../resource.ts";

/** A resource as others may see it. */
export function viewOf({ secrets: _, lock, ...resource }: Resource): ResourceView {
  if (lock === undefined) return resource;
  const { key: _key, ...shown } = lock;
  return { ...resource, lock: shown };
}
