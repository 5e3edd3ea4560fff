import { Bucket } from "@orrery/mesh/internal";
import type { RateLimit, Route } from "../bind/bind.ts";
import { CLIENTS_MAX } from "./limits.ts";

/** Counts the requests of routes that have a rate. */
export interface Rates {
  /** Takes one request. @returns how long to wait, in ms, where there are too many; else 0 */
  take(route: Route, client: string): number;
}

/** Begins to count. A route's count ends with the route: a new bind begins anew. */
export function createRates(now: () => number): Rates {
  const buckets = new WeakMap<Route, Map<string, Bucket>>();
  return {
    take: (route, client) => {
      if (route.rate === undefined) return 0;
      const known = buckets.get(route) ?? new Map<string, Bucket>();
      buckets.set(route, known);
      const bucket = bucketOf(known, route.rate, { whose: route.rate.of === "client" ? client : "", nowMs: now() });
      if (!bucket.has(now())) return Math.max(1, bucket.waitMs(now()));
      bucket.take(now());
      return 0;
    },
  };
}

function bucketOf(
  known: Map<string, Bucket>,
  rate: RateLimit,
  { whose, nowMs }: { readonly whose: string; readonly nowMs: number },
): Bucket {
  const bucket = known.get(whose) ?? new Bucket(rate, nowMs);
  known.delete(whose);
  if (known.size >= CLIENTS_MAX) known.delete(known.keys().next().value ?? "");
  known.set(whose, bucket);
  return bucket;
}
