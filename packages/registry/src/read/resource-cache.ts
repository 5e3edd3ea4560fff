import type { Resource } from "../resource.ts";

/** Resources by address, as the registry last knew them; those used least go first. */
export interface ResourceCache {
  /** What is known of an address: a resource, `null` for none, `undefined` for nothing known. */
  get(address: string): Resource | null | undefined;
  put(resource: Resource): void;
  /** Takes it that there is none. */
  remove(address: string): void;
  clear(): void;
}

/** Makes an empty cache of up to so many resources. */
export function createResourceCache(entriesMax: number): ResourceCache {
  const entries = new Map<string, Resource | null>();
  const set = (address: string, one: Resource | null) => {
    entries.delete(address);
    entries.set(address, one);
    if (entries.size <= entriesMax) return;
    const oldest = entries.keys().next();
    if (!oldest.done) entries.delete(oldest.value);
  };
  return {
    get: (address) => {
      const one = entries.get(address);
      if (one !== undefined && entries.size > entriesMax / 2) set(address, one);
      return one;
    },
    put: (resource) => set(resource.address, resource),
    remove: (address) => set(address, null),
    clear: () => entries.clear(),
  };
}
