import { assertLatency, type Latency } from "./latency.ts";
import type { LinkModel } from "./link-model.ts";
import type { Place } from "./sim-network.ts";

/** Decides how messages pass from one node to another; the option `link` of a world. */
export type LinkModels = (from: Place, to: Place) => LinkModel;

/** How far apart two nodes are, by latency. */
export interface Nearness {
  /** On one machine. Default: 0.03 ms, what a loopback takes. */
  readonly machine?: Latency;
  /** In one zone, on two machines. */
  readonly zone: Latency;
  /** In two zones. Default: as in one. */
  readonly between?: Latency;
}

const MACHINE: Latency = 0.03;

/**
 * Makes links by nearness: machines and zones are those of the nodes' options.
 * @throws OrreryError `invalid_argument` for a latency that cannot be.
 */
export function linksByNearness({ machine = MACHINE, zone, between = zone }: Nearness): LinkModels {
  for (const latency of [machine, zone, between]) assertLatency(latency);
  return (from, to) => {
    if (from.machine === to.machine) return { latency: machine };
    return { latency: from.zone === to.zone ? zone : between };
  };
}

/** One switch: a tenth of a millisecond, now and then ten times that. */
export const lanLinks: LinkModels = linksByNearness({ zone: mostly(0.1, { kind: "uniform", minMs: 0.5, maxMs: 1 }) });

/** Zones of one region: half a millisecond within, one to two between, now and then ten times that. */
export const zoneLinks: LinkModels = linksByNearness({
  zone: mostly({ kind: "normal", meanMs: 0.4, deviationMs: 0.05, minMs: 0.2 }, 4),
  between: mostly({ kind: "normal", meanMs: 1.2, deviationMs: 0.2, minMs: 0.7 }, 12),
});

/** Zones on several continents: half a millisecond within, 40 to 150 between, with a long tail. */
export const continentLinks: LinkModels = linksByNearness({
  zone: mostly({ kind: "normal", meanMs: 0.5, deviationMs: 0.1, minMs: 0.2 }, 5),
  between: { kind: "lognormal", medianMs: 75, sigma: 0.25, minMs: 20 },
});

/** Telephones: every way is tens of milliseconds and wavers, also within a zone. */
export const mobileLinks: LinkModels = linksByNearness({
  zone: mostly(
    { kind: "lognormal", medianMs: 45, sigma: 0.4, minMs: 10 },
    { kind: "pareto", minMs: 300, shape: 1.5, maxMs: 8000 },
  ),
});

/** One in a thousand messages takes the rare latency. */
function mostly(usual: Latency, rare: Latency): Latency {
  return {
    kind: "mix",
    parts: [
      { share: 999, latency: usual },
      { share: 1, latency: rare },
    ],
  };
}
