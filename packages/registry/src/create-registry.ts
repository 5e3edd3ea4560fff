import { type Clock, OrreryError, type Random } from "@orrery/core";
import { selects } from "./address/select.ts";
import { parseSelector } from "./address/selector.ts";
import { BASE_KINDS } from "./kinds/base-kinds.ts";
import type { Kind, PropertyValue } from "./kinds/kind.ts";
import { createKindTable } from "./kinds/kind-table.ts";
import { CACHED_RESOURCES, FEED_PAGE_MAX, REQUEST_ID_LENGTH_MAX } from "./limits.ts";
import { allResources } from "./read/all-resources.ts";
import { createFeed } from "./read/feed.ts";
import { followStore } from "./read/follow-store.ts";
import { listPage } from "./read/list-page.ts";
import { createReads } from "./read/reads.ts";
import { viewOf } from "./read/view.ts";
import type { ChangeView, Registry } from "./registry.ts";
import type { Change } from "./resource.ts";
import { createGrants } from "./rights/grants.ts";
import { type SecretBox, secretPlace } from "./secret-box.ts";
import type { Database } from "./store/database.ts";
import { migrate } from "./store/migrate.ts";
import { createSqlStore } from "./store/sql-store.ts";
import { applyChange } from "./write/change.ts";
import { applyCreate } from "./write/create.ts";
import type { Draft } from "./write/draft.ts";
import { assertMay, type By, type Doing, existing, type Ground, judge, localAddress } from "./write/ground.ts";
import { applyLock, applyUnlock, lockOf, tokenOf } from "./write/locks.ts";
import { applyRemove } from "./write/remove.ts";
import { applyReseal } from "./write/reseal.ts";
import { createWriter } from "./write/writer.ts";

/** Options of a registry. */
export interface RegistryOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly random: Random;
  /** Closes secrets. */
  readonly secrets: SecretBox;
  /** Kinds beside those that every registry has. Default: none. */
  readonly kinds?: readonly Kind[];
  /** Agents that may do everything. Default: `operator`. */
  readonly operators?: readonly string[];
  /** Resources kept in memory. Default: 100,000. */
  readonly cached?: number;
  /** Whether others write to the same database; then what they wrote is seen when they tell, or after up to a second. Default: false. */
  readonly isShared?: boolean;
}

