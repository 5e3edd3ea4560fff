import { OrreryError } from "@orrery/core";
import type { Supervisor } from "../supervise/supervise.ts";
import { type HostConfig, type HostSize, sizeWithin, spanOf } from "./host-config.ts";
import type { Versions } from "./release.ts";

/** How many processes of each component a host runs. */
export interface HostSizes {
  /** Whether versions or settings are changing, so that no size can. */
  readonly isChanging: boolean;
  /** Components that run. */
  components(): readonly string[];
  /** How many processes of a component are to run. */
  sizeOf(component: string): HostSize;
  /** Runs more or fewer processes of a component, within what the host's file says. @throws OrreryError `unavailable` while versions change. */
  resize(component: string, size: Partial<HostSize>): void;
}

/** Options of the sizes of a host. */
export interface HostSizesOptions {
  readonly host: string;
  /** What runs already, as an earlier life of the host left it. */
  readonly spec: Supervisor["spec"];
  readonly config: () => HostConfig;
  readonly running: () => Versions;
  readonly isChanging: () => boolean;
  /** Lets sizes count. */
  readonly apply: () => void;
}

/** Makes the sizes of a host; `all` is what is known of them. */
export function createHostSizes(
  options: HostSizesOptions,
): HostSizes & { readonly all: ReadonlyMap<string, HostSize> } {
  const { host, config, running, isChanging } = options;
  const all = new Map([...countsOf(options.spec)].map(([component, own]) => [component, { own, lent: 0 }]));
  const sizeOf = (component: string): HostSize => {
    if (!running().has(component)) return { own: 0, lent: 0 };
    return sizeWithin(spanOf(config(), component), all.get(component));
  };
  return {
    all,
    get isChanging() {
      return isChanging();
    },
    components: () => [...running().keys()],
    sizeOf,
    resize(component, size) {
      if (isChanging() || !running().has(component)) {
        const why = isChanging() ? "versions are changing, try again later" : "it does not run here";
        throw new OrreryError("unavailable", `Cannot size component "${component}" on host "${host}": ${why}`);
      }
      all.set(component, { ...sizeOf(component), ...size });
      options.apply();
    },
  };
}

/** Component that a child serves. */
export function componentOf(child: string): string {
  return child.replace(/-\d+(\.next\d*)?$/, "");
}

/** Children of each component that a supervisor was told to keep up, as an earlier life of the host left it. */
function countsOf({ groups }: Supervisor["spec"]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { name } of groups.flatMap(({ children }) => children))
    counts.set(componentOf(name), (counts.get(componentOf(name)) ?? 0) + 1);
  return counts;
}
