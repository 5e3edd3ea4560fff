import type { Clock, Log } from "@orrery/core";
import { createHostPlacement, createHostSizer, type HostSizer, type HostSizes } from "@orrery/mesh/internal";
import type { ChildStatus, Supervisor } from "@orrery/mesh/supervise";
import type { AppFile } from "./app-file.ts";
import { spanOf } from "./app-sizes.ts";
import { APP_INSTANCES_MAX } from "./limits.ts";
import { componentOf } from "./logs/log-line.ts";

/** Options of what sizes the components of an app. */
export interface AppSizerOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly supervisor: Pick<Supervisor, "status" | "spec">;
  /** What runs. */
  readonly file: () => AppFile | undefined;
  /** Whether another release, or another size, is about to come. */
  readonly isChanging: () => boolean;
  /** Has sizes count. */
  readonly apply: () => void;
}

/** How many processes the components of an app have, of which some follow what waits for them. */
export interface AppSizer extends Pick<HostSizer, "hear" | "follow" | "close"> {
  /** Processes that a component is to have, within what a file says. */
  sizeOf(component: string, file: AppFile): number;
}

/** Makes what sizes the components of an app; it goes on from what its supervisor runs. */
export function createAppSizer({ clock, log, supervisor, file, isChanging, apply }: AppSizerOptions): AppSizer {
  const wanted = new Map<string, number>();
  for (const { name } of supervisor.spec.groups.flatMap(({ children }) => children))
    wanted.set(componentOf(name), (wanted.get(componentOf(name)) ?? 0) + 1);
  const partOf = (name: string, one: AppFile | undefined) => one?.components.find((part) => part.name === name);
  const sizeOf = (component: string, one: AppFile | undefined) => {
    const part = partOf(component, one);
    if (part === undefined) return 0;
    const { min, max } = spanOf(part);
    return Math.min(max, Math.max(min, wanted.get(component) ?? 0));
  };
  const sizes: HostSizes = {
    get isChanging() {
      return isChanging();
    },
    components: () => (file()?.components ?? []).map(({ name }) => name),
    sizeOf: (component) => ({ own: sizeOf(component, file()), lent: 0 }),
    resize: (component, { own = 0 }) => {
      wanted.set(component, own);
      apply();
    },
  };
  const statusOf: Pick<Supervisor, "status"> = { status: (): readonly ChildStatus[] => supervisor.status() };
  const placing = { supervisor: statusOf, sizes, clock, account: "own" as const };
  const sizer = createHostSizer({
    ...{ clock, log, supervisor: statusOf },
    rules: () => rulesOf(file()),
    placements: [
      createHostPlacement({ ...placing, processesMax: () => APP_INSTANCES_MAX * sizes.components().length }),
    ],
  });
  return {
    hear: sizer.hear.bind(sizer),
    follow: sizer.follow.bind(sizer),
    close: sizer.close.bind(sizer),
    sizeOf,
  };
}

/** What the sizes of components follow that have a least and a most. */
function rulesOf(file: AppFile | undefined) {
  const sized = (file?.components ?? []).flatMap((part) => {
    const { min, max, waitMs } = spanOf(part);
    return min < max ? [[part.name, { min, max, ...(waitMs !== undefined && { waitMs }) }] as const] : [];
  });
  return Object.fromEntries(sized);
}
