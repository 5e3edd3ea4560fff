import type { Change, Resource } from "../resource.ts";

/** Where a registry's resources are kept. Whoever writes says at which revision it believes the store to be, and is refused where it is not. */
export interface Store {
  /** Where the store is now. */
  head(): Promise<Head>;
  /** Those of the addresses that are there, in any order. */
  load(addresses: readonly string[]): Promise<readonly Resource[]>;
  /** How many bytes of content a resource and all that lies in it have, and as of which revision. */
  stored(place: StoredPlace): Promise<{ readonly bytes: number; readonly revision: number }>;
  /** A page of resources, in the order of addresses' bytes. */
  list(plan: ListPlan): Promise<readonly Resource[]>;
  /** Up to `limit` of those that any of the owners owns, except what lies in `outside` and that itself. */
  owned(plan: OwnedPlan): Promise<readonly Resource[]>;
  /** What was asked under a name before, so that it is not done again. */
  requests(names: readonly RequestName[]): Promise<readonly DoneRequest[]>;
  /** Writes all of it or nothing: nothing where the store is at another revision than `expected`, or where what is `fresh` is there. */
  commit(batch: Batch): Promise<"written" | "moved" | "taken">;
  /** Changes after a revision, in order. */
  changes(after: number, limit: number): Promise<readonly Change[]>;
  /** Forgets changes up to a revision, and requests that ended before `at`. */
  compact(upTo: number, at: number): Promise<void>;
}

/** Where a store is. */
export interface Head {
  readonly revision: number;
  /** The revision up to which changes are forgotten. */
  readonly compacted: number;
  /** The write that led here. */
  readonly batch: string;
}

/** Which resources to list. */
export interface ListPlan {
  /** `children`: those whose parent is `root`; `below`: any depth; `kind`: all of a kind. */
  readonly reach: "children" | "below" | "kind";
  /** An address, or a kind's name. `""` as address: all spaces, or everything. */
  readonly root: string;
  /** Only those after this address. Default: from the first. */
  readonly after?: string;
  /** Only those of this kind. Default: any. */
  readonly kind?: string;
  readonly limit: number;
}

/** What to find of what somebody owns. */
export interface OwnedPlan {
  readonly owners: readonly string[];
  /** An address. */
  readonly outside: string;
  readonly limit: number;
}

/** Which content is meant. */
export interface StoredPlace {
  /** Of this resource, and of all that lies in it. */
  readonly address: string;
  /** Only of what this agent owns. Default: whoever does. */
  readonly owner?: string;
}

/** A request as its agent named it. */
export interface RequestName {
  readonly agent: string;
  readonly id: string;
}

/** Names a request among all of a registry. */
export function requestKey({ agent, id }: RequestName): string {
  return `${agent}\n${id}`;
}

/** A request that was done. */
export interface DoneRequest extends RequestName {
  /** What was asked, as a digest, so that another request under the same name is told apart. */
  readonly digest: string;
  readonly address: string;
  readonly revision: number;
  /** When it may be forgotten, in ms since 1970. */
  readonly until: number;
}

/** What one write does. */
export interface Batch {
  readonly id: string;
  readonly expected: number;
  readonly revision: number;
  /** To be put where nothing is. */
  readonly fresh: readonly Resource[];
  /** To be put, whatever is there. */
  readonly put: readonly Resource[];
  readonly removed: readonly string[];
  readonly changes: readonly Change[];
  readonly requests: readonly DoneRequest[];
}
