import { createWorld } from "@orrery/sim";
import FakeTimers from "@sinonjs/fake-timers";
import { createWindow, type ProgramFactory } from "../program.ts";
import { createChance } from "./model.ts";

/** Delays are whole ms below this, as programs have them. */
const DELAY_MS_MAX = 60_000;
const OPERATIONS_PER_LOOK = 64;

/** Timers of one kind, all under virtual time. */
interface Timers {
  add(delayMs: number, fire: () => void): () => void;
  /** Lets time pass until something is true; asked after each timer or each ms. */
  runUntil(isTrue: () => boolean): Promise<void>;
}

/**
 * As many timers as `size` says are pending. `fire`: each that fires is followed by another. `cancel`: one is added and taken back, again
 * and again, while the others wait.
 */
export const program: ProgramFactory = ({ size, variant }) => {
  const [kind, what] = variant.split("/");
  const timers = kind === "world" ? worldTimers() : fakeTimers();
  const chance = createChance(1);
  const delayMs = () => 1 + Math.floor(chance() * DELAY_MS_MAX);
  let fired = 0;
  const follow = () => {
    fired++;
    timers.add(delayMs(), follow);
  };
  for (let count = 0; count < size; count++) timers.add(delayMs(), follow);
  return {
    async run(windowMs) {
      const before = fired;
      const isOver = createWindow(windowMs, OPERATIONS_PER_LOOK);
      if (what === "fire") {
        await timers.runUntil(isOver);
        return { timers: fired - before };
      }
      let cancelled = 0;
      for (; !isOver(); cancelled++) timers.add(delayMs(), follow)();
      return { timers: cancelled };
    },
  };
};

function worldTimers(): Timers {
  const world = createWorld({ seed: 1 });
  const { clock } = world.node("timers");
  return {
    add(delayMs, fire) {
      const timer = clock.timer(delayMs, fire);
      return () => timer.cancel();
    },
    runUntil: (isTrue) => world.run({ until: isTrue }),
  };
}

function fakeTimers(): Timers {
  const clock = FakeTimers.createClock(0, Number.MAX_SAFE_INTEGER);
  return {
    add(delayMs, fire) {
      const id = clock.setTimeout(fire, delayMs);
      return () => clock.clearTimeout(id);
    },
    async runUntil(isTrue) {
      while (!isTrue()) clock.next();
    },
  };
}
