import { OrreryError } from "@orrery/core";
import type { Authenticate, DoorPage } from "@orrery/http";
import { METRICS_TYPE } from "@orrery/mesh/telemetry";
import type { Registry } from "@orrery/registry";
import { metricsOf } from "../apps/inspect-answers.ts";
import { mergedMetrics } from "../apps/metric-lines.ts";
import type { Apps } from "../apps/system-apps.ts";
import { METRICS_APPS_AT_ONCE } from "./limits.ts";

/** Where Prometheus reads a platform, at the HTTP port. */
export const METRICS_PATH = "/metrics";

/** What whoever reads them has the right to read. */
const METRICS = "orrery:[metrics]";

/** Options of `createMetricsPage`. */
export interface MetricsPageOptions {
  /** Knows who may read them. */
  readonly registry: Pick<Registry, "can">;
  /** As whom it is asked, an operator. */
  readonly agent: string;
  /** Tells who asks. */
  readonly authenticate: Authenticate;
  /** Metrics of the platform's own process, as Prometheus reads them. */
  readonly own: () => string;
  /** What runs apps; undefined as long as none does. */
  readonly apps: () => Pick<Apps, "apps" | "inspect"> | undefined;
}

/**
 * Makes the page of metrics, as Prometheus reads them: of the platform, and of each process of each app, with the labels `app` and `process`. It is for operators,
 * and for whom they let read `orrery:[metrics]`; both show a token. An app that does not answer in time is left out.
 */
export function createMetricsPage({
  registry,
  agent: operator,
  authenticate,
  own,
  apps,
}: MetricsPageOptions): DoorPage {
  return async ({ method, headers }) => {
    if (method !== "GET" && method !== "HEAD")
      return { status: 405, body: { code: "unimplemented", message: "Cannot change metrics: use GET" } };
    const agent = await authenticate(headers, { remoteAddress: "", path: METRICS_PATH });
    if (agent === "anonymous" || agent === "")
      throw new OrreryError(
        "unauthenticated",
        "Cannot read metrics: show the token of an operator, as in Bearer TOKEN",
      );
    const { allowed, why } = await registry.can({ agent, verb: "read", address: METRICS }, { agent: operator });
    if (!allowed)
      throw new OrreryError(
        "permission_denied",
        `Cannot read metrics as "${agent}": ${why}, have r on ${METRICS} granted`,
      );
    return { status: 200, body: undefined, text: { type: METRICS_TYPE, content: await allMetrics(own(), apps()) } };
  };
}

async function allMetrics(own: string, running: Pick<Apps, "apps" | "inspect"> | undefined): Promise<string> {
  const left = [...(running?.apps() ?? [])].sort();
  const texts: string[] = [own];
  const readSome = async () => {
    for (let app = left.shift(); app !== undefined; app = left.shift()) {
      const inspected = running?.inspect(app);
      const found = inspected && (await metricsOf(app, inspected).catch(() => undefined));
      if (found?.text) texts.push(found.text);
    }
  };
  await Promise.all(Array.from({ length: METRICS_APPS_AT_ONCE }, readSome));
  return mergedMetrics(texts);
}
