import { isOrreryError } from "@orrery/core";
import { selects } from "../address/select.ts";
import { parseSelector } from "../address/selector.ts";
import type { ChangeView, WatchRequest } from "../registry.ts";
import type { Change } from "../resource.ts";
import type { RightsRules } from "../rights/decide.ts";
import { createGrants, type Grants } from "../rights/grants.ts";
import { type By, judge, laterAbove } from "../write/ground.ts";
import type { Feed } from "./feed.ts";
import type { RegistryReads } from "./reads.ts";
import { viewOf } from "./view.ts";

/** What a watch is made over. */
export interface WatchedRegistry {
  readonly reads: RegistryReads;
  readonly rights: RightsRules;
  readonly feed: Feed;
}

/** Gives the changes that a selector means and the agent may read, when each comes; what it may is asked each time. */
export async function* watchChanges(
  request: WatchRequest,
  { agent, signal }: By & { readonly signal?: AbortSignal },
  watched: WatchedRegistry,
): AsyncGenerator<ChangeView> {
  const { feed } = watched;
  const selectors = [request.selector, ...(request.also ?? [])].map(parseSelector);
  const wanted = request.parts === undefined ? undefined : new Set(request.parts);
  const mayRead = createReader(agent, watched);
  for (let revision = request.after ?? feed.revision(); ; ) {
    const changes = await feed.after(revision, signal);
    if (changes.length === 0) return;
    for (const change of changes) {
      const { resource, parts, at, agent: by } = change;
      revision = change.revision;
      if (
        !selectors.some((selector) => selects(selector, resource)) ||
        !(wanted === undefined || parts.some((part) => wanted.has(part)))
      )
        continue;
      if (await mayRead(change)) yield { revision, at, agent: by, parts, resource: viewOf(resource) };
    }
  }
}

/**
 * Makes what tells whether an agent may read a change: as things are now, of what was there then. A removal is also for those who could read
 * what is gone by what went with it, so that nobody keeps what he was shown and is not told that it went.
 */
function createReader(agent: string, { reads, rights, feed }: WatchedRegistry): (change: Change) => Promise<boolean> {
  let last: { readonly from: number; readonly gone: Grants } | undefined;
  const goneWith = async ([from, to]: readonly [number, number]) => {
    if (last?.from !== from) last = { from, gone: await goneRights(feed, { from, to }) };
    return last.gone;
  };
  return async ({ resource, revision, witnesses }) => {
    const { address, kind } = resource;
    const wish = { agent, verb: "read", address, at: revision } as const;
    const { allowed } = await judge(wish, { reads: reads.with(resource), rights });
    if (allowed || witnesses === undefined) return allowed;
    if (witnesses.owners.includes(agent)) return true;
    if (witnesses.span === undefined) return false;
    const gone = await goneWith(witnesses.span);
    const later = await laterAbove(address, { reads, at: revision });
    const options = { roles: gone.rolesOf(agent), ...(later === undefined ? {} : { outside: later }) };
    const found =
      gone.find(agent, "read", { address, kind }, { roles: rights.grants.rolesOf(agent) }) ??
      rights.grants.find(agent, "read", { address, kind }, options);
    return found !== undefined;
  };
}

/** Grants and roles that one write removed; none where it is forgotten. */
async function goneRights(feed: Feed, { from, to }: { readonly from: number; readonly to: number }): Promise<Grants> {
  const grants = createGrants();
  for (let at = from - 1; at < to; ) {
    const changes = await feed.after(at).catch((error: unknown) => {
      if (!isOrreryError(error) || error.code !== "out_of_range") throw error;
      return [];
    });
    for (const { resource, parts, revision } of changes)
      if (revision <= to && parts.includes("removed")) grants.put(resource);
    at = changes.at(-1)?.revision ?? to;
  }
  return grants;
}
