import { OrreryError } from "@orrery/core";
import type { TimedFault } from "../faults/fault.ts";
import { LATENCY_MS } from "../network/cable.ts";
import { leastLatency } from "../network/latency.ts";
import type { LinkModel } from "../network/link-model.ts";
import type { Place } from "../network/sim-network.ts";
import type { Placement } from "./placement.ts";

/** Options of `lookaheadOf`. */
export interface LookaheadOptions {
  /** Every node of the world. */
  readonly places: readonly Place[];
  readonly memberOf: Placement;
  /** How messages pass between two nodes at present. */
  readonly modelOf: (from: Place, to: Place) => LinkModel;
  /** What is going to happen to links. */
  readonly faults: readonly TimedFault[];
}

/**
 * How long, in ticks, any message between nodes of different members takes at least: so far may each run beyond what it knows of the others.
 * Infinite where no two members have nodes.
 * @throws OrreryError `failed_precondition` where a message may take no time at all.
 */
export function lookaheadOf({ places, memberOf, modelOf, faults }: LookaheadOptions): number {
  let leastTicks = Number.POSITIVE_INFINITY;
  const members = places.map(memberOf);
  for (const [index, from] of places.entries()) {
    for (const [other, to] of places.entries()) {
      if (members[index] === members[other]) continue;
      leastTicks = Math.min(leastTicks, leastOf(modelOf(from, to), `from "${from.name}" to "${to.name}"`));
    }
  }
  if (leastTicks === Number.POSITIVE_INFINITY) return leastTicks;
  for (const { fault } of faults) {
    if (fault.verb === "link" && fault.change.latency !== undefined)
      leastTicks = Math.min(
        leastTicks,
        leastOf(fault.change, `from "${fault.from}" to "${fault.to}", as a fault has it,`),
      );
  }
  return leastTicks;
}

function leastOf({ latency = LATENCY_MS }: LinkModel, between: string): number {
  const leastTicks = leastLatency(latency);
  if (leastTicks > 0) return leastTicks;
  const text = `Cannot share the clock: messages ${between} may take no time at all, and the two are in different processes: give the link a latency with a least value, or place them together`;
  throw new OrreryError("failed_precondition", text);
}
