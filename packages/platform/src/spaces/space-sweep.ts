import type { Clock, Log } from "@orrery/core";
import { listPages, type Registry } from "@orrery/registry";
import { SPACE_SWEEP_AGAIN_MS } from "./limits.ts";
import type { Remains } from "./remains.ts";

/** What keeps something for Spaces, by their ids. */
export interface SpaceHolder {
  /** The ids of all Spaces that it keeps something for. */
  spaces(): Promise<readonly number[]>;
  /** Forgets all of a Space that is gone; harmless where nothing is kept. */
  drop(id: number): Promise<void>;
}

/** Options of `createSpaceSweep`. */
export interface SpaceSweepOptions {
  readonly registry: Pick<Registry, "list" | "watch">;
  readonly holders: readonly SpaceHolder[];
  /** Takes away what is kept by names. Default: nothing is. */
  readonly remains?: Pick<Remains, "purge">;
  readonly clock: Clock;
  readonly log: Log;
  /** As whom the registry is asked, an operator. Default: `operator`. */
  readonly agent?: string;
}

/** Has what was kept for Spaces go with them. */
export interface SpaceSweep extends AsyncDisposable {
  /** Looks at all Spaces once, now. Gives how many were forgotten. */
  sweep(): Promise<number>;
}

/**
 * Sweeps now, and each time that a Space is removed, until it is disposed of. It compares what is kept with what is there, so that it may die at
 * any moment: an id never comes back, and nobody can get at what is under one that is gone.
 */
export function createSpaceSweep(options: SpaceSweepOptions): SpaceSweep {
  const { registry, holders, remains, clock, log, agent = "operator" } = options;
  const ended = new AbortController();
  const sweepFrom = async () => {
    // What is kept is asked first: a Space that is made meanwhile is in the list then.
    const kept = await Promise.all(holders.map(async (holder) => ({ holder, ids: await holder.spaces() })));
    const { ids: there, revision } = await spacesThere(registry, agent);
    let swept = 0;
    for (const { holder, ids } of kept)
      for (const id of ids.filter((one) => !there.has(one))) {
        await holder.drop(id);
        swept++;
      }
    await remains?.purge();
    return { swept, revision };
  };
  const follow = async () => {
    while (!ended.signal.aborted)
      try {
        const { revision } = await sweepFrom();
        const by = { agent, signal: ended.signal };
        for await (const _ of registry.watch({ selector: "*", after: revision, parts: ["removed"] }, by))
          await sweepFrom();
        return; // The registry has ended.
      } catch (error) {
        if (ended.signal.aborted) return;
        log.warn("what removed spaces left could not be swept, it is tried again", { error: String(error) });
        await clock.sleep(SPACE_SWEEP_AGAIN_MS, ended.signal).catch(() => undefined);
      }
  };
  const running = follow();
  return {
    sweep: async () => (await sweepFrom()).swept,
    [Symbol.asyncDispose]: async () => {
      ended.abort();
      await running;
    },
  };
}

async function spacesThere(registry: Pick<Registry, "list">, agent: string) {
  const ids = new Set<number>();
  let revision = Number.POSITIVE_INFINITY;
  for await (const page of listPages(registry, "*", { agent })) {
    revision = Math.min(revision, page.revision);
    for (const { created } of page.resources) ids.add(created);
  }
  return { ids, revision };
}
