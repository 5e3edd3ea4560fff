import type { Horizon, HorizonCheck } from "@orrery/core";
import { type Head, pastGateway, splitName } from "@orrery/core/internal";

/** What a message says after it was passed on, or what of its horizon keeps it back. */
export type CrossedHead = { readonly head: Head } | { readonly check: HorizonCheck };

/** Options of a crossing of heads. */
export interface CrossHeadOptions {
  /** Who passes it on: the gateway's foot in the network that it goes into. */
  readonly source: Head["source"];
  /** How far its sender is from the gateway, one way, in ms; 0 where nobody knows. */
  readonly distanceMs: number;
}

/**
 * What a message says in the next network. It is for the component alone, from the gateway, and of its horizon is left what its way so far has
 * not used up. I1: a message passes one gateway, whatever its horizon: nobody may pass it on once more, so there are no loops.
 */
export function crossHead(head: Head, { source, distanceMs }: CrossHeadOptions): CrossedHead {
  const left = pastGateway(head.horizon);
  if (left === "beyond") return { check: head.horizon?.scope === "any" ? "hops" : "scope" };
  const limitMs = left?.distanceMs ?? 0;
  if (limitMs > 0 && distanceMs >= limitMs) return { check: "distance" };
  const horizon: Horizon = {
    scope: "any",
    beyond: left?.beyond ?? "bounce",
    distanceMs: limitMs === 0 ? 0 : limitMs - distanceMs,
    hops: 1, // I1
  };
  return { head: rewritten(head, source, horizon) };
}

/** What a message says that a gateway gives back to the network that it came from. */
export function turnHead(head: Head, source: Head["source"]): Head {
  const { distanceMs = 0 } = head.horizon ?? {};
  return rewritten(head, source, { scope: "network", beyond: "bounce", distanceMs, hops: 1 });
}

function rewritten(head: Head, source: Head["source"], horizon: Horizon): Head {
  const { component } = splitName(head.component);
  return Object.freeze({ ...head, component, source, horizon: Object.freeze(horizon) });
}
