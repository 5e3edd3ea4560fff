import { grownIn } from "../quotas/grown.ts";
import { heldUnder, placesOf, quotaError, quotasOf } from "../quotas/quota.ts";
import type { Draft } from "./draft.ts";
import type { Ground } from "./ground.ts";

/**
 * Looks whether content that a write brings fits the quotas of all that it lies in, as all before it left them. Every write comes by here
 * that may bring some, however it was asked for. What takes content away, or leaves as much, is never refused.
 * @throws OrreryError `resource_exhausted`
 */
export async function assertWithinQuotas(draft: Draft, { held }: Pick<Ground, "held">): Promise<void> {
  const pending = draft.pending();
  const grew = pending.filter(({ grown }) => grown?.some(({ bytes }) => bytes > 0));
  const places = new Set(grew.flatMap(({ resource }) => placesOf(resource.address)));
  for (const place of places) {
    const resource = await draft.get(place);
    if (resource === undefined) continue;
    for (const quota of quotasOf(resource)) {
      if (grownIn(quota, pending) <= 0) continue;
      const bytes = (await draft.stored(quota)) + (await heldUnder(quota, resource, held));
      if (bytes > quota.bytesMax) throw quotaError(`write "${grew[0]?.resource.address}"`, { ...quota, bytes });
    }
  }
}
