import type { JsonCaller } from "@orrery/http";
import type { AppCallee } from "./app-callee.ts";
import type { AppRelease } from "./app-release.ts";

/** How an app stands in a runtime. */
export interface AppStand {
  /** What runs, or is to run; undefined for nothing. */
  readonly release: AppRelease | undefined;
  /** Whether all its parts take calls. */
  readonly isReady: boolean;
  /** The release that is about to take its place. */
  readonly next: string | undefined;
  /** The last one that did not come, or that runs no more, and why; until another comes. */
  readonly failed: { readonly release: string; readonly why: string } | undefined;
  /** What calls its methods; undefined while it takes no calls. */
  readonly caller: JsonCaller | undefined;
  /** The same, for whoever knows its services by what they tell of themselves. */
  readonly callee: AppCallee | undefined;
  /** What takes calls of it, as its processes describe themselves. Default: nothing is known. */
  readonly services?: readonly AppService[];
  /** What runs of its components, also of a release that is about to come or to go. */
  readonly instances: readonly AppInstance[];
}

/** A service of an app. */
export interface AppService {
  readonly component: string;
  readonly name: string;
  readonly methods: readonly string[];
}

/** An app that takes calls. */
export interface ServingApp {
  readonly app: string;
  readonly release: AppRelease;
  readonly caller: JsonCaller;
}

/** One copy of a component of an app. */
export interface AppInstance {
  readonly name: string;
  readonly component: string;
  /** Such as `starting`, `ready` or `given-up`. */
  readonly state: string;
  readonly restarts: number;
  /** How the last one before it ended that nobody asked to; undefined for none. */
  readonly lastEnd: { readonly atMs: number; readonly text: string } | undefined;
}

/**
 * What runs apps. I1: `run` and `drop` may be said again and again, and by one who knows nothing of what was said before. I2: while a release
 * runs, the next takes its place when it is ready, and not at all where it fails. I3: what was said holds over a crash of whoever said it.
 */
export interface AppRuntime {
  /** Addresses of apps of which something is left here. */
  apps(): readonly string[];
  stand(app: string): AppStand;
  /** The apps of a space that take calls, by their addresses; the very same list until one of them stands another way. */
  serving(space: string): readonly ServingApp[];
  /** Folders of code that runs, or is about to. */
  folders(): readonly string[];
  /** Has a release run in the place of what runs of its app; begins, and tells by `onChange`. One that failed is not tried again. */
  run(release: AppRelease): void;
  /** Ends the processes of an app, with what they accepted, until `run` is said again; forgets nothing, also over a crash. */
  rest(app: string): Promise<void>;
  /** Ends all of an app, with what it accepted, and forgets it; done when nothing is left. */
  drop(app: string): Promise<void>;
  /** Calls back with the app whenever one stands another way. */
  onChange(listener: (app: string) => void): void;
  /** Ends all processes, with what they accepted; the next runtime starts them again. */
  close(): Promise<void>;
}

/** Those of some apps that take calls, by their addresses. */
export function servingOf(space: string, { apps, stand }: Pick<AppRuntime, "apps" | "stand">): readonly ServingApp[] {
  const own = apps().filter((app) => app.startsWith(`${space}:`));
  return own.sort().flatMap((app) => {
    const { release, caller } = stand(app);
    return release === undefined || caller === undefined ? [] : [{ app, release, caller }];
  });
}

/** An app of which there is nothing. */
export const NO_STAND: AppStand = {
  release: undefined,
  isReady: false,
  next: undefined,
  failed: undefined,
  caller: undefined,
  callee: undefined,
  instances: [],
};
