import { OrreryError } from "@orrery/core";
import { FEED_KEPT_MAX, FEED_PAGE_MAX } from "../limits.ts";
import type { Change } from "../resource.ts";
import type { Store } from "../store/store.ts";

/** The changes of a registry in order, the newest in memory. Who follows it asks for what is after its own revision: nothing waits for it here. */
export interface Feed {
  /** The revision of the newest change. */
  revision(): number;
  /** Takes changes that follow the newest. */
  push(changes: readonly Change[]): void;
  /**
   * Some changes after a revision, in order; waits where there are none yet. Gives none when the feed ends.
   * @throws OrreryError `out_of_range` where they are forgotten; details say from which revision they are kept
   */
  after(revision: number, signal?: AbortSignal): Promise<readonly Change[]>;
  end(): void;
}

/** Makes the feed of a store that is at a revision. */
export function createFeed(store: Pick<Store, "changes" | "head">, start: number): Feed {
  let recent: Change[] = [];
  let revision = start;
  let isEnded = false;
  const waiting = new Set<() => void>();
  const wakeAll = () => {
    for (const wake of [...waiting]) wake();
    waiting.clear();
  };
  const wait = (signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const stop = () => {
        waiting.delete(wake);
        reject(signal?.reason);
      };
      const wake = () => {
        signal?.removeEventListener("abort", stop);
        resolve();
      };
      if (signal?.aborted) return reject(signal.reason);
      signal?.addEventListener("abort", stop, { once: true });
      waiting.add(wake);
    });
  return {
    revision: () => revision,
    push: (changes) => {
      if (changes.length === 0) return;
      for (const change of changes) recent.push(change);
      if (recent.length > 2 * FEED_KEPT_MAX) recent = recent.slice(-FEED_KEPT_MAX);
      revision = changes.at(-1)?.revision ?? revision;
      wakeAll();
    },
    after: async (from, signal) => {
      if (from > revision)
        throw new OrreryError(
          "out_of_range",
          `Cannot watch from revision ${from}: the registry is at ${revision}, write that or less`,
          {
            details: { revision },
          },
        );
      while (from >= revision && !isEnded) await wait(signal);
      if (from >= revision) return [];
      const first = recent[0]?.revision;
      if (first !== undefined && from >= first - 1)
        return recent.slice(from - first + 1, from - first + 1 + FEED_PAGE_MAX);
      const { compacted } = await store.head();
      const changes = await store.changes(from, FEED_PAGE_MAX);
      if (from >= compacted) return changes.filter((change) => change.revision <= revision);
      throw new OrreryError(
        "out_of_range",
        `Cannot watch from revision ${from}: changes up to ${compacted} are forgotten, list anew and watch from there`,
        {
          details: { compacted, revision },
        },
      );
    },
    end: () => {
      isEnded = true;
      wakeAll();
    },
  };
}
