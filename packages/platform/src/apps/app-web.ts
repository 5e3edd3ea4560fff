import type { JsonCaller } from "@orrery/http";
import type { Route } from "../bind/bind.ts";
import { createRouteTable, type Matched, type RouteTable } from "../bind/route-table.ts";
import type { MechtronHost } from "../mechtrons/mechtron-host.ts";
import type { RequestLog } from "../web/request-log.ts";
import { calleeOf, isPublished } from "../web/shown-apps.ts";
import type { SpaceApps, SpaceService } from "../web/space-apps.ts";
import type { AppRuntime, ServingApp } from "./app-runtime.ts";
import { servicesOf } from "./app-services.ts";
import { APP_VIEWS_MAX } from "./limits.ts";
import { createMechtronCaller } from "./mechtron-caller.ts";

/** What the apps of one space answer to, while they stand as they do, as far as they are shown. */
interface SpaceView {
  readonly serving: readonly ServingApp[];
  readonly hidden: ReadonlySet<string>;
  readonly tables: readonly RouteTable[];
  readonly services: readonly SpaceService[];
  readonly callees: readonly string[];
  /** By component; what has none is asked for anew, since anybody may ask for any. */
  readonly called: Map<string, Callee>;
}

interface Callee {
  readonly app: string;
  readonly caller: JsonCaller;
  readonly isMechtron: boolean;
}

type Asking = Pick<MechtronHost, "ask">;

const NOTHING_HIDDEN: ReadonlySet<string> = new Set();

/** Lets the apps that a runtime runs answer for their spaces; where several could, the one whose address comes first. */
export function createAppWeb(
  runtime: Pick<AppRuntime, "serving">,
  mechtrons: Asking,
  requests?: RequestLog,
): SpaceApps {
  const views = new WeakMap<readonly ServingApp[], Map<string, SpaceView>>();
  const viewOf = (space: string, hidden: ReadonlySet<string>): SpaceView => {
    const serving = runtime.serving(space);
    const known = views.get(serving) ?? new Map<string, SpaceView>();
    views.set(serving, known);
    const key = hidden.size === 0 ? "" : [...hidden].sort().join(" ");
    const view = known.get(key) ?? makeView(serving, hidden, mechtrons);
    if (known.size >= APP_VIEWS_MAX && !known.has(key)) known.delete(known.keys().next().value ?? "");
    known.set(key, view);
    return view;
  };
  return { ...showing(viewOf, NOTHING_HIDDEN, mechtrons), ...(requests !== undefined && { requests }) };
}

function showing(
  viewIn: (space: string, hidden: ReadonlySet<string>) => SpaceView,
  hidden: ReadonlySet<string>,
  mechtrons: Asking,
): SpaceApps {
  const viewOf = (space: string) => viewIn(space, hidden);
  return {
    match: (space, method, path) => {
      let other: Matched = { kind: "none" };
      const { tables, serving } = viewOf(space);
      for (const [index, table] of tables.entries()) {
        const matched = table.match(method, path);
        if (matched.kind === "route") return matched;
        if (other.kind === "none" && !hidden.has(serving[index]?.app ?? "")) other = matched;
      }
      return other;
    },
    services: (space) => viewOf(space).services,
    routes: (space) => viewOf(space).serving.flatMap(({ release }) => release.file.routes),
    ask: (mechtron, request, options) => mechtrons.ask(mechtron, request, options),
    callerOf: (space, component) => {
      const view = viewOf(space);
      const known = view.called.get(component) ?? findCallee(view, component, mechtrons);
      if (known !== undefined) view.called.set(component, known);
      return known;
    },
    callees: (space) => viewOf(space).callees,
    without: (more) => showing(viewIn, more, mechtrons),
  };
}

function findCallee(
  { serving, hidden }: Pick<SpaceView, "serving" | "hidden">,
  component: string,
  mechtrons: Asking,
): Callee | undefined {
  for (const { app, caller, release } of serving) {
    if (caller.has(component) && !hidden.has(app)) return { app, caller, isMechtron: false };
    const mechtron = release.file.mechtrons.find(({ name, methods }) => name === component && methods.length > 0);
    const address = `${app}:${component}`;
    if (mechtron === undefined || hidden.has(address)) continue;
    return { app: address, caller: createMechtronCaller({ address, ...mechtron }, mechtrons), isMechtron: true };
  }
  return undefined;
}

function makeView(serving: readonly ServingApp[], hidden: ReadonlySet<string>, mechtrons: Asking): SpaceView {
  const every = serving.flatMap(({ app, release, caller }) =>
    servicesOf({ ...release.file, app, calls: release.file.calls, caller }),
  );
  const services = new Map<string, SpaceService>();
  for (const service of every)
    if (!services.has(service.name) && !hidden.has(service.app)) services.set(service.name, service);
  const finding = (without: ReadonlySet<string>) => ({
    callerOf: (_: string, component: string) => findCallee({ serving, hidden: without }, component, mechtrons),
  });
  const [all, shown] = [finding(NOTHING_HIDDEN), finding(hidden)];
  const isShown = (route: Route) => {
    const callee = calleeOf(route, "", shown);
    return isPublished(route) || (callee === undefined ? calleeOf(route, "", all) === undefined : !hidden.has(callee));
  };
  const routes = serving.map(({ release }) => release.file.routes);
  const led = routes.flat().flatMap((route) => calleeOf(route, "", all) ?? []);
  return {
    ...{ serving, hidden },
    tables: routes.map((own) => createRouteTable(own.filter(isShown))),
    services: [...services.values()],
    callees: [...new Set([...serving.map(({ app }) => app), ...every.map(({ app }) => app), ...led])],
    called: new Map(),
  };
}
