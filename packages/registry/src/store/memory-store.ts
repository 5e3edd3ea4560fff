import { parentText, rangeBelow } from "../address/address.ts";
import type { Change, Resource } from "../resource.ts";
import {
  type Batch,
  type DoneRequest,
  type Head,
  type ListPlan,
  requestKey,
  type Store,
  type StoredPlace,
} from "./store.ts";

/** All that a store holds, as plain data. */
export interface MemoryState extends Head {
  readonly resources: readonly Resource[];
  /** Those after `compacted`. */
  readonly changes: readonly Change[];
  readonly requests: readonly DoneRequest[];
}

/** What a store in memory begins with, and whom it tells what it takes. */
export interface MemoryStoreOptions {
  /** Default: it is empty. */
  readonly state?: MemoryState;
  /** Batches that it took after that, in their order. Default: none. */
  readonly batches?: Iterable<Batch>;
  /** Told of each batch before it counts; where it fails, nothing was written. Default: nobody is. */
  readonly onCommit?: (batch: Batch) => Promise<void>;
}

/** A store in memory, which can be written down whole. */
export interface MemoryStore extends Store {
  state(): MemoryState;
}

const EMPTY: MemoryState = { revision: 0, compacted: 0, batch: "", resources: [], changes: [], requests: [] };

/**
 * Makes a store in memory, for worlds and for what runs without a platform. It answers by nothing but what was written. I1: what is handed out
 * and taken in is data that nobody changes. I2: a batch counts whole or not at all.
 */
export function createMemoryStore({ state = EMPTY, batches = [], onCommit }: MemoryStoreOptions = {}): MemoryStore {
  const resources = new Map(state.resources.map((one) => [one.address, one]));
  const requests = new Map(state.requests.map((one) => [requestKey(one), one]));
  let changes = [...state.changes];
  let head: Head = { revision: state.revision, compacted: state.compacted, batch: state.batch };

  const take = (batch: Batch): void => {
    for (const one of [...batch.fresh, ...batch.put]) resources.set(one.address, one);
    for (const address of batch.removed) resources.delete(address);
    for (const one of batch.requests) if (!requests.has(requestKey(one))) requests.set(requestKey(one), one);
    changes.push(...batch.changes);
    head = { ...head, revision: batch.revision, batch: batch.id };
  };
  for (const batch of batches) take(batch);
  const inOrder = (is: (one: Resource) => boolean) => [...resources.values()].filter(is).sort(byAddress);

  return {
    head: async () => head,
    load: async (addresses) => addresses.flatMap((address) => resources.get(address) ?? []),
    stored: async (place) => ({ bytes: bytesOf(inOrder(isMeant(place))), revision: head.revision }),
    list: async (plan) => inOrder(isListed(plan)).slice(0, plan.limit),
    owned: async ({ owners, outside, limit }) => {
      const isInside = isMeant({ address: outside });
      return inOrder((one) => owners.includes(one.owner) && !isInside(one)).slice(0, limit);
    },
    requests: async (names) => names.flatMap((name) => requests.get(requestKey(name)) ?? []),
    commit: async (batch) => {
      if (batch.expected !== head.revision) return "moved";
      if (batch.fresh.some(({ address }) => resources.has(address))) return "taken";
      await onCommit?.(batch);
      take(batch); // I2
      return "written";
    },
    changes: async (after, limit) => {
      const first = changes.findIndex(({ revision }) => revision > after);
      return first < 0 ? [] : changes.slice(first, first + limit);
    },
    compact: async (upTo, at) => {
      head = { ...head, compacted: Math.max(head.compacted, Math.min(head.revision, upTo)) };
      changes = changes.filter(({ revision }) => revision > head.compacted);
      for (const [key, { until }] of requests) if (until < at) requests.delete(key);
    },
    state: () => ({ ...head, resources: inOrder(() => true), changes: [...changes], requests: [...requests.values()] }),
  };
}

function isListed({ reach, root, after, kind }: ListPlan): (one: Resource) => boolean {
  const isBelow = isMeant({ address: root });
  return (one) => {
    if (reach === "children" && parentText(one.address) !== root) return false;
    if (reach === "kind" && one.kind !== root) return false;
    if (reach === "below" && root !== "" && (one.address === root || !isBelow(one))) return false;
    if (after !== undefined && compare(one.address, after) <= 0) return false;
    return kind === undefined || one.kind === kind;
  };
}

/** Whether a resource is the one at an address, or lies in it. */
function isMeant({ address, owner }: StoredPlace): (one: Resource) => boolean {
  const { after, before } = rangeBelow(address);
  return (one) => {
    if (owner !== undefined && one.owner !== owner) return false;
    return one.address === address || (compare(one.address, after) > 0 && compare(one.address, before) < 0);
  };
}

function bytesOf(resources: readonly Resource[]): number {
  return resources.flatMap(({ state }) => Object.values(state)).reduce((sum, { bytes }) => sum + bytes, 0);
}

function byAddress(one: Resource, other: Resource): number {
  return compare(one.address, other.address);
}

/** The order of addresses' bytes, as databases have it. */
function compare(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
