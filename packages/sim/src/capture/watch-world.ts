import { OrreryError } from "@orrery/core";
import { TICKS_PER_MS } from "../limits.ts";
import { formatKey } from "../order/event-key.ts";
import type { Scheduler } from "../order/scheduler.ts";
import { startWatchdog, type Watchdog } from "./system-watchdog.ts";

/** What a watchdog has to know of a world. */
export interface WatchedWorld {
  readonly scheduler: Pick<Scheduler, "tick" | "current">;
  /** Name of a node by its number. */
  readonly nameOf: (node: number) => string;
}

/**
 * Starts a watchdog that names node, time and event when one event of a world runs longer than `spinMs` of the machine's time.
 * @throws OrreryError `invalid_argument` for no number above 0
 */
export function watchWorld(spinMs: number, { scheduler, nameOf }: WatchedWorld): Watchdog {
  if (!(spinMs > 0 && Number.isFinite(spinMs)))
    throw new OrreryError("invalid_argument", `Cannot watch for events of ${spinMs} ms: write a number above 0`);
  const describe = () => {
    const { current, tick } = scheduler;
    if (current === undefined) return "a world that has not begun";
    const where = current.target === 0 ? "the world" : `node "${nameOf(current.target)}"`;
    return `${where} at ${tick / TICKS_PER_MS} ms, event ${formatKey(current)},`;
  };
  return startWatchdog({ afterMs: spinMs, describe });
}
