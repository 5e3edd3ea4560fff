import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { LogSink, Service } from "@orrery/core";
import { decodeGuestReply, encodeGuestRequest, type GuestReply, type GuestRequest } from "@orrery/guest/abi";
import { createJsonCaller, type JsonCallerOptions } from "@orrery/http";
import { createRouteTable } from "../bind/route-table.ts";
import { placeOf } from "../bind/upstream-list.ts";
import { defineMechtronService } from "../cage/mechtron-component.ts";
import type { LocalParts } from "../local/local-parts.ts";
import { LOCAL_APP, LOCAL_SPACE } from "../local/local-platform.ts";
import type { SpaceApps } from "../web/space-apps.ts";
import { createWebServer, type WebServer } from "../web/system-web-server.ts";
import type { AppFile } from "./app-file.ts";
import { servicesOf } from "./app-services.ts";
import { parseAppFile } from "./parse-app-file.ts";
import { createFolderRegistry } from "./system-folder-registry.ts";

/** Options of `createLocalWeb`. */
export interface LocalWebOptions {
  /** The `orrery.yaml` of each app. */
  readonly files: readonly string[];
  /** What calls their components, and mechtrons, which are components too. */
  readonly node: JsonCallerOptions["node"];
  /** Contracts of the components. */
  readonly services: readonly Service[];
  /** Where resources of theirs lie. Default: they have none. */
  readonly resources?: () => Promise<Pick<LocalParts, "registry" | "blobs">>;
  /** Where log lines go. Default: nowhere. */
  readonly log?: LogSink;
}

/**
 * Makes a web server that answers by the routes of apps whose components run here, without a platform: for
 * the names of this machine, with pages as they lie in the
 * folders at each moment, and for everybody. Gives undefined where none has a route.
 * @throws OrreryError as `parseAppFile`
 */
export function createLocalWeb({ files, node, services, resources, log }: LocalWebOptions): WebServer | undefined {
  const apps = files.map((file, index) => readApp(file, index));
  const routes = apps.flatMap(({ app }) => app.routes);
  if (routes.length === 0) return undefined;
  const { registry, blobs } = createFolderRegistry(new Map(apps.map(({ bundle, folder }) => [bundle, folder])), {
    resources,
  });
  const upstreams = routes.flatMap(({ target }) =>
    target.kind === "upstream" ? [placeOf(new URL(target.origin))] : [],
  );
  const table = createRouteTable(routes);
  const caller = createJsonCaller({ node, services });
  const called = servicesOf({ app: LOCAL_APP, calls: apps[0]?.app.calls, mechtrons: [], caller });
  const answering: SpaceApps = {
    match: (_space, method, path) => table.match(method, path),
    callerOf: (space, component) =>
      caller.has(component) ? { app: `${space}:app`, caller, isMechtron: false } : undefined,
    services: () => called,
    routes: () => routes,
    callees: () => [],
    without: () => answering,
    ask: (address, request, options) => askMechtron(node, { address, request, ...options }),
  };
  return createWebServer({ registry, blobs, caller, apps: answering, upstreams, ...(log && { log }) });
}

/** An app, as it would lie in a space. */
function readApp(
  file: string,
  index: number,
): { readonly app: AppFile; readonly bundle: string; readonly folder: string } {
  const lies = LOCAL_SPACE;
  const bundle = `${lies}:app${index}-src:1.0.0`;
  const app = parseAppFile(readFileSync(file, "utf8"), { file, in: lies, bundle, app: `${lies}:app${index}` });
  return { app, bundle, folder: dirname(file) };
}

interface Asked {
  readonly address: string;
  readonly request: GuestRequest;
  readonly agent: string;
  readonly timeoutMs: number;
}

/** Hands a request to the component that a mechtron is here. */
async function askMechtron(
  node: LocalWebOptions["node"],
  { address, request, agent, timeoutMs }: Asked,
): Promise<GuestReply> {
  const service = defineMechtronService(address.slice(address.lastIndexOf(":") + 1));
  return decodeGuestReply(await node.client(service).handle(encodeGuestRequest(request), { agent, timeoutMs }));
}
