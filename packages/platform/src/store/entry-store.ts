import type { SpaceHolder } from "../spaces/space-sweep.ts";
import type { Entry, TableSize } from "./space-store.ts";

/** A table of a Space, by the Space's number. */
export interface TablePlace {
  readonly space: number;
  readonly database: string;
  readonly table: string;
}

/** Where an entry is. */
export interface EntryPlace extends Omit<TablePlace, "space"> {
  readonly key: string;
}

/** What is known of an entry that is there. */
export interface EntryState extends EntryPlace {
  readonly version: number;
  /** Of its value. */
  readonly bytes: number;
  readonly expires?: number;
}

/** What a Space's store is before a write. */
export interface StoreState {
  /** Of those that were asked for, those that are there, also such whose time is over. */
  readonly entries: readonly EntryState[];
  /** The newest version in the Space. */
  readonly version: number;
  /** Of all keys and values in the Space. */
  readonly bytes: number;
}

/** What a write does to a Space's store. */
export interface StoreChange {
  readonly put: readonly (EntryPlace & Omit<Entry, "key">)[];
  readonly removed: readonly EntryPlace[];
  readonly version: number;
  readonly bytes: number;
}

/** Which entries to list. */
export interface ListPlan {
  readonly prefix: string;
  readonly descending: boolean;
  /** Only those behind this key, in the order that is asked for. */
  readonly after?: string;
  readonly limit: number;
  readonly offset: number;
  readonly keysOnly: boolean;
  /** In ms since 1970: those whose time was over then are not there. */
  readonly at: number;
}

/** Where entries are kept. It knows nothing of rights, quotas or clocks. */
export interface EntryStore extends SpaceHolder {
  get(place: TablePlace & EntryPlace, at: number): Promise<Entry | undefined>;
  list(place: TablePlace, plan: ListPlan): Promise<readonly Entry[]>;
  tables(space: number, at: number): Promise<readonly TableSize[]>;
  /** Has somebody decide, over what is there, what is to be; nobody else writes in the Space meanwhile. He is asked again where somebody did. What he throws changes nothing. */
  change(space: number, keys: readonly EntryPlace[], decide: (state: StoreState) => StoreChange): Promise<void>;
  /** Some whose time was over at a moment, of any Space. */
  expired(at: number, limit: number): Promise<readonly (EntryPlace & TablePlace)[]>;
}
