import { type Clock, sleepWith, type Timer } from "./clock.ts";

// The globals of the platform that this file may touch; web standards, so no types of Node are needed.
declare const performance: { now(): number };
declare function setTimeout(fire: () => void, delayMs: number): unknown;
declare function clearTimeout(timer: unknown): void;

/** Longest delay that `setTimeout` honours; it fires at once beyond. */
const DELAY_MAX_MS = 2 ** 31 - 1;

/** Makes the clock of production: the machine's own time and timers. */
export function createSystemClock(): Clock {
  // Bound once: looking the global up anew costs as much as reading the clock.
  const monotonic = performance.now.bind(performance);
  return {
    now: () => Date.now(),
    monotonic: () => monotonic(),
    timer: startTimer,
    sleep: (delayMs, signal) => sleepWith(startTimer, delayMs, signal),
  };
}

/** `setTimeout` cuts fractions off, may be early by part of a millisecond, and cannot wait for a month: so what is left is waited for anew. */
function startTimer(delayMs: number, fire: () => void): Timer {
  const endMs = performance.now() + delayMs;
  let handle: unknown;
  const wait = (leftMs: number) => {
    handle = setTimeout(look, Math.min(Math.max(0, Math.ceil(leftMs)), DELAY_MAX_MS));
  };
  const look = () => {
    const leftMs = endMs - performance.now();
    if (leftMs > 0) wait(leftMs);
    else fire();
  };
  wait(delayMs);
  return { cancel: () => clearTimeout(handle) };
}
