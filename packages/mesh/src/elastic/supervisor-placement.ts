import { type Clock, OrreryError } from "@orrery/core";
import type { ChildSpec, GroupSpec } from "../supervise/spec.ts";
import type { Supervisor } from "../supervise/supervise.ts";
import { STAND_LOOK_MS } from "./limits.ts";
import type { Placement } from "./placement.ts";

/** Options of processes of this host. */
export interface SupervisorPlacementOptions {
  readonly supervisor: Pick<Supervisor, "apply" | "spec" | "status" | "retry">;
  readonly clock: Clock;
  /** The child that serves a component in a slot, from 0. Its name tells component and slot apart from all others. */
  readonly childOf: (component: string, slot: number) => ChildSpec;
  /** Processes of all components together. */
  readonly processesMax: number;
  /** Prefix of the names of the groups that it owns, one for a component. Default: `elastic-`. */
  readonly groupPrefix?: string;
  /** How long a process may take to be ready, in ms. Default: 30,000. */
  readonly startMs?: number;
}

/** Runs more or fewer processes on this host: says to a supervisor what is to run, and leaves alone what it did not say itself. */
export function createSupervisorPlacement(options: SupervisorPlacementOptions): Placement {
  const { supervisor, clock, childOf, processesMax, groupPrefix = "elastic-", startMs = 30_000 } = options;
  const groupOf = (component: string) => `${groupPrefix}${component.replaceAll(/[^A-Za-z0-9._-]/g, "_")}`;
  const own = () => supervisor.spec.groups.filter(({ name }) => name.startsWith(groupPrefix));
  const childrenOf = (component: string) => own().find(({ name }) => name === groupOf(component))?.children ?? [];
  const resize = (component: string, size: number): readonly ChildSpec[] => {
    const name = groupOf(component);
    const children = Array.from({ length: size }, (_, slot) => childOf(component, slot));
    const others = supervisor.spec.groups.filter((group) => group.name !== name);
    const mine: readonly GroupSpec[] = size === 0 ? [] : [{ name, children }];
    supervisor.apply({ ...supervisor.spec, groups: [...others, ...mine] });
    return children;
  };
  const stateOf = (child: string) => supervisor.status().find(({ name }) => name === child)?.state;
  const whenAll = async (
    children: readonly ChildSpec[],
    isDone: (state: string | undefined) => boolean,
    untilMs: number,
  ) => {
    while (!children.every(({ name }) => isDone(stateOf(name))) && clock.monotonic() < untilMs)
      await clock.sleep(STAND_LOOK_MS);
    return children.filter(({ name }) => !isDone(stateOf(name)));
  };
  return {
    name: "host",
    scope: "host",
    list(component) {
      const children = childrenOf(component);
      const taken = own().reduce((sum, group) => sum + group.children.length, 0);
      const starting = children.filter(({ name }) => stateOf(name) !== "ready").length;
      return { instances: children.length, starting, room: Math.max(0, processesMax - taken) };
    },
    async grow(component, count) {
      const before = childrenOf(component).length;
      const fresh = resize(component, before + count).slice(before);
      const isOver = (state: string | undefined) => state === "ready" || state === "given-up";
      await whenAll(fresh, isOver, clock.monotonic() + startMs);
      const late = fresh.filter(({ name }) => stateOf(name) !== "ready");
      if (late.length === 0) return;
      const size = Math.min(childrenOf(component).length, before + count - late.length);
      resize(component, Math.max(0, size));
      const names = late.map(({ name }) => `"${name}" is ${stateOf(name) ?? "gone"}`).join(", ");
      throw new OrreryError("unavailable", `Cannot run ${count} more of "${component}": ${names} after ${startMs} ms`);
    },
    async shrink(component, count) {
      const before = childrenOf(component);
      const size = Math.max(0, before.length - count);
      resize(component, size);
      await whenAll(before.slice(size), (state) => state === undefined, Number.POSITIVE_INFINITY);
    },
  };
}
