import { createScheduler, type Scheduler } from "../scheduler.ts";
import { drive } from "../system-drive.ts";

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
  return {
    get tick() {
      return scheduler.tick;
    },
    get round() {
      return scheduler.round;
    },
    get planned() {
      return scheduler.planned;
    },
    get nextTick() {
      return scheduler.nextTick;
    },
    after(delayTicks, happening) {
      const event = scheduler.after(delayTicks, happening);
      go();
      return event;
    },
    cancel: (event) => scheduler.cancel(event),
    step: () => scheduler.step(),
    advance: (tick) => scheduler.advance(tick),
  };
}
