import type { Clock, Log } from "@orrery/core";
import { createOneAtATime } from "@orrery/core/internal";
import { listPages, type Registry, spaceOf } from "@orrery/registry";
import type { Billing } from "./billing.ts";
import { BILLS_PAGE_MAX, COUNT_AGAIN_MS } from "./limits.ts";
import { EXTRAS, type Extra } from "./plan.ts";
import type { Subscriptions } from "./subscriptions.ts";

/** Which resources are extras. */
const KINDS: Readonly<Record<Extra, string>> = { seats: "User", services: "App" };

/** Options of `countExtras`. */
export interface CountExtrasOptions {
  readonly registry: Pick<Registry, "list" | "watch" | "revision">;
  readonly billing: Pick<Billing, "count">;
  readonly subscriptions: Pick<Subscriptions, "get" | "list">;
  readonly clock: Clock;
  readonly log: Log;
  /** As whom the registry is asked, an operator. */
  readonly agent: string;
}

/** Counts the users and apps of Spaces that have a bill. */
export interface ExtraCounting extends AsyncDisposable {
  /** Counts those of one Space now, such as where its bill begins. */
  count(space: string): Promise<void>;
}

/**
 * Counts those of all bills now, and those of a Space each time that one comes or goes, until it is disposed of. It compares, so that it may die at any
 * moment: the next one counts what is there.
 */
export function countExtras(options: CountExtrasOptions): ExtraCounting {
  const { registry, subscriptions, clock, log } = options;
  const ended = new AbortController();
  const oneAtATime = createOneAtATime(); // What was counted earlier is never written later.
  const count = (space: string, extras: readonly Extra[] = EXTRAS) =>
    oneAtATime(space, async () => {
      for (const extra of extras) await countOne(space, extra, options);
    });
  const countAll = async () => {
    for (let after = ""; ; ) {
      const bills = await subscriptions.list({ after, limit: BILLS_PAGE_MAX });
      for (const { space } of bills) await count(space);
      if (bills.length < BILLS_PAGE_MAX) return;
      after = bills.at(-1)?.space ?? after;
    }
  };
  const follow = async () => {
    while (!ended.signal.aborted)
      try {
        const after = registry.revision();
        await countAll();
        await followChanges(after, { ...options, count, signal: ended.signal });
        return; // The registry has ended.
      } catch (error) {
        if (ended.signal.aborted) return;
        log.warn("users and apps could not be counted for bills, it is tried again", { error: String(error) });
        await clock.sleep(COUNT_AGAIN_MS, ended.signal).catch(() => undefined);
      }
  };
  const running = follow();
  return {
    count,
    [Symbol.asyncDispose]: async () => {
      ended.abort();
      await running;
    },
  };
}

async function countOne(
  space: string,
  extra: Extra,
  { registry, billing, subscriptions, agent }: CountExtrasOptions,
): Promise<void> {
  if ((await subscriptions.get(space)) === undefined) return;
  let now = 0;
  for await (const { resources } of listPages(registry, `${space}:**<${KINDS[extra]}>`, { agent }))
    now += resources.length;
  await billing.count({ space, extra, now });
}

interface Following extends CountExtrasOptions {
  readonly count: (space: string, extras: readonly Extra[]) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Counts what comes and goes; many of one Space that come while it is counted are counted once. */
async function followChanges(after: number, { registry, agent, count, signal }: Following): Promise<void> {
  const failed = new AbortController();
  const due = new Map<string, readonly [space: string, extra: Extra]>();
  let counting: Promise<void> | undefined;
  const countDue = async () => {
    for (const [key, [space, extra]] of due) {
      due.delete(key);
      await count(space, [extra]);
    }
  };
  const by = { agent, signal: AbortSignal.any([signal, failed.signal]) };
  const [selector = "", ...also] = EXTRAS.map((extra) => `**<${KINDS[extra]}>`);
  for await (const { resource } of registry.watch({ selector, also, after, parts: ["added", "removed"] }, by)) {
    const space = spaceOf(resource.address);
    for (const extra of EXTRAS) if (resource.kind === KINDS[extra]) due.set(`${space} ${extra}`, [space, extra]);
    counting ??= countDue().then(
      () => {
        counting = undefined;
      },
      (cause: unknown) => failed.abort(cause),
    );
  }
  await counting;
  failed.signal.throwIfAborted();
}
