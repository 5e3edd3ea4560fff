import type { Offer } from "../discovery/gateway-foot.ts";
import type { MemberView } from "../discovery/gossip-directory.ts";

/** What the nodes of a network serve between them, by component and version: what a gateway tells of it elsewhere. */
export function offersOf(network: string, members: readonly MemberView[]): readonly Offer[] {
  const offers = new Map<string, Offer>();
  for (const { status, components } of members) {
    if (status !== "alive" && status !== "suspect") continue;
    for (const { name, version, fingerprint, instances, freeSlots = 0, network: other } of components) {
      if (other !== undefined) continue; // What is offered there from elsewhere is for that network alone.
      const key = `${name}@${version}`;
      const known = offers.get(key);
      offers.set(key, {
        ...(known ?? { name, version, fingerprint, network }),
        instances: (known?.instances ?? 0) + instances,
        freeSlots: (known?.freeSlots ?? 0) + freeSlots,
      });
    }
  }
  return [...offers.values()].sort((a, b) => compare(a.name, b.name) || compare(a.version, b.version));
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
