import type { Phase } from "./event-key.ts";
import { createEventQueue, type PlannedEvent } from "./event-queue.ts";

/** What happens, and to whom. */
export interface Happening {
  readonly phase: Phase;
  /** Number of the node at which it happens; 0 for the world. */
  readonly target: number;
  /** Number of the node that causes it; 0 for the world. */
  readonly origin: number;
  readonly run: () => void;
}

/** Plans what happens, in a world's order. */
export interface Scheduler {
  /** Virtual time in µs since the world began. */
  readonly tick: number;
  /** Events that are planned. */
  readonly planned: number;
  readonly nextTick: number | undefined;
  /** Plans an event `delayTicks` from now; 0 is a round later. */
  after(delayTicks: number, happening: Happening): PlannedEvent;
  cancel(event: PlannedEvent): void;
  /** Runs the next event, and gives it; undefined when there is none. */
  step(): PlannedEvent | undefined;
  /** Lets time pass up to a tick before which nothing is planned. */
  advance(tick: number): void;
}

/** Makes a scheduler at tick 0. `watch` is told of each event before it runs. */
export function createScheduler(watch: (event: PlannedEvent) => void = () => undefined): Scheduler {
  const queue = createEventQueue();
  // By origin: what one node causes is counted apart from what others do, so that keys do not depend on who was first.
  const sequences: number[] = [];
  return {
    get tick() {
      return queue.tick;
    },
    get planned() {
      return queue.size;
    },
    get nextTick() {
      return queue.nextTick;
    },
    after(delayTicks, { phase, target, origin, run }) {
      const sequence = (sequences[origin] ?? 0) + 1;
      sequences[origin] = sequence;
      return queue.add({ tick: queue.tick + delayTicks, phase, target, origin, sequence, run });
    },
    cancel: (event) => queue.cancel(event),
    step() {
      const event = queue.take();
      if (event === undefined) return undefined;
      watch(event);
      event.run();
      return event;
    },
    advance: (tick) => queue.advance(tick),
  };
}
