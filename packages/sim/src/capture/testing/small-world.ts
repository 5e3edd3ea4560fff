import { type Clock, type Random, sleepWith } from "@orrery/core";
import { createDraws } from "../../chance/draws.ts";
import type { ExternalCalls } from "../external-calls.ts";
import { type CaptureMode, createOwner, type Owner, runAs } from "../owner.ts";
import { originals } from "../system-originals.ts";

/** Wall time at which every small world begins: 2026-01-01T00:00:00Z. */
export const BEGIN_MS = 1_767_225_600_000;

/** The least that a capture needs of a world: time that moves when nothing is left to do, and owners. */
export interface SmallWorld {
  readonly nowMs: number;
  readonly warnings: readonly string[];
  owner(name: string): Owner;
  /** Runs a function as an owner's, and events until its promise is settled. */
  run<T>(owner: Owner, run: () => T | Promise<T>): Promise<T>;
}

/** Options of a small world. */
export interface SmallWorldOptions {
  readonly seed?: number;
  readonly mode?: CaptureMode;
  readonly externals?: ExternalCalls;
}

interface Due {
  readonly atMs: number;
  readonly sequence: number;
  readonly fire: () => void;
}

/** Makes a world at the beginning of its time. */
export function createSmallWorld({ seed = 1, mode = "strict", externals }: SmallWorldOptions = {}): SmallWorld {
  const due = new Set<Due>();
  const draws = createDraws(seed);
  const warnings: string[] = [];
  let nowMs = 0;
  let sequence = 0;
  const timer: Clock["timer"] = (delayMs, fire) => {
    const event = { atMs: nowMs + delayMs, sequence: ++sequence, fire };
    due.add(event);
    return { cancel: () => void due.delete(event) };
  };
  const clock: Clock = {
    now: () => BEGIN_MS + nowMs,
    monotonic: () => nowMs,
    timer,
    sleep: (delayMs, signal) => sleepWith(timer, delayMs, signal),
  };
  const step = (): boolean => {
    const [next] = [...due].sort((a, b) => a.atMs - b.atMs || a.sequence - b.sequence);
    if (next === undefined) return false;
    due.delete(next);
    nowMs = next.atMs;
    next.fire();
    return true;
  };
  return {
    get nowMs() {
      return nowMs;
    },
    warnings,
    owner(name) {
      const random: Random = draws.stream("node", name);
      const warn = (text: string) => void warnings.push(text);
      return createOwner({ name, clock, random, mode, warn, ...(externals === undefined ? {} : { externals }) });
    },
    async run(owner, run) {
      let isSettled = false;
      const result = Promise.try(() => runAs(owner, run));
      const settled = () => {
        isSettled = true;
      };
      result.then(settled, settled);
      for (await turn(); !isSettled; await turn()) {
        await externals?.whenQuiet();
        if (!isSettled && !step()) throw new Error("nothing is left to happen");
      }
      return await result;
    },
  };
}

/** A turn of the event loop, in which all promise jobs run. */
function turn(): Promise<void> {
  return new Promise((resolve) => void originals.setImmediate(resolve));
}
