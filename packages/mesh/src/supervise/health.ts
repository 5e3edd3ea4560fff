import { addSample, type MemorySample, steadyGrowth } from "./memory-trend.ts";
import type { KeepRules } from "./spec.ts";

/** What was seen of a process between two looks. */
export interface HealthLook {
  readonly atMs: number;
  /** Whether it answered since the last look. */
  readonly answered: boolean;
  /** Whether a debugger may hold it. */
  readonly debugged: boolean;
  /** Processor time that it has used in all, in ms; undefined where nobody can tell. */
  readonly processorMs: number | undefined;
  /** Resident memory; undefined where nobody can tell. */
  readonly memoryBytes: number | undefined;
  /** Most that it may hold by what its folder says. Default: what the rules say. */
  readonly memoryBytesMax?: number | undefined;
}

/** What is remembered of the looks before. */
export interface HealthState {
  readonly misses: number;
  readonly lastMs: number;
  /** When it last answered, and the processor time that it had used. */
  readonly heardMs: number;
  readonly heardProcessorMs: number | undefined;
  readonly overs: number;
  readonly memory: readonly MemorySample[];
}

/** What a process is taken for. */
export type Ailment = { readonly kind: "hang" | "spin" | "memory" | "leak"; readonly text: string };

/** What is known of a process that has just become ready. */
export function newHealth(nowMs: number): HealthState {
  return { misses: 0, lastMs: nowMs, heardMs: nowMs, heardProcessorMs: undefined, overs: 0, memory: [] };
}

/**
 * Tells from one look after another what ails a process. One that a debugger holds is well whatever it does. Looks that come much later
 * than they should do not count against it: then this process was held up itself.
 */
export function lookAt(
  before: HealthState,
  look: HealthLook,
  rules: KeepRules,
): { readonly state: HealthState; readonly ailment?: Ailment } {
  if (look.debugged) return { state: newHealth(look.atMs) };
  const wasHeldUp = look.atMs - before.lastMs > rules.pingEveryMs * 2;
  const isHeard = look.answered || wasHeldUp;
  const memory =
    look.memoryBytes === undefined
      ? before.memory
      : addSample(before.memory, { atMs: look.atMs, bytes: look.memoryBytes }, rules.leakWindowMs);
  const state: HealthState = {
    misses: isHeard ? 0 : before.misses + 1,
    lastMs: look.atMs,
    heardMs: isHeard ? look.atMs : before.heardMs,
    heardProcessorMs: isHeard ? look.processorMs : (before.heardProcessorMs ?? look.processorMs),
    overs: (look.memoryBytes ?? 0) > limitOf(look, rules) ? before.overs + 1 : 0,
    memory,
  };
  const ailment = silence(state, look, rules) ?? greed(state, look, rules);
  return ailment === undefined ? { state } : { state, ailment };
}

function silence(state: HealthState, look: HealthLook, rules: KeepRules): Ailment | undefined {
  if (state.misses < rules.missesMax) return undefined;
  const silentMs = look.atMs - state.heardMs;
  const share = ((look.processorMs ?? 0) - (state.heardProcessorMs ?? look.processorMs ?? 0)) / silentMs;
  const text = `it answered nothing for ${seconds(silentMs)} s, and wanted ${Math.round(share * 100)} % of a processor`;
  return { kind: rules.spinShare > 0 && share >= rules.spinShare ? "spin" : "hang", text };
}

/** What it may hold: by its rules, or by what its folder says, whichever is less. */
function limitOf({ memoryBytesMax = Number.POSITIVE_INFINITY }: HealthLook, rules: KeepRules): number {
  return Math.min(memoryBytesMax, rules.memoryBytesMax);
}

function greed(state: HealthState, look: HealthLook, rules: KeepRules): Ailment | undefined {
  const bytes = look.memoryBytes ?? 0;
  const limit = limitOf(look, rules);
  // Twice, for a look may fall on the moment before a collection.
  if (state.overs >= 2)
    return { kind: "memory", text: `it holds ${mebibytes(bytes)} MiB, its limit is ${mebibytes(limit)} MiB` };
  const growth = steadyGrowth(state.memory, rules.leakWindowMs);
  const leftMs = (limit - bytes) / growth;
  if (growth <= 0 || leftMs > rules.leakAheadMs) return undefined;
  const perMinute = mebibytes(growth * 60_000);
  const text = `it holds ${mebibytes(bytes)} MiB, grows by ${perMinute} MiB a minute, and would reach its limit in ${seconds(leftMs)} s`;
  return { kind: "leak", text };
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}

function mebibytes(bytes: number): number {
  return Math.round((bytes / (1024 * 1024)) * 10) / 10;
}
