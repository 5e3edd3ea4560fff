import { OrreryError } from "@orrery/core";
import { TICKS_PER_MS } from "../limits.ts";
import { Phase } from "../order/event-key.ts";
import type { PlannedEvent } from "../order/event-queue.ts";
import type { Scheduler } from "../order/scheduler.ts";
import { applyFault, type FaultTarget } from "./apply-fault.ts";
import type { TimedFault } from "./fault.ts";
import { writeFault } from "./fault-text.ts";

/** Faults that happen at their times. Owns: those that are still to come. */
export interface FaultPlan {
  /** Every fault that was planned, those included that have happened. */
  readonly faults: readonly TimedFault[];
  /** Plans a fault. One that is soft is passed over when its node is no more, as one of an old tape may be. */
  add(planned: TimedFault, options?: { readonly isSoft?: boolean }): void;
  /** Takes back what has not happened. */
  clear(): void;
}

/** Makes a plan with nothing in it. */
export function createFaultPlan(scheduler: Scheduler, target: FaultTarget): FaultPlan {
  const faults: TimedFault[] = [];
  const pending = new Set<PlannedEvent>();
  const happen = ({ fault }: TimedFault, isSoft: boolean) => {
    try {
      applyFault(fault, target);
    } catch (error) {
      if (!isSoft || !(error instanceof OrreryError && error.code === "not_found")) throw error;
    }
  };
  return {
    faults,
    add(planned, { isSoft = false } = {}) {
      faults.push(planned);
      const delayTicks = Math.max(0, Math.round(planned.atMs * TICKS_PER_MS) - scheduler.tick);
      const run = () => {
        pending.delete(event);
        happen(planned, isSoft);
      };
      const note = writeFault(planned.fault);
      const key = { phase: Phase.fault, target: 0, origin: 0 } as const;
      const event = scheduler.after(delayTicks, { ...key, note, run, isGiven: true });
      pending.add(event);
    },
    clear() {
      for (const event of pending) scheduler.cancel(event);
      pending.clear();
    },
  };
}
