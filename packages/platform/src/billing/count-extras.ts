import type { Clock, Log } from "@orrery/core";
import type { Registry } from "@orrery/registry";
import type { Billing } from "./billing.ts";
import { COUNT_AGAIN_MS } from "./limits.ts";
import { EXTRAS, type Extra } from "./plan.ts";

/** Which resources are extras. */
const KINDS: Readonly<Record<Extra, string>> = { seats: "User", services: "App" };

/** Options of `countExtras`. */
export interface CountExtrasOptions {
  readonly registry: Pick<Registry, "list" | "watch" | "revision">;
  readonly billing: Pick<Billing, "count">;
  readonly clock: Clock;
  readonly log: Log;
  /** As whom the registry is asked, an operator. */
  readonly agent: string;
}

/**
 * Counts the users and apps of all Spaces now, and each time that one comes or goes, until it is disposed of. It compares, so that it may die at any
 * moment: the next one counts what is there.
 */
export function countExtras({ registry, billing, clock, log, agent }: CountExtrasOptions): AsyncDisposable {
  const ended = new AbortController();
  const count = async (space: string, extra: Extra) => {
    let now = 0;
    for await (const _ of listAll(registry, `${space}:**<${KINDS[extra]}>`, agent)) now++;
    await billing.count({ space, extra, now });
  };
  const follow = async () => {
    while (!ended.signal.aborted)
      try {
        const after = registry.revision();
        for await (const space of listAll(registry, "*<Space>", agent))
          for (const extra of EXTRAS) await count(space, extra);
        const by = { agent, signal: ended.signal };
        for await (const { resource } of registry.watch({ selector: "**", after, parts: ["added", "removed"] }, by))
          for (const extra of EXTRAS)
            if (resource.kind === KINDS[extra]) await count(resource.address.split(":", 1)[0] ?? "", extra);
        return; // The registry has ended.
      } catch (error) {
        if (ended.signal.aborted) return;
        log.warn("users and apps could not be counted for bills, it is tried again", { error: String(error) });
        await clock.sleep(COUNT_AGAIN_MS, ended.signal).catch(() => undefined);
      }
  };
  const running = follow();
  return {
    [Symbol.asyncDispose]: async () => {
      ended.abort();
      await running;
    },
  };
}

/** Addresses of all that a selector means. */
async function* listAll(registry: Pick<Registry, "list">, selector: string, agent: string): AsyncGenerator<string> {
  for (let after: string | undefined; ; ) {
    const { resources, next } = await registry.list({ selector, ...(after === undefined ? {} : { after }) }, { agent });
    for (const { address } of resources) yield address;
    if (next === undefined) return;
    after = next;
  }
}
