import { MISSING_KEPT_MAX } from "../limits.ts";
import { createStoredBytes } from "../quotas/stored-bytes.ts";
import type { Change, Resource } from "../resource.ts";
import { type Grants, RIGHTS_KINDS } from "../rights/grants.ts";
import type { ListPlan, OwnedPlan, Store } from "../store/store.ts";
import type { DraftBase } from "../write/draft.ts";
import type { Reads } from "../write/ground.ts";
import { allResources } from "./all-resources.ts";
import type { Feed } from "./feed.ts";
import { createResourceCache } from "./resource-cache.ts";

/**
 * The registry as it is, for reading: from memory, else from the store.
 *
 * I1 What is in memory is what the store had at the feed's revision. A load that was under way while a change came is not kept.
 */
export interface RegistryReads extends Reads, DraftBase {
  /** Takes changes that were written, in order. */
  take(changes: readonly Change[]): void;
  /** The same, where one resource is as it was. */
  with(resource: Resource): Reads;
}

/** Options of `createReads`. */
export interface ReadsOptions {
  readonly store: Store;
  readonly grants: Grants;
  readonly feed: Feed;
  /** Resources kept in memory. */
  readonly cached: number;
}

/** Makes the reads of a store, and fills the grants. */
export async function createReads({ store, grants, feed, cached }: ReadsOptions): Promise<RegistryReads> {
  const cache = createResourceCache(cached);
  // Rights are decided by all that lies above an address, of which much is never there; anybody may ask for anything, so these are a few.
  const missing = new Set<string>();
  const miss = (address: string) => {
    if (missing.size >= MISSING_KEPT_MAX) missing.delete(missing.values().next().value ?? "");
    missing.add(address);
  };
  for (const kind of RIGHTS_KINDS) for await (const one of allResources(store, kind)) grants.put(one);
  const stored = createStoredBytes({ store, revision: feed.revision });
  let taken = 0;
  const peek = (address: string) => {
    const known = cache.get(address);
    return known === undefined && missing.has(address) ? null : known;
  };
  /** From the store, and into memory, unless a change came meanwhile. I1 */
  const fetch = async (addresses: readonly string[]) => {
    const before = taken;
    const loaded = await store.load(addresses);
    if (before !== taken) return loaded;
    const there = new Set(loaded.map(({ address }) => address));
    for (const address of addresses) if (!there.has(address)) miss(address);
    for (const one of loaded) if (one.revision <= feed.revision()) cache.put(one);
    return loaded;
  };
  const load = async (address: string) => {
    const known = peek(address);
    return known === undefined ? (await fetch([address]))[0] : (known ?? undefined);
  };
  const all = async (addresses: readonly string[]) => {
    const known = new Map(addresses.map((address) => [address, peek(address)]));
    const unknown = addresses.filter((address) => known.get(address) === undefined);
    for (const one of unknown.length === 0 ? [] : await fetch(unknown)) known.set(one.address, one);
    const found = addresses.flatMap((address) => known.get(address) ?? []);
    return { found, isAsked: unknown.length > 0 };
  };
  return {
    get: load,
    all,
    ask: async (addresses) => void (await store.load(addresses)),
    peek,
    load,
    list: (plan: ListPlan) => store.list(plan),
    owned: (plan: OwnedPlan) => store.owned(plan),
    stored: stored.get,
    take: (changes) => {
      taken++;
      stored.take(changes);
      for (const { resource, parts } of changes) {
        missing.delete(resource.address);
        if (parts.includes("removed")) {
          cache.remove(resource.address);
          grants.remove(resource.address);
          continue;
        }
        cache.put(resource);
        grants.put(resource);
      }
    },
    with: (resource) => ({ get: async (address) => (address === resource.address ? resource : load(address)) }),
  };
}
