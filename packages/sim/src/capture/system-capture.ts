import { syncBuiltinESMExports } from "node:module";
import { createPatches, type Patches } from "./patches.ts";
import { patchChance } from "./system-chance.ts";
import { patchDate } from "./system-date.ts";
import { patchRealCalls } from "./system-guards.ts";
import { patchIntl, patchTemporal } from "./system-intl.ts";
import { patchMeasures } from "./system-measures.ts";
import { patchTimers } from "./system-timers.ts";
import { patchTimerPromises } from "./system-timers-promises.ts";

/** A hold on the capture: it stays installed while there is one. */
export interface Capture extends Disposable {
  /** Lets go; harmless when called twice. With the last hold all globals are what they were. */
  uninstall(): void;
}

const PATCHES: readonly ((patches: Patches) => void)[] = [
  patchDate,
  patchIntl,
  patchTemporal,
  patchTimers,
  patchTimerPromises,
  patchChance,
  patchMeasures,
  patchRealCalls,
];

let holds = 0;
let installed: Patches | undefined;

/**
 * Lets the globals and modules of this process that tell time, wait, draw lots or reach the machine ask whose code calls them. Code of
 * an owner gets its owner's; all other code gets the machine's, as before. Install it before the code that it is to hold is loaded: what
 * has kept `Date` itself, or made a subclass of it, before that keeps the machine's.
 */
export function installCapture(): Capture {
  if (holds++ === 0) {
    installed = createPatches();
    for (const patch of PATCHES) patch(installed);
    syncBuiltinESMExports();
  }
  let isHeld = true;
  const uninstall = () => {
    if (!isHeld) return;
    isHeld = false;
    if (--holds > 0) return;
    installed?.undo();
    syncBuiltinESMExports();
  };
  return { uninstall, [Symbol.dispose]: uninstall };
}
