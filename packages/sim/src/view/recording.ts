import { OrreryError } from "@orrery/core";
import { TICKS_PER_MS } from "../limits.ts";
import type { Place } from "../network/sim-network.ts";
import type { TraceRecord } from "../trace/trace.ts";
import type { World } from "../world/world.ts";

/** A run that is over, or a part of it: all that is needed to look at it. Data alone. */
export interface Recording {
  /** Name of what was run; empty for none. */
  readonly scenario: string;
  readonly seed: number;
  /** Wall time of tick 0, in ms since 1970. */
  readonly epochMs: number;
  /** Nodes of the world, in the order of their numbers. */
  readonly nodes: readonly Place[];
  /** Hash of the whole trace. */
  readonly hash: string;
  readonly records: readonly TraceRecord[];
}

/**
 * Takes what a world has kept so far. It is made once: what happens later is not in it.
 * @throws OrreryError `failed_precondition` for a world that keeps no lines
 * @example
 * const world = createWorld({ trace: "keep" });
 */
export function recordingOf(world: World, { scenario = "" }: { readonly scenario?: string } = {}): Recording {
  const { seed, epochMs, trace, nodes } = world;
  if (trace.records.length === 0 && trace.length > 0) {
    const text = 'Cannot look at the run: its world has kept no lines, create it with trace: "keep"';
    throw new OrreryError("failed_precondition", text);
  }
  const places = [...nodes.values()].map(({ name, machine, zone }, index) => ({
    name,
    number: index + 1,
    machine,
    zone,
  }));
  return { scenario, seed, epochMs, nodes: places, hash: trace.hash, records: [...trace.records] };
}

/** Tick at which a recording ends. */
export function endTickOf({ records }: Recording): number {
  return records.at(-1)?.tick ?? 0;
}

/** Writes a tick as ms, such as `1,056.25`; `digits` after the point, or as many as it needs. */
export function formatTick(tick: number, digits?: number): string {
  const text = digits === undefined ? String(tick / TICKS_PER_MS) : (tick / TICKS_PER_MS).toFixed(digits);
  const [whole = "", part] = text.split(".");
  const grouped = whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
  return part === undefined ? grouped : `${grouped}.${part}`;
}

/** Tells a line of a trace in words, without its time: `till → store: request 3 cell.set`. */
export function describeRecord({ kind, node, from, text, what }: TraceRecord): string {
  const where = node === "" ? "world" : node;
  if (kind === "delivery") return `${from} → ${where}: ${text}`;
  if (kind === "lost") return `${where} → ${what?.to ?? "?"}: ${text}`;
  if (kind === "timer") return `${where}: timer${text === "" ? "" : ` ${text}`}`;
  return `${where}: ${kind === "fault" || kind === "log" ? "" : `${kind} `}${text}`;
}
