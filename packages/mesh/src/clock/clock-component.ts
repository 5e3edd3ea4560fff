import { type Component, defineComponent, OrreryError } from "@orrery/core";
import type { ClockResult, ClockStatus, Coordinator } from "@orrery/sim/internal";
import { Clock } from "../gen/orrery/clock/v1/clock_pb.ts";

/** Options of the component by which people and programs move a clock. */
export interface ClockComponentOptions {
  readonly coordinator: Coordinator;
  /** Process ids of the members, by number. */
  readonly pidOf: (member: number) => number;
  /** Whether the run goes on where nothing is left to happen, because something may come from outside. */
  readonly stays: boolean;
  /** Ends the run. */
  readonly stop: () => Promise<ClockResult>;
}

/** Callers that may wait at once for a clock to stop. */
const INSTANCES = 16;

/** Makes the component `orrery.clock.v1.Clock`. */
export function createClockComponent(options: ClockComponentOptions): Component {
  const { coordinator, stays, stop } = options;
  const stateOf = (status: ClockStatus | ClockResult) => describe(status, options);
  return defineComponent(
    Clock,
    () => ({
      status: () => stateOf(coordinator.status),
      step: async () => stateOf(await coordinator.step()),
      tick: async ({ count }) => stateOf(await coordinator.tick(count === 0 ? 1 : count)),
      async run() {
        const running = coordinator.run({ stays });
        running.catch(() => undefined); // The status tells it.
        await Promise.race([running, Promise.resolve()]);
        return stateOf(coordinator.status);
      },
      async until({ timeMs, words }) {
        assertGoal(timeMs, words);
        const match = words.length === 0 ? {} : { match: words };
        return stateOf(await coordinator.run({ ...(timeMs === undefined ? {} : { untilMs: timeMs }), ...match }));
      },
      pause: async () => stateOf(await coordinator.pause()),
      inject: async ({ fault }) => stateOf(await coordinator.inject(fault)),
      attach: async ({ timeMs }) => stateOf(await coordinator.attach(timeMs)),
      stop: async () => stateOf(await stop()),
    }),
    { instances: INSTANCES },
  );
}

function assertGoal(timeMs: number | undefined, words: readonly string[]): void {
  if (timeMs === undefined && words.length === 0)
    throw new OrreryError("invalid_argument", "Cannot run until nothing: give a time, or words of an event");
  if (timeMs !== undefined && !(timeMs >= 0 && timeMs <= MS_MAX))
    throw new OrreryError("invalid_argument", `Cannot run until ${timeMs} ms: write a number from 0 to ${MS_MAX}`);
}

/** So that its ticks are whole numbers. */
const MS_MAX = Number.MAX_SAFE_INTEGER / 1000 - 1;

function describe(status: ClockStatus | ClockResult, { pidOf }: ClockComponentOptions) {
  const { state, elapsedMs, nextMs, events, windows, matched, failure, members } = status;
  return {
    state,
    elapsedMs,
    ...(nextMs === undefined ? {} : { nextMs }),
    events,
    windows,
    matched,
    failure,
    hash: "hash" in status ? status.hash : "",
    members: members.map(({ member, nodes, events: own, nextMs: ownNextMs, last, busy }) => ({
      number: member,
      pid: pidOf(member),
      nodes: [...nodes],
      events: own,
      ...(ownNextMs === undefined ? {} : { nextMs: ownNextMs }),
      last,
      busy: [...busy],
    })),
  };
}
