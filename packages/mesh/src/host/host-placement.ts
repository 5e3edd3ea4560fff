import { type Clock, OrreryError } from "@orrery/core";
import { STAND_LOOK_MS } from "../elastic/limits.ts";
import type { Placement } from "../elastic/placement.ts";
import type { ChildStatus, Supervisor } from "../supervise/supervise.ts";
import type { HostSize } from "./host-config.ts";
import { componentOf, type HostSizes } from "./host-sizes.ts";
import { SIZE_START_MS } from "./limits.ts";

/** Options of processes of a host as a place for instances. */
export interface HostPlacementOptions {
  readonly supervisor: Pick<Supervisor, "status">;
  readonly sizes: HostSizes;
  readonly clock: Clock;
  /** Processes of all components at which there is no more room. */
  readonly processesMax: () => number;
  /** On whose account they run: the host's own, or that of others. */
  readonly account: keyof HostSize;
}

/** Runs more or fewer processes of a host's components. While versions change there is no room, and what is to go waits. */
export function createHostPlacement(options: HostPlacementOptions): Placement {
  const { supervisor, sizes, clock, account, processesMax } = options;
  const childrenOf = (component: string) => supervisor.status().filter(({ name }) => componentOf(name) === component);
  const total = () => sizes.components().reduce((sum, one) => sum + sumOf(sizes.sizeOf(one)), 0);
  const resize = (component: string, by: number) =>
    sizes.resize(component, { [account]: Math.max(0, sizes.sizeOf(component)[account] + by) });
  return {
    name: "host",
    scope: "host",
    list(component) {
      const size = sizes.sizeOf(component);
      const ready = childrenOf(component).filter(({ state }) => state === "ready").length;
      return {
        instances: size[account],
        starting: Math.max(0, Math.min(size[account], sumOf(size) - ready)),
        room: sizes.isChanging ? 0 : Math.max(0, processesMax() - total()),
      };
    },
    async grow(component, count) {
      const before = namesOf(childrenOf(component));
      resize(component, count);
      const untilMs = clock.monotonic() + SIZE_START_MS;
      const late = () => childrenOf(component).filter(({ name, state }) => !before.has(name) && state !== "ready");
      while (late().some(isStarting) && clock.monotonic() < untilMs) await clock.sleep(STAND_LOOK_MS);
      const failed = late();
      if (failed.length === 0) return;
      if (!sizes.isChanging) resize(component, -Math.min(count, failed.length));
      const names = failed.map(({ name, state, cause }) => `"${name}" is ${state}${cause && `: ${cause}`}`).join(", ");
      throw new OrreryError("unavailable", `Cannot run ${count} more of "${component}": ${names}`);
    },
    async shrink(component, count) {
      while (sizes.isChanging) await clock.sleep(CHANGED_LOOK_MS);
      resize(component, -count);
      const stays = sumOf(sizes.sizeOf(component));
      while (childrenOf(component).length > stays && sumOf(sizes.sizeOf(component)) <= stays)
        await clock.sleep(CHANGED_LOOK_MS);
    },
  };
}

/** How often it is looked whether processes have gone, or versions have changed: nobody hurries. */
const CHANGED_LOOK_MS = 100;

function isStarting({ state }: ChildStatus): boolean {
  return state !== "ready" && state !== "given-up" && state !== "finished";
}

function sumOf({ own, lent }: HostSize): number {
  return own + lent;
}

function namesOf(children: readonly ChildStatus[]): ReadonlySet<string> {
  return new Set(children.map(({ name }) => name));
}
