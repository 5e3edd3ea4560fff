import { type Component, defineComponent, OrreryError } from "@orrery/core";
import { StoreService } from "../gen/orrery/store/v1/store_pb.ts";
import { STORE_INSTANCES } from "./limits.ts";
import type { Entry, SpaceStore, WriteEntry } from "./space-store.ts";

/** Makes the component by which a network uses the stores of Spaces: `orrery.store.v1.StoreService`. Whoever calls is whoever the message's agent says. */
export function createStoreComponent(store: SpaceStore): Component {
  return defineComponent(
    StoreService,
    () => ({
      get: async (request, { agent }) => ({ entry: entryMessage(await store.get(request, { agent })) }),
      set: async ({ space, ...write }, { agent }) => {
        const [version = 0] = await store.write({ space, writes: [writeOf(write)] }, { agent });
        return { version: BigInt(version) };
      },
      remove: async ({ space, database, table, key, ifVersion }, { agent }) => {
        const write = { database, table, key, ...(ifVersion === undefined ? {} : { ifVersion: Number(ifVersion) }) };
        const [version = 0] = await store.write({ space, writes: [write] }, { agent });
        return { removed: version === 0 };
      },
      batch: async ({ space, writes }, { agent }) => {
        const versions = await store.write({ space, writes: writes.map(writeOf) }, { agent });
        return { versions: versions.map((version) => BigInt(Math.max(version, 0))) };
      },
      list: async ({ after, limit, ...request }, { agent }) => {
        const most = limit === 0 ? {} : { limit };
        const { entries, next = "" } = await store.list({ ...request, ...most, after }, { agent });
        return { entries: entries.map(entryMessage), next };
      },
      tables: async (request, { agent }) => {
        const tables = await store.tables(request, { agent });
        const bytes = tables.reduce((sum, one) => sum + one.bytes, 0);
        const messages = tables.map(({ database, table, entries, bytes: own }) => {
          return { database, name: table, entries: BigInt(entries), bytes: BigInt(own) };
        });
        return { tables: messages, bytes: BigInt(bytes) };
      },
    }),
    { instances: STORE_INSTANCES },
  );
}

function entryMessage({ key, value, version, expires = 0 }: Entry) {
  return { key, value: new Uint8Array(value), version: BigInt(version), expiresMs: BigInt(expires) };
}

interface WriteMessage {
  readonly database: string;
  readonly table: string;
  readonly key: string;
  readonly value: Uint8Array;
  readonly ttlMs: bigint;
  readonly ifVersion?: bigint | undefined;
  readonly remove?: boolean;
}

function writeOf({ database, table, key, value, ttlMs, ifVersion, remove = false }: WriteMessage): WriteEntry {
  const at = ifVersion === undefined ? {} : { ifVersion: Number(ifVersion) };
  if (remove && (value.length > 0 || ttlMs > 0n))
    throw new OrreryError("invalid_argument", `Cannot write "${key}": it is to be removed and set at once`);
  if (remove) return { database, table, key, ...at };
  return { database, table, key, value, ...at, ...(ttlMs === 0n ? {} : { ttlMs: Number(ttlMs) }) };
}
