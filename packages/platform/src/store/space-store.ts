import type { SpaceHolder } from "../spaces/space-sweep.ts";

/** Whoever asks. */
export interface StoreCaller {
  readonly agent: string;
}

/** Which table is meant. */
export interface TableRequest {
  /** Default: the Space in which the caller's address lies. */
  readonly space?: string;
  /** Default: `main`. */
  readonly database?: string;
  /** Default: `main`. */
  readonly table?: string;
}

/** A value under a key. */
export interface Entry {
  readonly key: string;
  readonly value: Uint8Array;
  /** Rises with each write in the Space. */
  readonly version: number;
  /** When it goes, in ms since 1970. Absent: it stays. */
  readonly expires?: number;
}

/** One write. */
export interface WriteEntry {
  readonly database?: string;
  readonly table?: string;
  readonly key: string;
  /** Absent: the entry is removed. */
  readonly value?: Uint8Array;
  /** How long it stays, in ms. Default: until it is removed. */
  readonly ttlMs?: number;
  /** Only where the entry is at this version; 0: where there is none. Default: in any case. */
  readonly ifVersion?: number;
}

/** What to list. */
export interface ListEntries extends TableRequest {
  /** Only keys that begin so. Default: all. */
  readonly prefix?: string;
  /** The last key first. Default: the first. */
  readonly descending?: boolean;
  /** Where the page before ended, as its `next` said. Default: from the first. */
  readonly after?: string;
  /** Default: as many as fit on a page. */
  readonly limit?: number;
  /** So many are passed over first. Default: none. */
  readonly offset?: number;
  /** Leaves values out. Default: they are given. */
  readonly keysOnly?: boolean;
}

/** A table that holds something. */
export interface TableSize {
  readonly database: string;
  readonly table: string;
  readonly entries: number;
  /** Of keys and values. */
  readonly bytes: number;
}

/**
 * The stores of Spaces: values by key, in tables of databases, in the order of the bytes of their keys. Each operation says by whom; what the Space's rights do not
 * allow is refused, in the same words whatever is there.
 */
export interface SpaceStore extends SpaceHolder, AsyncDisposable {
  /** @throws OrreryError `permission_denied`, `not_found` */
  get(request: TableRequest & { readonly key: string }, by: StoreCaller): Promise<Entry>;
  /**
   * Does all writes or none, one after the other. Gives of each the version of its entry; 0 where it removed one, -1 where there was none to remove.
   * @throws OrreryError `permission_denied`, `aborted` at another version, `resource_exhausted` over a quota, `invalid_argument`
   */
  write(
    request: { readonly space?: string; readonly writes: readonly WriteEntry[] },
    by: StoreCaller,
  ): Promise<readonly number[]>;
  /** @throws OrreryError `permission_denied`, `invalid_argument` */
  list(request: ListEntries, by: StoreCaller): Promise<{ readonly entries: readonly Entry[]; readonly next?: string }>;
  /** @throws OrreryError `permission_denied` */
  tables(
    request: { readonly space?: string; readonly database?: string },
    by: StoreCaller,
  ): Promise<readonly TableSize[]>;
  /** Takes entries away whose time is over. Gives how many. */
  sweep(): Promise<number>;
}
