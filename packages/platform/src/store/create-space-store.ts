import { type Clock, type Log, OrreryError } from "@orrery/core";
import { type QuotaState, quotaError, type Registry, type Verb } from "@orrery/registry";
import type { Spaces } from "../spaces/spaces.ts";
import { assertKey, assertWrites, pageOf } from "./assert-entries.ts";
import { type Decided, decideWrites } from "./decide-writes.ts";
import type { EntryPlace, EntryStore } from "./entry-store.ts";
import { STORE_SWEEP_ENTRIES_MAX, STORE_SWEEP_EVERY_MS } from "./limits.ts";
import type { SpaceStore, StoreCaller, TableRequest } from "./space-store.ts";

/** Options of `createSpaceStore`. */
export interface SpaceStoreOptions {
  /** The way into Spaces. */
  readonly spaces: Spaces;
  readonly entries: EntryStore;
  /** Says what quota of a Space is left. */
  readonly registry: Pick<Registry, "quotas">;
  /** Says when the time of entries is over. */
  readonly clock: Clock;
  /** Is told what could not be swept, and is tried again. */
  readonly log: Log;
  /** As whom the registry is asked, an operator. Default: `operator`. */
  readonly agent?: string;
}

/** Opens the stores of all Spaces of a registry, and sweeps them until they are disposed of. */
export function createSpaceStore(options: SpaceStoreOptions): SpaceStore {
  const { spaces, entries, registry, clock, log, agent: operator = "operator" } = options;
  const now = () => Math.floor(clock.now());
  const enter = async (request: TableRequest, verb: Verb, by: StoreCaller) => {
    const { space: name = "", database = "main", table = "main" } = named(request);
    const place = await spaces.enter({ space: name, service: "store", part: [database, table], verb }, by);
    return { place, at: { space: place.id, database, table } };
  };
  const sweep = () => sweepOnce(entries, now());
  const ended = new AbortController();
  const sweeping = sweepNowAndThen(sweep, { clock, log, signal: ended.signal });
  return {
    get: async (request, by) => {
      const { key } = request;
      assertKey(key);
      const { at } = await enter(request, "read", by);
      const entry = await entries.get({ ...at, key }, now());
      if (entry !== undefined) return entry;
      throw new OrreryError("not_found", `Cannot get "${key}": there is no such entry in ${at.database}/${at.table}`, {
        details: { key },
      });
    },
    write: async ({ space = "", writes }, by) => {
      assertWrites(writes);
      const placed = writes.map((write) => ({ ...write, database: "main", table: "main", ...named(write) }));
      const tables = new Map(placed.map((one) => [`${one.database}\n${one.table}`, one]));
      let id = 0;
      let name = "";
      for (const { database, table } of tables.values()) {
        const { place } = await enter({ space, database, table }, "write", by);
        ({ id, space: name } = place);
      }
      const quotas = (await registry.quotas(name, { agent: operator })).filter(({ owner }) => owner === undefined);
      let decided: Decided | undefined;
      await entries.change(id, placed, (state) => {
        const one = decideWrites(placed, { state, at: now() });
        if (one.bytes > state.bytes) assertWithin(quotas, { name, held: one.bytes });
        decided = one;
        return one;
      });
      return decided?.versions ?? [];
    },
    list: async (request, by) => {
      const plan = pageOf(request);
      const { at } = await enter(request, "read", by);
      const found = await entries.list(at, { ...plan, limit: plan.limit + 1, at: now() });
      const page = found.slice(0, plan.limit);
      const isWhole = found.length <= plan.limit && !(await hasMore(page.at(-1)?.key));
      return { entries: page, ...(isWhole ? {} : { next: nextOf(page.at(-1)?.key ?? "") }) };
      /** A page may end before its limit since values are large. */
      async function hasMore(after: string | undefined): Promise<boolean> {
        if (after === undefined || plan.keysOnly || found.length === plan.limit + 1) return false;
        const rest = { ...plan, after, offset: 0, limit: 1, keysOnly: true, at: now() };
        return (await entries.list(at, rest)).length > 0;
      }
    },
    tables: async ({ space = "", database = "" }, by) => {
      const { id } = await spaces.enter({ space, service: "store", verb: "read" }, by);
      const all = await entries.tables(id, now());
      return database === "" ? all : all.filter((one) => one.database === database);
    },
    sweep,
    spaces: () => entries.spaces(),
    drop: (space) => entries.drop(space),
    [Symbol.asyncDispose]: async () => {
      ended.abort();
      await sweeping;
    },
  };
}

/** What is said; an empty name is none. */
function named({ space, database, table }: TableRequest) {
  return { ...(space && { space }), ...(database && { database }), ...(table && { table }) };
}

/** Where a page ended, so that nobody takes it for a key. */
export function nextOf(key: string): string {
  return Buffer.from(key, "utf8").toString("base64url");
}

/** @throws OrreryError `resource_exhausted` where files and the store would be more than a quota */
function assertWithin(
  quotas: readonly QuotaState[],
  { name, held: after }: { readonly name: string; readonly held: number },
): void {
  for (const quota of quotas) {
    const bytes = quota.bytes - (quota.held ?? 0) + after; // What the store held when it was asked may be another's writing by now.
    if (bytes > quota.bytesMax) throw quotaError(`write to the store of "${name}"`, { ...quota, bytes });
  }
}

async function sweepOnce(entries: EntryStore, at: number): Promise<number> {
  let count = 0;
  for (;;) {
    const over = await entries.expired(at, STORE_SWEEP_ENTRIES_MAX);
    for (const space of new Set(over.map((one) => one.space))) {
      const keys = over.filter((one) => one.space === space);
      let gone: readonly EntryPlace[] = [];
      await entries.change(space, keys, (state) => {
        gone = state.entries
          .filter(({ expires = Number.POSITIVE_INFINITY }) => expires <= at)
          .map(({ database, table, key }) => ({ database, table, key }));
        return decideWrites(gone, { state, at });
      });
      count += gone.length;
    }
    if (over.length < STORE_SWEEP_ENTRIES_MAX) return count;
  }
}

async function sweepNowAndThen(
  sweep: () => Promise<number>,
  { clock, log, signal }: { readonly clock: Clock; readonly log: Log; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(STORE_SWEEP_EVERY_MS, signal).catch(() => undefined);
    if (signal.aborted) return;
    await sweep().catch((error: unknown) =>
      log.warn("entries whose time is over could not be taken away, it is tried again", { error: String(error) }),
    );
  }
}
