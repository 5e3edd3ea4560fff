import { isControl } from "@orrery/core/internal";
import { TICKS_PER_MS } from "../limits.ts";
import type { PlannedEvent } from "../order/event-queue.ts";
import { describeRecord } from "../view/recording.ts";
import type { ModelWorld } from "../world/model-world.ts";
import { assertMethod } from "./names.ts";
import type { Goal } from "./stepped-run.ts";
import { unfit } from "./unfit.ts";

/** How `until` is written. */
export const UNTIL_USAGE =
  "until 120 ms, until event 40, until message SERVICE.METHOD, until point NAME, or until TEXT";

const UNITS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Reads a time such as `120`, `120 ms`, `1.5s`, in ms; undefined for what is none. */
export function readMs(text: string): number | undefined {
  const [, number, unit = "ms"] = /^(\d[\d,]*(?:\.\d+)?)\s*(us|ms|s|m|h)?$/.exec(text.trim()) ?? [];
  return number === undefined ? undefined : Number(number.replaceAll(",", "")) * (UNITS[unit] ?? 1);
}

/** Reads how far to go on: to a time or an event, before a message arrives, or until something was said in the trace. */
export function readTarget(line: string, text: string, world: ModelWorld): Goal {
  const ms = readMs(text);
  if (ms !== undefined) return untilTime(line, ms, world);
  const [kind = "", ...words] = text.split(/\s+/);
  const rest = words.join(" ");
  if (text === "") throw unfit(line, `write ${UNTIL_USAGE}`);
  if (kind === "event") return untilEvent(line, rest, world);
  if (kind === "message") {
    if (rest !== "") assertMethod(line, rest, world);
    return { isBefore: (event) => carries(event, rest) };
  }
  const isSaid =
    kind === "point" && rest !== ""
      ? said(world, (told) => told.includes(`point ${rest} in `))
      : said(world, (told) => told.includes(text));
  return { isReached: isSaid };
}

function untilTime(line: string, ms: number, world: ModelWorld): Goal {
  const tick = Math.round(ms * TICKS_PER_MS);
  if (tick < world.scheduler.tick)
    throw unfit(line, `the world is at ${world.elapsedMs} ms, write a later time, or go back`);
  return { tick };
}

function untilEvent(line: string, text: string, world: ModelWorld): Goal {
  const number = Number(text.replace("#", ""));
  if (!Number.isSafeInteger(number) || text === "")
    throw unfit(line, "write the number of an event, as until event 40");
  if (number < world.events) throw unfit(line, `${world.events} events have run, write a larger number, or go back`);
  return { isReached: () => world.events >= number };
}

/** Whether an event brings a message: `service.method`, a service for all of its methods, or nothing for any. */
function carries({ frame }: PlannedEvent, wanted: string): boolean {
  if (frame?.kind !== "message" || isControl(frame.message)) return false;
  const { head } = frame.message;
  if (wanted === "") return true;
  return head !== undefined && (head.component === wanted || `${head.component}.${head.method}` === wanted);
}

/** Whether one of the lines that come from now on fits. */
function said(world: ModelWorld, fits: (told: string) => boolean): () => boolean {
  let seen = world.trace.records.length;
  return () => {
    for (; seen < world.trace.records.length; seen++) {
      const record = world.trace.records[seen];
      if (record !== undefined && record.kind !== "span" && fits(describeRecord(record))) return true;
    }
    return false;
  };
}
