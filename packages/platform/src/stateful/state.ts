/** What a key has. */
export interface StateEntry {
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** A key that is set, or deleted where it has no entry. */
export interface StateChange {
  readonly key: string;
  readonly entry: StateEntry | undefined;
}

/** All that a mechtron remembers. A change makes another one of it, which shares the entries. */
export interface State {
  readonly entries: ReadonlyMap<string, StateEntry>;
  /** Of keys and values. */
  readonly bytes: number;
}

/** What a mechtron remembers before its first message. */
export const EMPTY_STATE: State = { entries: new Map(), bytes: 0 };

/** Bytes that a key and its entry count. */
export function entryBytes(key: string, entry: StateEntry | undefined): number {
  return entry === undefined ? 0 : key.length + entry.contentType.length + entry.body.length;
}

/** Makes a state of its entries. */
export function stateOf(entries: ReadonlyMap<string, StateEntry>): State {
  let bytes = 0;
  for (const [key, entry] of entries) bytes += entryBytes(key, entry);
  return { entries, bytes };
}

/** The state after changes. */
export function changedState(before: State, changes: readonly StateChange[]): State {
  const entries = new Map(before.entries);
  let { bytes } = before;
  for (const { key, entry } of changes) {
    bytes += entryBytes(key, entry) - entryBytes(key, entries.get(key));
    if (entry === undefined) entries.delete(key);
    else entries.set(key, entry);
  }
  return { entries, bytes };
}
