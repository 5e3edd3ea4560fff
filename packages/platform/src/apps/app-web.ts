import type { JsonCaller } from "@orrery/http";
import { createRouteTable, type Matched, type RouteTable } from "../bind/route-table.ts";
import type { MechtronHost } from "../mechtrons/mechtron-host.ts";
import type { SpaceApps, SpaceService } from "../web/space-apps.ts";
import type { AppRuntime, AppStand } from "./app-runtime.ts";
import { servicesOf } from "./app-services.ts";
import { createMechtronCaller } from "./mechtron-caller.ts";

/** Lets the apps that a runtime runs answer for their spaces; where several could, the one whose address comes first. */
export function createAppWeb(
  runtime: Pick<AppRuntime, "apps" | "stand">,
  mechtrons: Pick<MechtronHost, "ask">,
): SpaceApps {
  const tables = new Map<string, { readonly release: string; readonly table: RouteTable }>();
  const tableOf = (app: string, release: NonNullable<AppStand["release"]>): RouteTable => {
    const known = tables.get(app);
    if (known?.release === release.id) return known.table;
    const table = createRouteTable(release.file.routes);
    tables.set(app, { release: release.id, table });
    return table;
  };
  const services = new Map<string, { readonly caller: JsonCaller; readonly list: readonly SpaceService[] }>();
  const servicesIn = (app: string, { release, caller }: AppStand): readonly SpaceService[] => {
    if (release === undefined || caller === undefined) return [];
    const known = services.get(app);
    if (known?.caller === caller) return known.list;
    const list = servicesOf({ ...release.file, app, calls: release.file.calls, caller });
    services.set(app, { caller, list });
    return list;
  };
  const standsIn = (space: string) => {
    const apps = runtime.apps().filter((app) => app.startsWith(`${space}:`));
    return apps.sort().map((app) => [app, runtime.stand(app)] as const);
  };
  return {
    match: (space, method, path) => {
      let other: Matched = { kind: "none" };
      for (const [app, { release, caller }] of standsIn(space)) {
        if (release === undefined || caller === undefined) continue;
        const matched = tableOf(app, release).match(method, path);
        if (matched.kind === "route") return matched;
        if (other.kind === "none") other = matched;
      }
      return other;
    },
    services: (space) => {
      const found = new Map<string, SpaceService>();
      for (const [app, stand] of standsIn(space))
        for (const service of servicesIn(app, stand)) if (!found.has(service.name)) found.set(service.name, service);
      return [...found.values()];
    },
    routes: (space) =>
      standsIn(space).flatMap(([, { release, caller }]) => (caller === undefined ? [] : (release?.file.routes ?? []))),
    ask: (mechtron, request, options) => mechtrons.ask(mechtron, request, options),
    callerOf: (space, component) => {
      for (const [app, { caller, release }] of standsIn(space)) {
        if (caller?.has(component) === true && release !== undefined) return { app, caller, isMechtron: false };
        const mechtron = release?.file.mechtrons.find(({ name, methods }) => name === component && methods.length > 0);
        if (mechtron === undefined) continue;
        const address = `${app}:${component}`;
        return { app: address, caller: createMechtronCaller({ address, ...mechtron }, mechtrons), isMechtron: true };
      }
      return undefined;
    },
  };
}
