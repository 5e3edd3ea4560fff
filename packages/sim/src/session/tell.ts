import type { Failure } from "../explore/failure.ts";
import { sayFailure } from "../explore/replay.ts";
import { describeFrame } from "../network/frame.ts";
import type { PlannedEvent } from "../order/event-queue.ts";
import type { TraceRecord } from "../trace/trace.ts";
import { describeRecord, formatTick } from "../view/recording.ts";
import type { ModelWorld } from "../world/model-world.ts";

/** What of a trace is not told unless it is asked for: how far each message is stands in its events already. */
const QUIET: ReadonlySet<string> = new Set(["span", "flow"]);

/** Tells events and what happened within them, a line each: the number of an event, its time, and what it is. */
export function tellRecords(records: readonly TraceRecord[], firstEvent: number): readonly string[] {
  let event = firstEvent - 1;
  return records
    .filter(({ kind }) => !QUIET.has(kind))
    .map((record) => {
      if (record.part > 0) return `${" ".repeat(WIDTH)}  ${describeRecord(record)}`;
      event++;
      return `${placeOf(event, record.tick)}  ${describeRecord(record)}`;
    });
}

/** Tells an event that is planned. */
export function tellPlanned(event: PlannedEvent, world: ModelWorld): string {
  return `${formatTick(event.tick, 3)} ms  ${describePlanned(event, world)}`;
}

/** Tells an event that is planned, without its time. */
export function describePlanned({ frame, note, phase, target, origin }: PlannedEvent, world: ModelWorld): string {
  const names = ["world", ...world.nodes.keys()];
  const where = names[target] ?? "world";
  if (frame !== undefined) return `${names[origin] ?? "world"} → ${where}: ${describeFrame(frame)}`;
  const kind = ["control", "", "delivery", "timer", ""][phase] ?? "";
  return `${where}: ${[kind, note ?? ""].filter((word) => word !== "").join(" ")}`;
}

/** Tells how a run ended. */
export function tellEnd(failure: Failure | undefined, world: ModelWorld): readonly string[] {
  const how = failure === undefined ? "held" : `failed: ${sayFailure(failure)}`;
  return [how, `The run has ended at ${formatTick(world.scheduler.tick)} ms after ${world.events} events`];
}

/** Writes a time as people read it. */
export function tellTime(world: ModelWorld): string {
  return `${formatTick(world.scheduler.tick, 3)} ms`;
}

function placeOf(event: number, tick: number): string {
  return `${`#${event}`.padStart(6)} ${`${formatTick(tick, 3)} ms`.padStart(WIDTH - 7)}`;
}

const WIDTH = 22;
