import { selects } from "../address/select.ts";
import { parseSelector, type Selector } from "../address/selector.ts";
import type { ChangeView, WatchRequest } from "../registry.ts";
import type { Resource } from "../resource.ts";

/** Watches that are under way. I1: one counts from when its first change is waited for until it ends, however it does. */
export interface WatchCount {
  /** The same watch, which counts. */
  counted(request: WatchRequest, watch: AsyncIterable<ChangeView>): AsyncGenerator<ChangeView>;
  /** How many mean a resource. */
  of(resource: Pick<Resource, "address" | "kind">): number;
}

/** Makes it. */
export function createWatchCount(): WatchCount {
  const open = new Set<readonly Selector[]>();
  return {
    counted: async function* ({ selector, also = [] }, watch) {
      const selectors = [selector, ...also].map(parseSelector);
      open.add(selectors);
      try {
        yield* watch;
      } finally {
        open.delete(selectors); // I1
      }
    },
    of: (resource) => [...open].filter((selectors) => selectors.some((one) => selects(one, resource))).length,
  };
}
