import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Clock } from "@orrery/core";
import type { Registry } from "@orrery/registry";
import type {
  GetMetricsResponseSchema,
  GetSpansRequest,
  GetSpansResponseSchema,
  GetStatsResponseSchema,
  SpaceServiceSchema,
} from "../gen/orrery/apps/v1/apps_pb.ts";
import type { AppRuntime } from "./app-runtime.ts";
import { SERVICES_APPS_MAX, SERVICES_LOOK_MS } from "./limits.ts";
import { componentOf } from "./logs/log-line.ts";
import { countsOf, labelled, mergedMetrics } from "./metric-lines.ts";
import type { Apps } from "./system-apps.ts";

type Inspection = NonNullable<ReturnType<Apps["inspect"]>>;

/** What the processes of an app use. */
export async function statsOf(app: Inspection): Promise<MessageInitShape<typeof GetStatsResponseSchema>> {
  const all = await app.inspect(async (client, options) => ({
    status: await client.status({}, options),
    counts: countsOf((await client.metrics({}, options)).text),
  }));
  const instances = all.map(({ child, value }) => {
    const { name, state, restarts } = child;
    const about = { name, component: componentOf(name), state, restarts, told: value !== undefined };
    if (value === undefined) return about;
    const { status, counts } = value;
    const own = status.components.flatMap((component) => component.instances);
    return {
      ...about,
      ...{ uptimeMs: status.uptimeMs, memoryBytes: status.memoryBytes, cpuMs: status.cpuMs },
      requests: BigInt(counts.requests),
      errors: BigInt(counts.errors),
      waiting: own.reduce((sum, { waiting }) => sum + waiting, 0),
      busy: own.reduce((sum, { busy }) => sum + busy, 0),
    };
  });
  return { instances };
}

/** The newest messages of an app, by all who saw them. */
export async function spansOf(
  app: Inspection,
  { traceId, flow, component, failed }: GetSpansRequest,
): Promise<MessageInitShape<typeof GetSpansResponseSchema>> {
  const request = { traceId, flow, component, failed };
  const all = await app.inspect(async (client, options) => (await client.spans(request, options)).spans);
  const own = app.spans({ traceId, flow, failed, ...(component !== "" && { component }) }).map((span) => {
    const { flow: ref, ...facts } = span;
    return { ...facts, flow: `${ref.node}/${ref.id}`, flowName: ref.name };
  });
  const theirs = all.flatMap(({ value = [] }) => value).map(({ $typeName: _, ...span }) => span);
  const spans = [...own, ...theirs].filter((span) => !span.component.startsWith("orrery.operate."));
  return {
    spans: spans.map(({ traceId: id, spanId, parentId, side, node, instance, method, ...span }) => ({
      ...{ traceId: id, spanId, parentId, side, node, instance, method, component: span.component },
      ...{ flow: span.flow, flowName: span.flowName, startMs: span.startMs, durationMs: span.durationMs },
      ...{ outcome: span.outcome, reason: span.reason },
    })),
    silent: all.flatMap(({ child, value }) => (value === undefined ? [child.name] : [])),
  };
}

/** Metrics of all processes of an app, each sample with the name of its process. */
export async function metricsOf(
  address: string,
  app: Inspection,
): Promise<MessageInitShape<typeof GetMetricsResponseSchema>> {
  const all = await app.inspect(async (client, options) => (await client.metrics({}, options)).text);
  const label = (name: string) => `app=${JSON.stringify(address)},process=${JSON.stringify(name)}`;
  return { text: mergedMetrics(all.flatMap(({ child, value }) => (value ? labelled(value, label(child.name)) : []))) };
}

/** What the services of a space are told from. */
export interface ServicesOptions {
  readonly registry: Pick<Registry, "list">;
  readonly runtime: () => Pick<AppRuntime, "stand"> | undefined;
  readonly agent: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The services that take calls in a space, of the apps that one may read; and again whenever they are others, until the signal says so. */
export async function* servicesOf(
  { space, follow }: { readonly space: string; readonly follow: boolean },
  options: ServicesOptions,
): AsyncGenerator<readonly MessageInitShape<typeof SpaceServiceSchema>[]> {
  const { clock, signal } = options;
  for (let last: string | undefined; !signal.aborted; ) {
    const services = await servicesNow(space, options);
    const text = JSON.stringify(services);
    if (text !== last) yield services;
    if (!follow) return;
    last = text;
    await clock.sleep(SERVICES_LOOK_MS, signal);
  }
}

async function servicesNow(space: string, { registry, runtime, agent }: ServicesOptions) {
  const { resources } = await registry.list({ selector: `${space}:**<App>`, limit: SERVICES_APPS_MAX }, { agent });
  return resources.flatMap(({ address: app }) => {
    const { services = [], instances = [] } = runtime()?.stand(app) ?? {};
    return services.flatMap(({ component, name, methods }) => {
      const ready = instances.filter((one) => one.component === component && one.state === "ready");
      return ready.length === 0
        ? []
        : [{ app, component, name, methods: [...methods], instances: ready.map((one) => one.name) }];
    });
  });
}
