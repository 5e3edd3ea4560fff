import { selects } from "../address/select.ts";
import { parseSelector } from "../address/selector.ts";
import type { ChangeView, WatchRequest } from "../registry.ts";
import type { RightsRules } from "../rights/decide.ts";
import { type By, judge } from "../write/ground.ts";
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
  { reads, rights, feed }: WatchedRegistry,
): AsyncGenerator<ChangeView> {
  const selectors = [request.selector, ...(request.also ?? [])].map(parseSelector);
  const wanted = request.parts === undefined ? undefined : new Set(request.parts);
  for (let revision = request.after ?? feed.revision(); ; ) {
    const changes = await feed.after(revision, signal);
    if (changes.length === 0) return;
    for (const { resource, parts, at, agent: by, revision: next } of changes) {
      revision = next;
      if (
        !selectors.some((selector) => selects(selector, resource)) ||
        !(wanted === undefined || parts.some((part) => wanted.has(part)))
      )
        continue;
      const wish = { agent, verb: "read" as const, address: resource.address };
      const { allowed } = await judge(wish, { reads: reads.with(resource), rights });
      if (allowed) yield { revision, at, agent: by, parts, resource: viewOf(resource) };
    }
  }
}
