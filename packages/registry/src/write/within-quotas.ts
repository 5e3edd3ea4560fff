import { grownIn } from "../quotas/grown.ts";
import { placesOf, quotaError, quotasOf } from "../quotas/quota.ts";
import type { Draft } from "./draft.ts";

/**
 * Looks whether content that a write brings fits the quotas of all that it lies in, as all before it left them. Every write comes by here
 * that may bring some, however it was asked for. What takes content away, or leaves as much, is never refused.
 * @throws OrreryError `resource_exhausted`
 */
export async function assertWithinQuotas(draft: Draft): Promise<void> {
  const pending = draft.pending();
  const grew = pending.filter(({ grown }) => grown?.some(({ bytes }) => bytes > 0));
  const places = new Set(grew.flatMap(({ resource }) => placesOf(resource.address)));
  for (const place of places) {
    const resource = await draft.get(place);
    for (const quota of resource === undefined ? [] : quotasOf(resource)) {
      if (grownIn(quota, pending) <= 0) continue;
      const bytes = await draft.stored(quota);
      if (bytes > quota.bytesMax) throw quotaError(`write "${grew[0]?.resource.address}"`, { ...quota, bytes });
    }
  }
}
