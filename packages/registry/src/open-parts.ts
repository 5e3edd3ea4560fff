import type { Clock, Random } from "@orrery/core";
import { BASE_KINDS } from "./kinds/base-kinds.ts";
import type { Kind } from "./kinds/kind.ts";
import { createKindTable } from "./kinds/kind-table.ts";
import { CACHED_RESOURCES, FEED_PAGE_MAX } from "./limits.ts";
import { createFeed, type Feed } from "./read/feed.ts";
import { followStore } from "./read/follow-store.ts";
import { createReads, type RegistryReads } from "./read/reads.ts";
import type { Change, Resource } from "./resource.ts";
import { createGrants } from "./rights/grants.ts";
import type { SecretBox } from "./secret-box.ts";
import type { Database } from "./store/database.ts";
import type { Store } from "./store/store.ts";
import type { Ground } from "./write/ground.ts";
import type { PropertyChecks } from "./write/property-check.ts";
import { createWriter, type Writer } from "./write/writer.ts";

/** What a registry is to be, wherever it is kept. */
export interface RegistryRules {
  /** Says when locks end and changes were made. */
  readonly clock: Clock;
  /** Makes tokens of locks hard to guess. */
  readonly random: Random;
  /** Closes secrets. */
  readonly secrets: SecretBox;
  /** Kinds beside those that every registry has. Default: none. */
  readonly kinds?: readonly Kind[];
  /** Looks at values before they are written, by the name of their property. Default: kinds alone say what fits. */
  readonly checks?: PropertyChecks;
  /** Agents that may do everything. Default: `operator`. */
  readonly operators?: readonly string[];
  /**
   * Whether only Users, operators, drivers, and resources of theirs that act may own something; what others make is the first operator's then.
   * Default: false, an owner is any name.
   */
  readonly ownersKnown?: boolean;
  /** Bytes that a Space holds beside its content, such as in its store: its quotas count them, too. Default: none. */
  readonly held?: (space: Pick<Resource, "address" | "created">) => Promise<number>;
  /** Resources kept in memory. Default: 100,000. */
  readonly cached?: number;
}

/** Options of a registry. */
export interface RegistryOptions extends RegistryRules {
  /** Where it is kept; nobody closes it but you. */
  readonly database: Database;
  /** Whether others write to the same database; then what they wrote is seen when they tell, or after up to a second. Default: false. */
  readonly isShared?: boolean;
}

/** What a registry is made of. */
export interface RegistryParts {
  readonly ground: Ground;
  readonly store: Store;
  readonly feed: Feed;
  readonly reads: RegistryReads;
  readonly writer: Writer;
  /** Ends what follows others, then waits for writes under way, then ends watches. */
  close(): Promise<void>;
}

/** Where the parts of a registry are kept. */
interface PartsPlace {
  readonly store: Store;
  /** What tells that others wrote to the same store. Default: nobody else does. */
  readonly shared?: Database;
}

/** Opens the parts of a registry over a store. @throws OrreryError as `createKindTable` */
export async function openParts(options: RegistryRules & PartsPlace): Promise<RegistryParts> {
  const { store, shared, clock, random, secrets } = options;
  const grants = createGrants();
  const chance = (count: number) => Buffer.from(random.bytes(count)).toString("hex");
  const ground: Ground = {
    kinds: createKindTable([...BASE_KINDS, ...(options.kinds ?? [])]),
    rights: { operators: new Set(options.operators ?? ["operator"]), grants },
    secrets,
    ownersKnown: options.ownersKnown ?? false,
    held: options.held ?? (async () => 0),
    now: () => Math.floor(clock.now()),
    chance,
  };
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
  const { revision } = feed;
  const writer = createWriter({ store, base: reads, clock, name: chance(8), revision, onWritten, catchUp });
  const follower = shared === undefined ? undefined : followStore({ database: shared, clock, catchUp });
  const close = async () => {
    await follower?.stop();
    await writer.close();
    feed.end();
  };
  return { ground, store, feed, reads, writer, close };
}
