import { defineService, json, type Service } from "@orrery/core";
import { contractOf } from "@orrery/core/internal";
import type { JsonCaller } from "@orrery/http";
import type { Route } from "../bind/bind.ts";
import { completeCalls } from "../bind/parse-bind.ts";
import { type PathPattern, parsePathPattern } from "../bind/path-pattern.ts";
import { spelledMethod } from "../web/path-call.ts";
import type { ServiceCall, SpaceService } from "../web/space-apps.ts";
import type { AppMechtron } from "./app-file.ts";

/** What of an app is known that takes calls. */
export interface AppParts {
  readonly app: string;
  /** How calls by path answer. Default: as a route that says nothing. */
  readonly calls: Route | undefined;
  readonly mechtrons: readonly Pick<AppMechtron, "name" | "methods">[];
  readonly caller: JsonCaller;
}

/** The services of an app: those of its components, and those that its mechtrons are. */
export function servicesOf({ app, calls: said, mechtrons, caller }: AppParts): readonly SpaceService[] {
  const calls = said ?? completeCalls({}, { base: undefined });
  const own = (caller.services ?? []).map((service) => serviceOf(service, { app, calls, isMechtron: false }));
  const scripted = mechtrons.flatMap(({ name, methods }) => {
    if (methods.length === 0 || !/^[a-z]/.test(name)) return [];
    const any = { request: json(), reply: json() };
    const service = defineService(name, Object.fromEntries(methods.map((method) => [method, any])));
    return [serviceOf(service, { app: `${app}:${name}`, calls, isMechtron: true })];
  });
  return [...own, ...scripted];
}

function serviceOf(
  service: Service,
  { app, calls, isMechtron }: { readonly app: string; readonly calls: Route; readonly isMechtron: boolean },
): SpaceService {
  const { name, methods } = contractOf(service);
  const spellings = [...methods.values()].flatMap((one) => [one.name, one.localName]);
  const known = new Map<string, ServiceCall>();
  return {
    ...{ name, app, service },
    callTo: (said) => {
      const method = spelledMethod(said, spellings);
      const key = spellings.includes(method) ? method : "";
      const call = known.get(key);
      if (call !== undefined) return { ...call, method };
      if (isMechtron && key === "") return undefined;
      const target = { kind: "service", component: name, method: isMechtron ? method : { in: "method" } } as const;
      const path = parsePathPattern(`/${name}/{method}`) as PathPattern;
      const route: Route = { ...calls, path, target, methods: isMechtron ? ["POST"] : calls.methods };
      known.set(key, { method, route });
      return { method, route };
    },
  };
}
