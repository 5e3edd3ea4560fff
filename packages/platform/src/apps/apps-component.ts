import {
  type Component,
  type Context,
  defineComponent,
  type InstanceHandle,
  isOrreryError,
  OrreryError,
} from "@orrery/core";
import { printAddress, type Registry, type ResourceView, withPauses } from "@orrery/registry";
import type { Route, Target } from "../bind/bind.ts";
import { METHODS } from "../bind/bind-shape.ts";
import type { Template } from "../bind/template.ts";
import {
  AppsService,
  type AttachRequest,
  type GetSpansRequest,
  type ReadLogRequest,
  type TailLogsRequest,
  type WatchServicesRequest,
} from "../gen/orrery/apps/v1/apps_pb.ts";
import type { AppPart } from "./app-file.ts";
import type { AppRelease } from "./app-release.ts";
import { type AppInstance, type AppRuntime, NO_STAND } from "./app-runtime.ts";
import { spanOf } from "./app-sizes.ts";
import { attachTo } from "./attach-answers.ts";
import { metricsOf, servicesOf, spansOf, statsOf } from "./inspect-answers.ts";
import { APPS_ASKED_AT_ONCE } from "./limits.ts";
import { readAppLog, readAppLogs } from "./logs/log-answers.ts";
import type { AppLogs } from "./logs/system-app-logs.ts";
import type { Apps } from "./system-apps.ts";

/** Options of `createAppsComponent`. */
export interface AppsComponentOptions {
  /** What apps there are, and who may read them. */
  readonly registry: Pick<Registry, "get" | "list" | "can">;
  /** What runs apps; undefined as long as none does. */
  readonly runtime: () => Pick<AppRuntime, "stand"> | undefined;
  /** What apps print; undefined as long as none runs. */
  readonly logs: () => Pick<AppLogs, "of"> | undefined;
  /** What the processes of an app tell of themselves; undefined where none run. */
  readonly inspect: (app: string) => ReturnType<Apps["inspect"]>;
  /** Where spaces are served, such as `http://127.0.0.1:7780`; empty as long as they are not. */
  readonly web: () => string;
}

interface Asked {
  readonly address: string;
}

/** Makes the component by which a network asks how apps stand: `orrery.apps.v1.AppsService`. Who may read an app may ask. */
export function createAppsComponent(options: AppsComponentOptions): Component {
  const { registry, runtime } = options;
  const reading = { now: 0 };
  const appAt = async (said: string, agent: string, what: string) => {
    const app = await registry.get(said, { agent });
    if (app.kind === "App") return app;
    throw new OrreryError(
      "failed_precondition",
      `Cannot tell ${what} of "${app.address}": it is a ${app.kind}, no App`,
    );
  };
  const factory = ({ clock }: Pick<InstanceHandle, "clock">) => ({
    readLog: async function* (request: ReadLogRequest, { agent, signal }: Pick<Context, "agent" | "signal">) {
      const app = await appAt(request.address, agent, "the log");
      const check = () => registry.get(app.address, { agent });
      yield* readAppLog(request, { app, logs: options.logs(), clock, signal, reading, check });
    },
    tailLogs: async function* (request: TailLogsRequest, { agent, signal }: Pick<Context, "agent" | "signal">) {
      yield* readAppLogs(request, { logs: options.logs(), clock, signal, reading, registry, agent });
    },
    attach: async function* (request: AttachRequest, { agent, signal }: Pick<Context, "agent" | "signal">) {
      const { address } = await appAt(request.address, agent, "the place");
      const { components, publicKey } = request;
      yield* attachTo({ address, components, publicKey }, { registry, inspect: options.inspect, agent, clock, signal });
    },
    getStats: async ({ address }: Asked, { agent }: Pick<Context, "agent">) => {
      const app = options.inspect((await appAt(address, agent, "the figures")).address);
      return app === undefined ? {} : await statsOf(app);
    },
    getSpans: async (request: GetSpansRequest, { agent }: Pick<Context, "agent">) => {
      const app = options.inspect((await appAt(request.address, agent, "the traces")).address);
      return app === undefined ? {} : await spansOf(app, request);
    },
    getMetrics: async ({ address: said }: Asked, { agent }: Pick<Context, "agent">) => {
      const { address } = await appAt(said, agent, "the metrics");
      const app = options.inspect(address);
      return app === undefined ? {} : await metricsOf(address, app);
    },
    watchServices: async function* (
      request: WatchServicesRequest,
      { agent, signal }: Pick<Context, "agent" | "signal">,
    ) {
      const { address: space } = await registry.get(request.space, { agent });
      const all = servicesOf({ space, follow: request.follow }, { registry, runtime, agent, clock, signal });
      for await (const services of withPauses(all, clock))
        yield services === undefined ? {} : { services: { services: [...services] } };
    },
    getApp: async ({ address: said }: { readonly address: string }, { agent }: Pick<Context, "agent">) => {
      const app = await appAt(said, agent, "how it stands");
      const { address, status } = app;
      const { release, instances } = runtime()?.stand(address) ?? NO_STAND;
      return {
        app: {
          address,
          state: status.state,
          reason: status.reason ?? "",
          runs: release?.source ?? "",
          components: (release?.file.components ?? []).map((part) => componentMessage(part, instances)),
          mechtrons: await mechtronsOf(address, { registry, agent }),
          routes: release === undefined ? [] : routesOf(release, options.web()),
          waits: await needsOf(app, { registry, agent }),
        },
      };
    },
  });
  return defineComponent(AppsService, factory, { instances: APPS_ASKED_AT_ONCE, streams: "beside" });
}

