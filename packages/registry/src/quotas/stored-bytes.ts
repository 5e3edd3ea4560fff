import { ancestorsOf } from "../address/address.ts";
import { STORED_PLACES_KEPT } from "../limits.ts";
import type { Change } from "../resource.ts";
import type { Store, StoredPlace } from "../store/store.ts";

/** Bytes of content in places, as the registry has them at the revision of its feed. */
export interface StoredBytes {
  get(place: StoredPlace): Promise<number>;
  /** Takes changes that were written, in order. */
  take(changes: readonly Change[]): void;
}

/** Options of `createStoredBytes`. */
export interface StoredBytesOptions {
  readonly store: Pick<Store, "stored">;
  /** Where the feed is. */
  readonly revision: () => number;
}

/**
 * Makes it. A place is added up by the store once, and kept by what changes say from then on.
 *
 * I1 What is kept of a place is what the store had at the feed's revision: a sum of another revision is given, and not kept.
 */
export function createStoredBytes({ store, revision }: StoredBytesOptions): StoredBytes {
  const kept = new Map<string, Map<string, number>>();
  let count = 0;
  const keep = ({ address, owner = ANYBODY }: StoredPlace, bytes: number) => {
    if (count >= STORED_PLACES_KEPT) {
      kept.clear();
      count = 0;
    }
    const owners = kept.get(address) ?? new Map<string, number>();
    if (!owners.has(owner)) count++;
    owners.set(owner, bytes);
    kept.set(address, owners);
  };
  const add = (address: string, { owner, bytes }: { readonly owner: string; readonly bytes: number }) => {
    const owners = kept.get(address);
    for (const one of [ANYBODY, owner]) {
      const before = owners?.get(one);
      if (before !== undefined) owners?.set(one, before + bytes);
    }
  };
  return {
    get: async (place) => {
      const known = kept.get(place.address)?.get(place.owner ?? ANYBODY);
      if (known !== undefined) return known;
      const found = await store.stored(place);
      if (found.revision === revision()) keep(place, found.bytes); // I1
      return found.bytes;
    },
    take: (changes) => {
      if (count === 0) return;
      for (const { resource, grown = [] } of changes)
        for (const one of grown)
          for (const address of [resource.address, ...ancestorsOf(resource.address)]) add(address, one);
    },
  };
}

/** Stands for all owners; no agent has it as its name. */
const ANYBODY = "*";
