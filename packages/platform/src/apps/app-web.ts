import type { JsonCaller } from "@orrery/http";
import { createRouteTable, type Matched, type RouteTable } from "../bind/route-table.ts";
import type { MechtronHost } from "../mechtrons/mechtron-host.ts";
import type { RequestLog } from "../web/request-log.ts";
import type { SpaceApps, SpaceService } from "../web/space-apps.ts";
import type { AppRuntime, ServingApp } from "./app-runtime.ts";
import { servicesOf } from "./app-services.ts";
import { createMechtronCaller } from "./mechtron-caller.ts";

/** What the apps of one space answer to, while they stand as they do. */
interface SpaceView {
  readonly serving: readonly ServingApp[];
  readonly tables: readonly RouteTable[];
  readonly services: readonly SpaceService[];
  /** By component; what has none is asked for anew, since anybody may ask for any. */
  readonly callees: Map<string, Callee>;
}

interface Callee {
  readonly app: string;
  readonly caller: JsonCaller;
  readonly isMechtron: boolean;
}

/** Lets the apps that a runtime runs answer for their spaces; where several could, the one whose address comes first. */
export function createAppWeb(
  runtime: Pick<AppRuntime, "serving">,
  mechtrons: Pick<MechtronHost, "ask">,
  requests?: RequestLog,
): SpaceApps {
  const views = new WeakMap<readonly ServingApp[], SpaceView>();
  const viewOf = (space: string): SpaceView => {
    const serving = runtime.serving(space);
    const known = views.get(serving);
    if (known !== undefined) return known;
    const view = makeView(serving);
    views.set(serving, view);
    return view;
  };
  const find = ({ serving }: SpaceView, component: string): Callee | undefined => {
    for (const { app, caller, release } of serving) {
      if (caller.has(component)) return { app, caller, isMechtron: false };
      const mechtron = release.file.mechtrons.find(({ name, methods }) => name === component && methods.length > 0);
      if (mechtron === undefined) continue;
      const address = `${app}:${component}`;
      return { app: address, caller: createMechtronCaller({ address, ...mechtron }, mechtrons), isMechtron: true };
    }
    return undefined;
  };
  return {
    ...(requests !== undefined && { requests }),
    match: (space, method, path) => {
      let other: Matched = { kind: "none" };
      for (const table of viewOf(space).tables) {
        const matched = table.match(method, path);
        if (matched.kind === "route") return matched;
        if (other.kind === "none") other = matched;
      }
      return other;
    },
    services: (space) => viewOf(space).services,
    routes: (space) => viewOf(space).serving.flatMap(({ release }) => release.file.routes),
    ask: (mechtron, request, options) => mechtrons.ask(mechtron, request, options),
    callerOf: (space, component) => {
      const view = viewOf(space);
      const known = view.callees.get(component) ?? find(view, component);
      if (known !== undefined) view.callees.set(component, known);
      return known;
    },
  };
}

function makeView(serving: readonly ServingApp[]): SpaceView {
  const services = new Map<string, SpaceService>();
  for (const { app, release, caller } of serving)
    for (const service of servicesOf({ ...release.file, app, calls: release.file.calls, caller }))
      if (!services.has(service.name)) services.set(service.name, service);
  const tables = serving.map(({ release }) => createRouteTable(release.file.routes));
  return { serving, tables, services: [...services.values()], callees: new Map() };
}
