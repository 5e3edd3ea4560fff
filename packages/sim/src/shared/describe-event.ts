import { TICKS_PER_MS } from "../limits.ts";
import { describeFrame } from "../network/frame.ts";
import type { Place } from "../network/sim-network.ts";
import type { EventKey } from "../order/event-key.ts";
import type { PlannedEvent } from "../order/event-queue.ts";

const PHASES = ["control", "fault", "delivery", "timer", "run"] as const;

/** Tells an event for people, as `12.5 ms delivery at till from visitor: request 3 till.pay`. */
export function describeEvent(event: PlannedEvent, places: readonly Place[]): string {
  const { tick, phase, target, origin, frame, note } = event;
  const name = (number: number) => places[number - 1]?.name ?? "world";
  const from = origin === target ? "" : ` from ${name(origin)}`;
  const what = note ?? (frame === undefined ? "" : describeFrame(frame));
  return `${tick / TICKS_PER_MS} ms ${PHASES[phase]} at ${name(target)}${from}${what === "" ? "" : `: ${what}`}`;
}

/** The place of an event in the order of the world, as data. */
export function keyOf({ tick, round, phase, target, origin, sequence }: PlannedEvent): EventKey {
  return { tick, round, phase, target, origin, sequence };
}
