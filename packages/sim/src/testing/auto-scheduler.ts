import { createScheduler, type Scheduler } from "../order/scheduler.ts";
import { drive } from "../world/system-drive.ts";

/** A scheduler that runs what is planned as soon as it can, for tests that know nothing of worlds. */
export function createAutoScheduler(): Scheduler {
  const scheduler = createScheduler();
  let isDriving = false;
  const go = () => {
    if (isDriving || scheduler.planned === 0) return;
    isDriving = true;
    void drive(() => scheduler.step() !== undefined).then(() => {
      isDriving = false;
      go();
    });
  };
  const plan = scheduler.after.bind(scheduler);
  const after: Scheduler["after"] = (delayTicks, happening) => {
    const event = plan(delayTicks, happening);
    go();
    return event;
  };
  return Object.assign(scheduler, { after });
}