/** Opens a registry over a database, which it brings to the newest schema. @throws OrreryError as `migrate` and `createKindTable` */
export async function createRegistry(options: RegistryOptions): Promise<Registry> {
  const { database, clock, random, secrets } = options;
  await migrate(database);
  const store = createSqlStore(database);
  const kinds = createKindTable([...BASE_KINDS, ...(options.kinds ?? [])]);
  const grants = createGrants();
  const rights = { operators: new Set(options.operators ?? ["operator"]), grants };
  const now = () => Math.floor(clock.now());
  const chance = (count: number) => Buffer.from(random.bytes(count)).toString("hex");
  const ground: Ground = { kinds, rights, secrets, now, chance };
  const feed = createFeed(store, (await store.head()).revision);
  const reads = await createReads({ store, grants, feed, cached: options.cached ?? CACHED_RESOURCES });
  /** Changes come from the writer, and where others write too, from the store; each counts once. */
  const onWritten = (written: readonly Change[]) => {
    const changes = written.filter(({ revision }) => revision > feed.revision());
    reads.take(changes);
    feed.push(changes);
  };
  const catchUp = async () => {
    for (;;) {
      const changes = await store.changes(feed.revision(), FEED_PAGE_MAX);
      if (changes.length === 0) return;
      onWritten(changes);
    }
  };
  const writer = createWriter({
    store,
    base: reads,
    clock,
    name: chance(8),
    revision: feed.revision,
    onWritten,
    catchUp,
  });
  const follower = options.isShared ? followStore({ database, clock, catchUp }) : undefined;

  const write = (apply: (draft: Draft, doing: Doing) => Promise<string>, request: object, by: By) => {
    const { requestId } = by;
    if (requestId !== undefined && !(requestId.length > 0 && requestId.length <= REQUEST_ID_LENGTH_MAX))
      throw new OrreryError(
        "invalid_argument",
        `Cannot use request name "${requestId.slice(0, 40)}": it has from 1 to ${REQUEST_ID_LENGTH_MAX} characters`,
      );
    const named = requestId === undefined ? {} : { request: { id: requestId, digest: JSON.stringify(request) } };
    return writer.write({ agent: by.agent, apply: (draft) => apply(draft, { by, ground }), ...named });
  };
  const read = async (text: string, by: By) => {
    const address = localAddress(text);
    await assertMay({ agent: by.agent, verb: "read", address }, { reads, rights });
    return existing(reads, address, "read");
  };

  return {
    create: async (request, by) => write((draft, doing) => applyCreate(draft, request, doing), request, by),
    change: async (request, by) => write((draft, doing) => applyChange(draft, request, doing), request, by),
    remove: async (request, by) => write((draft, doing) => applyRemove(draft, request, doing), request, by),
    lock: async (request, by) => {
      const { address } = await write((draft, doing) => applyLock(draft, request, doing), request, by);
      const lock = lockOf((await reads.get(address)) ?? {}, now());
      if (lock === undefined)
        throw new OrreryError("aborted", `Cannot lock "${address}": the lock ended before it could be told`);
      return { token: tokenOf(lock), fence: lock.fence, until: lock.until };
    },
    unlock: async (request, by) => write((draft, doing) => applyUnlock(draft, request, doing), request, by),
    get: async (address, by) => viewOf(await read(address, by)),
    reveal: async ({ address: text, property }, by) => {
      const resource = await read(text, by);
      const { address, kind } = resource;
      if (!rights.operators.has(by.agent) && kinds.get(kind).data.driver !== by.agent)
        throw new OrreryError(
          "permission_denied",
          `Cannot reveal "${property}" of "${address}" as "${by.agent}": only its driver and operators may`,
        );
      const sealed = resource.secrets?.[property];
      if (sealed === undefined)
        throw new OrreryError("not_found", `Cannot reveal "${property}" of "${address}": it has no such secret`);
      return JSON.parse(secrets.open(sealed, secretPlace(address, property))) as PropertyValue;
    },
    list: (request, by) => listPage(request, by, { reads, rights, feed }),
    watch: (request, by) => watch(request, by),
    can: async ({ agent, verb, address: text }, by) => {
      const address = text === "" ? "" : localAddress(text);
      if (agent !== by.agent && address !== "")
        await assertMay({ agent: by.agent, verb: "read", address }, { reads, rights });
      return judge({ agent, verb, address }, { reads, rights });
    },
    rolesOf: grants.rolesOf,
    kinds: kinds.all,
    revision: feed.revision,
    reseal: async (by) => {
      if (!rights.operators.has(by.agent))
        throw new OrreryError("permission_denied", `Cannot close secrets anew as "${by.agent}": only operators may`);
      let count = 0;
      for await (const { address, secrets: closed = {} } of allResources(store)) {
        if (Object.values(closed).every((sealed) => secrets.isCurrent(sealed))) continue;
        await writer.write({ agent: by.agent, apply: (draft) => applyReseal(draft, address, ground, by.agent) });
        count++;
      }
      await store.compact(feed.revision(), now()); // Changes hold what the old keys closed.
      return count;
    },
    compact: (upTo) => store.compact(upTo, now()),
    [Symbol.asyncDispose]: async () => {
      await follower?.stop();
      await writer.close();
      feed.end();
    },
  };

  async function* watch(
    request: Parameters<Registry["watch"]>[0],
    by: Parameters<Registry["watch"]>[1],
  ): AsyncGenerator<ChangeView> {
    const selector = parseSelector(request.selector);
    const wanted = request.parts === undefined ? undefined : new Set(request.parts);
    for (let revision = request.after ?? feed.revision(); ; ) {
      const changes = await feed.after(revision, by.signal);
      if (changes.length === 0) return;
      for (const change of changes) {
        revision = change.revision;
        const { resource, parts } = change;
        if (!selects(selector, resource) || !(wanted === undefined || parts.some((part) => wanted.has(part)))) continue;
        if (
          !(
            await judge(
              { agent: by.agent, verb: "read", address: resource.address },
              { reads: reads.with(resource), rights },
            )
          ).allowed
        )
          continue;
        yield { revision, at: change.at, agent: change.agent, parts, resource: viewOf(resource) };
      }
    }
  }
}
