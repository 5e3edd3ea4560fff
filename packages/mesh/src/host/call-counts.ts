import type { LimitsHost, LimitsSource, NodeLimits } from "@orrery/core";
import type { Guard } from "@orrery/core/internal";
import type { ChildStatus } from "../supervise/supervise.ts";
import { COUNTED_PLACES_MAX } from "./limits.ts";

/** How the calls to one place ended, as those who called it saw it. */
export interface PlaceCalls {
  /** Address that was called. */
  readonly address: string;
  readonly calls: number;
  /** Those that ended in a timeout, unreachable, or a defect. */
  readonly failures: number;
}

/** Limits of a node that also count how its calls ended. */
export interface CountedLimits extends LimitsSource {
  /** Since the node began; of the places that were called last. */
  counts(): readonly PlaceCalls[];
}

const FAILED: ReadonlySet<string> = new Set(["timeout", "unreachable", "defect"]);

/** Counts, by place, how calls end that leave a node with these limits. */
export function countCalls(limits: LimitsSource): CountedLimits {
  const places = new Map<string, { calls: number; failures: number }>();
  return {
    seat(host: LimitsHost): NodeLimits {
      const inner = limits.seat(host);
      return { ...inner, guard: countingGuard(inner.guard, (address, failed) => count(places, address, failed)) };
    },
    counts: () => [...places].map(([address, { calls, failures }]) => ({ address, calls, failures })),
  };
}

function countingGuard(inner: Guard | undefined, tell: (address: string, failed: boolean) => void): Guard {
  return {
    refusal: (port, head, envelope) => inner?.refusal(port, head, envelope),
    took: (port, envelope) => inner?.took(port, envelope),
    ended(port, envelope, error, held) {
      inner?.ended(port, envelope, error, held);
      if (port.link !== undefined) tell(port.place ?? port.link.remote, error !== undefined && FAILED.has(error.kind));
    },
    refused: (refusal, head) => inner?.refused(refusal, head),
  };
}

function count(places: Map<string, { calls: number; failures: number }>, address: string, failed: boolean): void {
  let place = places.get(address);
  if (place === undefined) {
    if (places.size >= COUNTED_PLACES_MAX) places.delete(places.keys().next().value ?? "");
    place = { calls: 0, failures: 0 };
    places.set(address, place);
  }
  place.calls++;
  if (failed) place.failures++;
}

/** Adds up what the processes of a host reported, by place. */
export function callsOf(children: readonly ChildStatus[]): readonly PlaceCalls[] {
  const sums = new Map<string, { calls: number; failures: number }>();
  for (const { report } of children) {
    if (!Array.isArray(report)) continue;
    for (const { address, calls, failures } of report as unknown as readonly PlaceCalls[]) {
      const sum = sums.get(address) ?? { calls: 0, failures: 0 };
      sums.set(address, { calls: sum.calls + calls, failures: sum.failures + failures });
    }
  }
  return [...sums].map(([address, sum]) => ({ address, ...sum }));
}
