import type { OrreryError } from "@orrery/core";
import { Bucket } from "@orrery/mesh/internal";
import { planError, type SpacePlan } from "@orrery/registry";
import { RATED_SPACES_MAX } from "./limits.ts";

/** Counts the requests of Spaces whose plans have a rate. */
export interface SpaceRates {
  /** Takes one request of a Space. @returns why it may not be answered now, and in how many ms one may be; undefined where it may */
  take(space: string, plan: SpacePlan | undefined, doing: string): RateRefusal | undefined;
}

/** A request too many. */
export interface RateRefusal {
  readonly error: OrreryError;
  readonly waitMs: number;
}

/** Options of `createSpaceRates`. */
export interface SpaceRatesOptions {
  /** In ms, of a clock that never goes back. */
  readonly now: () => number;
}

/** Begins to count. After a pause a Space may have the requests of a second at once; one at least. */
export function createSpaceRates({ now }: SpaceRatesOptions): SpaceRates {
  const buckets = new Map<string, { readonly bucket: Bucket; readonly perSecond: number }>();
  const bucketOf = (space: string, perSecond: number): Bucket => {
    const known = buckets.get(space);
    const settings = { perSecond, burst: Math.max(1, Math.ceil(perSecond)) };
    const bucket = known?.bucket ?? new Bucket(settings, now());
    if (known !== undefined && known.perSecond !== perSecond) bucket.change(settings, now());
    buckets.delete(space);
    if (buckets.size >= RATED_SPACES_MAX) buckets.delete(buckets.keys().next().value ?? "");
    buckets.set(space, { bucket, perSecond });
    return bucket;
  };
  return {
    take: (space, plan, doing) => {
      const perSecond = plan?.requestsPerSecond;
      if (plan === undefined || perSecond === undefined) return undefined;
      const bucket = bucketOf(space, perSecond);
      if (bucket.has(now())) {
        bucket.take(now());
        return undefined;
      }
      const waitMs = Math.max(1, Math.ceil(bucket.waitMs(now())));
      const used = `more than the ${perSecond} requests a second`;
      const error = planError(doing, { space, plan: plan.name, limit: "requests", used }, { retryAfterMs: waitMs });
      return { error, waitMs };
    },
  };
}
