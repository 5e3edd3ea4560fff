import type { Clock, Log, Timer } from "@orrery/core";
import { type Database, forgetGoneSpaces, type Registry } from "@orrery/registry";
import { type Kysely, sql } from "kysely";
import type { Subscriptions } from "../billing/subscriptions.ts";
import { SPACE_HISTORY_MS, SPACE_REMAINS_AGAIN_MS } from "./limits.ts";

/** Options of `createRemains`. */
export interface RemainsOptions {
  readonly database: Database;
  readonly registry: Pick<Registry, "revision" | "compact">;
  readonly subscriptions: Pick<Subscriptions, "forget">;
  readonly clock: Clock;
  readonly log: Log;
}

/** Takes away what is kept by the names of Spaces that are gone. */
export interface Remains extends Disposable {
  /** Takes away what there is now, and what is written late a minute after; the history of changes a day after. */
  purge(): Promise<void>;
}

/**
 * Makes it. It compares names with the Spaces that are there, so that it may die at any moment. What others may still read stays a while: the history of
 * changes is one for all Spaces, and who watches from before its end lists anew.
 */
export function createRemains({ database, registry, subscriptions, clock, log }: RemainsOptions): Remains {
  const kysely = database.kysely as unknown as Kysely<unknown>;
  let again: Timer | undefined;
  let history: Timer | undefined;
  let isOver = false;
  const take = async () => {
    for (const space of await goneNames(kysely)) await subscriptions.forget(space);
    await forgetSignups(kysely);
    const { isInHistory } = await forgetGoneSpaces(database);
    if (isInHistory && !isOver) history ??= later(SPACE_HISTORY_MS, endHistory(registry.revision()));
  };
  const endHistory = (upTo: number) => async () => {
    history = undefined;
    await registry.compact(upTo);
    await take();
  };
  const later = (delayMs: number, act: () => Promise<void>) =>
    clock.timer(delayMs, () => {
      act().catch((error: unknown) => log.warn("what is left of spaces waits", { error: String(error) }));
    });
  return {
    purge: async () => {
      await take();
      again?.cancel();
      if (!isOver) again = later(SPACE_REMAINS_AGAIN_MS, take);
    },
    [Symbol.dispose]: () => {
      isOver = true;
      again?.cancel();
      history?.cancel();
    },
  };
}

/** Names of bills whose Spaces are gone. */
async function goneNames(kysely: Kysely<unknown>): Promise<readonly string[]> {
  const { rows } = await sql<{ space: string }>`
    select space from subscription one
    where one.body ->> 'standing' = 'removed' and not exists (select 1 from resource where address = one.space)
    order by space`.execute(kysely);
  return rows.map(({ space }) => space);
}

/** Those that ended: what is under way is undone by itself. */
async function forgetSignups(kysely: Kysely<unknown>): Promise<void> {
  await sql`
    delete from invite one
    where one.space <> '' and not exists (select 1 from resource where address = one.space)`.execute(kysely);
  await sql`
    delete from signup one
    where one.body ->> 'stage' = 'done' and not exists (select 1 from resource where address = one.space)`.execute(
    kysely,
  );
}
