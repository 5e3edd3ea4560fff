import { firstAbove } from "./run.ts";
import type { State } from "./state.ts";

/** Seconds of the reader's for which nothing may be seen before time is passed over. */
const QUIET_S = 0.35;

/** Longest step of a frame, in s: a page that was hidden does not jump. */
const FRAME_S_MAX = 0.1;

/** Lets time go on for a frame; gives whether it still plays. */
export function playFrame(state: State, frameS: number): boolean {
  const { run, rate } = state;
  const before = state.tick;
  let tick = before + rate * Math.min(frameS, FRAME_S_MAX);
  if (state.skipsQuiet) {
    const next = nextThing(state, before);
    // What comes is led up to, so that it is seen to come.
    if (next - tick > rate * QUIET_S) tick = next - rate * QUIET_S * 0.5;
  }
  state.tick = Math.min(run.endTick, tick);
  if (state.tick >= run.endTick) state.isPlaying = false;
  return state.isPlaying;
}

/** When the next thing is to be seen: at once while a message is under way. */
function nextThing({ run, rowTicks, rows }: State, tick: number): number {
  const { flights } = run;
  const at = firstAbove(flights.sent, tick);
  if (at > 0 && (flights.latest[at - 1] as number) > tick) return tick;
  const sent = flights.sent[at] ?? run.endTick;
  const row = firstAbove(rowTicks, tick);
  return Math.min(sent, row < rows.length ? (rowTicks[row] as number) : run.endTick);
}

/** Speeds between which keys and buttons choose, in ticks a second: 1, 2, 5, 10 and so on, around that of the run. */
export function nextRate(rate: number, direction: 1 | -1): number {
  const power = 10 ** Math.floor(Math.log10(rate) + 1e-9);
  const steps = [power / 2, power, power * 2, power * 5, power * 10, power * 20];
  const found =
    direction > 0 ? steps.find((step) => step > rate * 1.001) : steps.findLast((step) => step < rate * 0.999);
  return Math.min(1e10, Math.max(1, found ?? rate));
}

/** Rounds a speed to one of those. */
export function niceRate(rate: number): number {
  return nextRate(nextRate(rate, 1), -1);
}
