import { MEMORY_PARTS, MEMORY_SLOTS } from "./limits.ts";

/** Memory at a time. */
export interface MemorySample {
  readonly atMs: number;
  readonly bytes: number;
}

/** Adds a sample: one that falls in the stretch of the last only lowers it, and those that are older than the window go. */
export function addSample(
  samples: readonly MemorySample[],
  sample: MemorySample,
  windowMs: number,
): readonly MemorySample[] {
  const last = samples.at(-1);
  if (last !== undefined && sample.atMs - last.atMs < windowMs / MEMORY_SLOTS) {
    return sample.bytes >= last.bytes ? samples : [...samples.slice(0, -1), { ...last, bytes: sample.bytes }];
  }
  return [...samples.filter(({ atMs }) => sample.atMs - atMs <= windowMs), sample];
}

/**
 * Bytes per ms by which memory grows steadily over a whole window, or 0. A collector lets memory rise and fall, so the least of each part
 * of the window is looked at: all of them must rise.
 */
export function steadyGrowth(samples: readonly MemorySample[], windowMs: number): number {
  const [first] = samples;
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.atMs - first.atMs < windowMs * 0.9) return 0;
  const partMs = (last.atMs - first.atMs) / MEMORY_PARTS;
  const least = Array.from({ length: MEMORY_PARTS }, (_, part) => {
    const within = samples.filter(
      ({ atMs }) => Math.min(MEMORY_PARTS - 1, Math.floor((atMs - first.atMs) / partMs)) === part,
    );
    return Math.min(...within.map(({ bytes }) => bytes));
  });
  if (!least.every((bytes, part) => Number.isFinite(bytes) && (part === 0 || bytes > (least[part - 1] ?? 0)))) return 0;
  return ((least.at(-1) ?? 0) - (least[0] ?? 0)) / (partMs * (MEMORY_PARTS - 1));
}
