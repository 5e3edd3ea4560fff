import type { Clock } from "@orrery/core";
import { createSpaceStore } from "../../store/create-space-store.ts";
import type { Entry, SpaceStore, WriteEntry } from "../../store/space-store.ts";
import { openSqlEntryStore } from "../../store/sql-entry-store.ts";
import { CLOCK, OWNER, SILENT, type SpaceWorld } from "../space-world.ts";

/** A Space, and its store as its owner uses it. */
export interface OpenedStore {
  readonly store: SpaceStore;
  readonly space: string;
  /** Moves the store's clock, in ms. */
  pass(ms: number): void;
  set(key: string, text: string, more?: Partial<WriteEntry>): Promise<number>;
  remove(key: string, more?: Partial<WriteEntry>): Promise<number>;
  get(key: string): Promise<string>;
  entry(key: string): Promise<Entry>;
  keys(more?: object): Promise<readonly string[]>;
}

const opened: SpaceStore[] = [];

/** Ends all that were opened. */
export async function closeStores(): Promise<void> {
  for (const store of opened.splice(0)) await store[Symbol.asyncDispose]();
}

/** Opens a store over the database of a world, for a new Space where none is named. */
export async function openStore(
  { database, spaces, registry, space: make }: SpaceWorld,
  name?: string,
): Promise<OpenedStore> {
  let passed = 0;
  const clock = Object.create(CLOCK, { now: { value: () => 1_000_000 + passed } }) as Clock;
  const entries = await openSqlEntryStore(database);
  const store = createSpaceStore({ spaces, entries, registry, clock, log: SILENT });
  opened.push(store);
  const space = name ?? (await make());
  const write = async (one: WriteEntry) => (await store.write({ space, writes: [one] }, OWNER))[0] ?? Number.NaN;
  const entry = (key: string) => store.get({ space, key }, OWNER);
  return {
    store,
    space,
    entry,
    pass: (ms) => {
      passed += ms;
    },
    set: (key, text, more) => write({ key, value: Buffer.from(text), ...more }),
    remove: (key, more) => write({ key, ...more }),
    get: async (key) => Buffer.from((await entry(key)).value).toString(),
    keys: async (more) => (await store.list({ space, ...more }, OWNER)).entries.map(({ key }) => key),
  };
}
