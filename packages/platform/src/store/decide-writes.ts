import { OrreryError } from "@orrery/core";
import type { EntryPlace, EntryState, StoreChange, StoreState } from "./entry-store.ts";
import type { WriteEntry } from "./space-store.ts";

/** A write whose table is known. */
export type PlacedWrite = WriteEntry & EntryPlace;

/** A change, and of each write what it made of its entry: its version, 0 where it was removed, -1 where there was none. */
export interface Decided extends StoreChange {
  readonly versions: readonly number[];
}

/** Does writes one after the other over what is there; pure. @throws OrreryError `aborted` where one is at another version than was said */
export function decideWrites(
  writes: readonly PlacedWrite[],
  { state, at }: { readonly state: StoreState; readonly at: number },
): Decided {
  const there = new Map(state.entries.map((entry) => [keyOf(entry), entry]));
  const changed = new Map<string, (EntryPlace & { readonly value?: Uint8Array }) & Partial<EntryState>>();
  let { version, bytes } = state;
  const versions: number[] = [];
  for (const write of writes) {
    const key = keyOf(write);
    const before = there.get(key);
    const isThere = before !== undefined && (before.expires === undefined || before.expires > at);
    assertVersion(write, isThere ? before.version : 0);
    if (before !== undefined) bytes -= sizeOf(before);
    there.delete(key);
    const { database, table, value, ttlMs } = write;
    const place = { database, table, key: write.key };
    if (value === undefined) {
      versions.push(isThere ? 0 : -1);
      if (before !== undefined) changed.set(key, place);
      continue;
    }
    const expires = ttlMs === undefined ? {} : { expires: at + ttlMs };
    const entry = { ...place, version: ++version, bytes: value.length, ...expires };
    bytes += sizeOf(entry);
    there.set(key, entry);
    changed.set(key, { ...entry, value });
    versions.push(version);
  }
  const put = [...changed.values()].flatMap(({ bytes: _, value, version: one = 0, ...rest }) =>
    value === undefined ? [] : [{ ...rest, value, version: one }],
  );
  const removed = [...changed.values()].filter(({ value }) => value === undefined);
  return { put, removed, version, bytes, versions };
}

/** What an entry counts for. */
function sizeOf({ key, bytes }: { readonly key: string; readonly bytes: number }): number {
  return new TextEncoder().encode(key).length + bytes;
}

function keyOf({ database, table, key }: EntryPlace): string {
  return `${database}\n${table}\n${key}`;
}

function assertVersion({ key, ifVersion, value }: PlacedWrite, version: number): void {
  if (ifVersion === undefined || ifVersion === version) return;
  const why = version === 0 ? "there is none" : `it is at version ${version}`;
  throw new OrreryError(
    "aborted",
    `Cannot ${value === undefined ? "remove" : "set"} "${key}" at version ${ifVersion}: ${why}, get it anew and try again`,
    { details: { key, version } },
  );
}
