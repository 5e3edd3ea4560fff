import { OrreryError } from "@orrery/core";
import { BENCH_HOLD_MS, BENCH_MOVE_S_MAX, BENCH_STEP_S } from "../limits.ts";
import type { BenchHold, BenchTime } from "./bench-client.ts";
import type { BenchWorld } from "./open-bench.ts";

/** Does one thing after another. */
export type Turns = <T>(act: () => Promise<T>) => Promise<T>;

/** Makes turns. */
export function createTurns(): Turns {
  let turn: Promise<unknown> = Promise.resolve();
  return (act) => {
    const done = turn.then(act);
    turn = done.catch(() => undefined);
    return done;
  };
}

/** Keeps the turn of those that move the clock for whoever looks, until it says that it has looked. */
export function holdsOf({ clock, real }: BenchWorld, inTurn: Turns) {
  const holds = new Map<number, AbortController>();
  let last = 0;
  return {
    hold: () =>
      new Promise<BenchHold>((granted) => {
        void inTurn(async () => {
          last += 1;
          const [hold, end] = [last, new AbortController()];
          holds.set(hold, end);
          granted({ nowMs: clock.now(), hold });
          await real.sleep(BENCH_HOLD_MS, end.signal).catch(() => undefined);
          holds.delete(hold);
        });
      }),
    release: async ({ hold }: Readonly<Record<string, unknown>>) => {
      holds.get(Number(hold))?.abort();
      return {};
    },
  };
}

/** Moves chain and clock on, in steps in which each loop does what is due. */
export async function moveTime({ chain, clock, loops, isLive }: BenchWorld, seconds: number): Promise<BenchTime> {
  if (isLive && seconds !== 0)
    throw new OrreryError(
      "failed_precondition",
      `Cannot move the clock by ${seconds} s: time passes by itself on a bench that was started with --live`,
    );
  if (!Number.isSafeInteger(seconds) || seconds < 0 || seconds > BENCH_MOVE_S_MAX)
    throw new OrreryError("invalid_argument", `Cannot move the clock by ${seconds} s: write 0 to ${BENCH_MOVE_S_MAX}`);
  await loops.rest();
  for (let left = seconds, step = 0; left > 0; left -= step) {
    step = loops.isIdle() ? left : Math.min(left, BENCH_STEP_S);
    await chain.setTime(Math.floor(clock.now() / 1_000) + step); // Before the clock: no beat is of a time that the chain does not have.
    clock.move(step * 1_000);
    await loops.rest();
  }
  return { nowMs: clock.now() };
}

/** Has time pass as it does on this machine, second by second, until what this gives is called. */
export function startTime({ chain, clock, real, log }: BenchWorld, inTurn: Turns): () => Promise<void> {
  const end = new AbortController();
  const tick = async () => {
    const seconds = Math.floor((real.now() - clock.now()) / 1_000);
    if (seconds <= 0) return;
    await chain.setTime(clock.now() / 1_000 + seconds); // Before the clock, as where it is moved by hand.
    clock.move(seconds * 1_000);
  };
  const passing = (async () => {
    while (!end.signal.aborted) {
      await real.sleep(1_000, end.signal).catch(() => undefined);
      if (!end.signal.aborted) await inTurn(tick).catch((error: Error) => log(`Time stands: ${error.message}`));
    }
  })();
  return async () => {
    end.abort();
    await passing;
  };
}
