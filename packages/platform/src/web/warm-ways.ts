import type { Route } from "../bind/bind.ts";
import type { WebRequest } from "./answer.ts";
import { WARM_PATH_LENGTH_MAX, WARM_WAYS_MAX } from "./limits.ts";
import type { Lookout } from "./lookout.ts";

/** Where requests led, by host and path, as the registry has it at its newest revision: all of it is forgotten with the next one. */
export interface WarmWays<T extends { readonly route: Pick<Route, "methods"> }> {
  get(request: WebRequest): T | undefined;
  /** Keeps what was found, if nothing was written since the revision `of`. */
  put(request: WebRequest, way: T, of: number | undefined): void;
}

/** Makes an empty memory. */
export function createWarmWays<T extends { readonly route: Pick<Route, "methods"> }>(
  lookout: Pick<Lookout, "exact">,
): WarmWays<T> {
  const ways = new Map<string, T>();
  let revision: number | undefined;
  return {
    get: ({ method, host, path }) => {
      if (revision === undefined || lookout.exact() !== revision) return undefined;
      const known = ways.get(`${host} ${path}`);
      return known?.route.methods.includes(method) ? known : undefined;
    },
    put: ({ host, path }, way, of) => {
      if (of === undefined || lookout.exact() !== of || path.length > WARM_PATH_LENGTH_MAX) return;
      if (revision !== of || ways.size >= WARM_WAYS_MAX) ways.clear();
      revision = of;
      ways.set(`${host} ${path}`, way);
    },
  };
}
