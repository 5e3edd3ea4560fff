import type { Clock } from "@orrery/core";
import type { AppRelease } from "../apps/app-release.ts";
import { type AppRuntime, type AppStand, NO_STAND, servingOf } from "../apps/app-runtime.ts";

/** A runtime in memory. */
export interface MemoryRuntime extends AppRuntime {
  /** Every release that ever ran of an app, in order. */
  ran(app: string): readonly string[];
}

/** Options of a runtime in memory. */
export interface MemoryRuntimeOptions {
  readonly clock: Clock;
  /** How long the next thing takes, in ms. */
  readonly delayMs: () => number;
  /** Whether a release comes up. */
  readonly isGood: (release: AppRelease) => boolean;
}

/** Makes the model of a runtime: what it is told takes time, and holds although whoever told it is gone. */
export function createMemoryRuntime({ clock, delayMs, isGood }: MemoryRuntimeOptions): MemoryRuntime {
  const stands = new Map<string, AppStand>();
  const resting = new Set<string>();
  const ran = new Map<string, string[]>();
  const listeners: ((app: string) => void)[] = [];
  const put = (app: string, stand: Partial<AppStand>) => {
    stands.set(app, { ...(stands.get(app) ?? NO_STAND), ...stand });
    for (const listener of listeners) listener(app);
  };
  const come = (release: AppRelease) => {
    const { app, id } = release;
    const now = stands.get(app);
    if (now?.next !== id) return; // It was dropped meanwhile.
    if (isGood(release)) {
      ran.set(app, [...(ran.get(app) ?? []), id]);
      put(app, { release, isReady: true, next: undefined, failed: undefined });
    } else {
      const failed = { release: id, why: "it is broken" };
      put(app, { next: undefined, failed, ...(now.isReady ? {} : { release, isReady: false }) });
    }
  };
  const stand = (app: string) => stands.get(app) ?? NO_STAND;
  return {
    ran: (app) => ran.get(app) ?? [],
    apps: () => [...new Set([...stands.keys(), ...resting])],
    stand,
    serving: (space) => servingOf(space, { apps: () => [...stands.keys()], stand }),
    folders: () => [...stands.values()].flatMap(({ release }) => release?.folder ?? []),
    run: (release) => {
      const { app, id } = release;
      const now = stands.get(app) ?? NO_STAND;
      if (now.next !== undefined || now.failed?.release === id) return;
      if (now.release?.id === id) {
        if (now.failed !== undefined && now.isReady) stands.set(app, { ...now, failed: undefined });
        return;
      }
      resting.delete(app);
      stands.set(app, { ...now, next: id });
      clock.timer(delayMs(), () => come(release));
    },
    rest: async (app) => {
      await clock.sleep(delayMs());
      if (stands.delete(app)) resting.add(app);
    },
    drop: async (app) => {
      await clock.sleep(delayMs());
      stands.delete(app);
      resting.delete(app);
    },
    onChange: (listener) => void listeners.push(listener),
    close: async () => undefined,
  };
}