function componentMessage(part: AppPart, all: readonly AppInstance[]) {
  const { name } = part;
  const instances = all.filter(({ component }) => component === name);
  const { min: least, max: most } = spanOf(part);
  const wanted = Math.min(most, Math.max(least, instances.filter((one) => !one.name.includes(".next")).length));
  const [last] = instances.flatMap(({ lastEnd }) => lastEnd ?? []).sort((a, b) => b.atMs - a.atMs);
  return {
    ...{ name, wanted, least, most },
    running: instances.filter(({ state }) => state === "ready").length,
    restarts: instances.reduce((sum, { restarts }) => sum + restarts, 0),
    ...(last && { lastEnd: { atMs: BigInt(last.atMs), text: last.text } }),
    instances: instances.map(({ name: instance, state, restarts }) => ({ name: instance, state, restarts })),
  };
}

/** As whom it looks, and where. */
interface Looking {
  readonly registry: AppsComponentOptions["registry"];
  readonly agent: string;
}

async function mechtronsOf(app: string, { registry, agent }: Looking) {
  const { resources } = await registry.list({ selector: `${app}:*<Mechtron>` }, { agent });
  return resources.map(({ address, status: { state, reason = "" } }) => {
    return { name: address.slice(app.length + 1), state, reason };
  });
}

function routesOf({ app, file, source }: AppRelease, web: string) {
  const [space = ""] = app.split(":");
  const origin = originOf(space, web);
  const bundle = source.slice(0, source.indexOf(":/"));
  return file.routes.map(({ path, methods, target }: Route) => {
    return {
      url: `${origin}${path.text}`,
      methods: METHODS.every((method) => methods.includes(method)) ? [] : [...methods],
      kind: target.kind,
      target: targetText(target, { app, bundle }),
    };
  });
}

/** What a visitor of a space has before the path. */
function originOf(space: string, web: string): string {
  if (web === "") return `http://${space}`;
  const { protocol, port } = new URL(web);
  return `${protocol}//${space}${port === "" ? "" : `:${port}`}`;
}

/** What answers, as the app's file says it: what is its own by its name alone. */
function targetText(target: Target, { app, bundle }: { readonly app: string; readonly bundle: string }): string {
  switch (target.kind) {
    case "service":
      return `${target.component}/${typeof target.method === "string" ? target.method : `{${target.method.in}}`}`;
    case "mechtron":
      return target.address.startsWith(`${app}:`) ? target.address.slice(app.length + 1) : target.address;
    case "upstream":
      return `${target.origin}${templateText(target.path)}`;
    case "redirect":
      return templateText(target.to);
    case "files": {
      const address = printAddress(target.address);
      const path = templateText(target.path);
      return address === bundle ? path : `${address}:${path}`;
    }
  }
}

function templateText(template: Template): string {
  return template.map((part) => (typeof part === "string" ? part : `{${part.name}}`)).join("");
}

/** What its status says that it waits for, as the caller may see it. */
async function needsOf({ status }: ResourceView, { registry, agent }: Looking) {
  const waits = status.details?.["waits"];
  const addresses = Array.isArray(waits) ? waits.map(String) : [];
  return await Promise.all(
    addresses.map(async (address) => {
      const found = await registry.get(address, { agent }).catch(undefinedWhereHidden);
      return { address, state: found?.status.state ?? "" };
    }),
  );
}

function undefinedWhereHidden(error: unknown): undefined {
  if (isOrreryError(error) && (error.code === "not_found" || error.code === "permission_denied")) return undefined;
  throw error;
}
