import type { Clock, OrreryError } from "@orrery/core";
import {
  createKindDriver,
  type KindDriver,
  type KindDriverOptions,
  type PropertyValue,
  type ResourceView,
  type Status,
} from "@orrery/registry";
import { APP_DRIVER } from "./app-kind.ts";
import type { AppMechtrons } from "./app-mechtrons.ts";
import type { AppReleases, FoundRelease } from "./app-release.ts";
import type { AppResources } from "./app-resources.ts";
import type { AppRuntime, AppStand } from "./app-runtime.ts";
import { isSameSize } from "./app-sizes.ts";
import { statusOf } from "./app-status.ts";
import type { InstanceQuota } from "./instance-quota.ts";
import { APP_HISTORY_KEPT } from "./limits.ts";
import type { AppLogs } from "./logs/system-app-logs.ts";

/** Options of the driver of apps. */
export interface AppDriverOptions extends KindDriverOptions {
  readonly releases: AppReleases;
  readonly runtime: AppRuntime;
  /** Makes what apps need before they run. Default: nothing is made. */
  readonly resources?: AppResources;
  /** Makes the mechtrons of apps. Default: there are none. */
  readonly mechtrons?: AppMechtrons;
  /** Holds apps to what the plans of their Spaces let run. Default: nothing does. */
  readonly quota?: InstanceQuota;
  /** Told what that refused. Default: nobody. */
  readonly onRefused?: ((error: OrreryError) => void) | undefined;
  /** Where it is told how far apps are. Default: nowhere. */
  readonly logs?: Pick<AppLogs, "note" | "drop">;
}

/** Makes the driver of apps; it does nothing before `start`. */
export function createAppDriver({
  releases,
  runtime,
  resources,
  mechtrons,
  quota,
  onRefused,
  logs,
  ...options
}: AppDriverOptions): KindDriver {
  const work = {
    kind: "App",
    driver: APP_DRIVER,
    left: () => runtime.apps(),
    rest: async (app: string) => {
      await runtime.rest(app);
      quota?.free(app);
    },
    drop: async (app: string) => {
      await runtime.drop(app);
      quota?.free(app);
      releases.forget(app);
      await resources?.forget(app);
      logs?.drop(app);
    },
    onChange: (listener: (app: string) => void) => {
      runtime.onChange(listener);
      releases.onChange?.(listener);
      quota?.onRoom(listener);
    },
  };
  return createKindDriver(
    {
      ...work,
      compare: async (resource, signal) => {
        const release = await releases.find(resource);
        const isWanted = !signal.aborted && release.kind === "release";
        const needs = isWanted ? await resources?.make({ ...release.release, owner: resource.owner }) : undefined;
        const whole: FoundRelease = needs?.lacks === undefined ? release : { ...needs.lacks, looked: release.looked };
        const tooMany = isWanted && whole.kind === "release" ? await quota?.admit(whole.release) : undefined;
        const found: FoundRelease =
          tooMany === undefined ? whole : { kind: "refused", why: tooMany.message, looked: whole.looked };
        if (tooMany !== undefined && !resource.status.reason?.includes(tooMany.message)) onRefused?.(tooMany);
        const isGoing = !signal.aborted && found.kind === "release";
        if (isGoing) runtime.run(found.release);
        const made = isGoing ? await mechtrons?.make(found.release, resource.owner) : undefined;
        const stand = runtime.stand(resource.address);
        const status = together(statusOf(found, stand), made?.lacks);
        const about = { phase: phaseOf(found, stand, status), ...wantedOf(resource) };
        const isNew = !isAsBefore(resource.status, about);
        if (isNew && logs !== undefined) tell(resource.address, { phase: about.phase, status, found }, logs);
        const details = {
          ...status.details,
          ...about,
          ...sizedOf(resource, found, stand),
          history: historyOf(resource.status, { stand, phase: about.phase }, options.clock),
          since: sinceOf(resource.status, about, options.clock),
          ...(tooMany && { overPlan: { sizes: sizesOf(resource), why: tooMany.message } }),
          ...(found.kind === "refused" && found.said && { build: found.said }),
        };
        const looked = [...found.looked, ...(needs?.looked ?? []), ...(made?.looked ?? [])];
        return { status: { ...status, details }, looked };
      },
    },
    options,
  );
}

/** What was asked for that this status is about, so that nobody takes it for an answer to what came later. */
function wantedOf({ properties: { config, check } }: ResourceView): Readonly<Record<string, string>> {
  return { config: String(config), ...(check !== undefined && { check: String(check) }) };
}

/** Since when an app is in a phase of what is wanted of it, in ms since 1970. */
function sinceOf({ details = {} }: Status, about: Readonly<Record<string, string>>, clock: Pick<Clock, "now">): number {
  return isAsBefore({ details }, about) && typeof details["since"] === "number" ? details["since"] : clock.now();
}

/** The sizes that are said, as text. */
function sizesOf({ properties: { instances } }: ResourceView): string {
  return JSON.stringify(Object.entries(instances ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Which sizes count, as text, once those that are said do. */
function sizedOf(
  resource: ResourceView,
  found: FoundRelease,
  { release, next, instances: running }: AppStand,
): Readonly<Record<string, string>> {
  if (found.kind !== "release" || release === undefined || next !== undefined) return {};
  const isAll = isSameSize(found.release.file, release.file) && running.every(({ state }) => state === "ready");
  return isAll ? { sized: sizesOf(resource) } : {};
}

/** What ran, the last first, with when it came: what an app may go back to. */
function historyOf(
  { details = {} }: Status,
  { stand, phase }: { readonly stand: AppStand; readonly phase: string },
  clock: Pick<Clock, "now">,
): PropertyValue {
  const before = (details["history"] ?? []) as readonly { readonly config: string; readonly atMs: number }[];
  const { release, isReady } = stand;
  if (release === undefined || !isReady || phase !== "running" || before[0]?.config === release.source)
    return before.map(({ config, atMs }) => ({ config, atMs }));
  const others = before.filter(({ config }) => config !== release.source).map(({ config, atMs }) => ({ config, atMs }));
  return [{ config: release.source, atMs: clock.now() }, ...others].slice(0, APP_HISTORY_KEPT);
}

function isAsBefore({ details = {} }: Pick<Status, "details">, about: Readonly<Record<string, string>>): boolean {
  return ["phase", "config", "check"].every((name) => details[name] === about[name]);
}

/** Says in the log of an app how far it is, and what is wrong with its code. */
function tell(
  app: string,
  { phase, status, found }: { readonly phase: string; readonly status: Status; readonly found: FoundRelease },
  logs: Pick<AppLogs, "note">,
): void {
  const why = phase === "error" && status.reason !== undefined ? `: ${status.reason}` : "";
  logs.note(app, { stream: "build", text: `is ${phase}${why}` });
  const said = found.kind === "refused" ? (found.said ?? []) : [];
  if (said.length > 0) logs.note(app, { stream: "build", text: said.join("\n") });
}

/** How far an app is on its way to what it is to be. */
function phaseOf(found: FoundRelease, { failed }: AppStand, { state, reason }: Status): string {
  if (found.kind === "waits") return found.isBuilding === true ? "building" : "pending";
  if (found.kind === "refused" || failed?.release === found.release.id || state === "Panic") return "error";
  return state === "Ready" && reason === undefined ? "running" : "starting";
}

/** An app is what its components are, and not before its mechtrons are. */
function together(own: Status, lacks: Status | undefined): Status {
  if (lacks === undefined || own.state !== "Ready" || own.reason !== undefined) return own;
  return { ...own, ...lacks };
}
