import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { OrreryError } from "@orrery/core";
import { METRICS_TYPE } from "./render-metrics.ts";
import type { Metrics } from "./telemetry.ts";

/** Options of a server of metrics. */
export interface MetricsServerOptions {
  /** Default: 0, any that is free. */
  readonly port?: number;
  /** Default: 127.0.0.1, reachable from this host alone: whoever can read metrics learns what the node does. */
  readonly host?: string;
}

/** A server of metrics. */
export interface MetricsServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:9464/metrics`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves metrics by HTTP at `/metrics`, for Prometheus. @throws OrreryError `unavailable` when the port cannot be had. */
export async function serveMetrics(metrics: Metrics, options: MetricsServerOptions = {}): Promise<MetricsServer> {
  const { port = 0, host = "127.0.0.1" } = options;
  const server = createServer((request, response) => {
    const path = request.url?.split("?", 1)[0];
    if (path !== "/metrics") response.writeHead(404).end("There is only /metrics\n");
    else if (request.method !== "GET" && request.method !== "HEAD")
      response.writeHead(405, { allow: "GET, HEAD" }).end("Use GET\n");
    else response.writeHead(200, { "content-type": METRICS_TYPE }).end(metrics.text());
  });
  server.maxConnections = 64;
  const opened = Promise.withResolvers<void>();
  server.once("error", (error: NodeJS.ErrnoException) => {
    const text = `Cannot serve metrics at "${host}:${port}": ${error.message}, choose another port`;
    opened.reject(new OrreryError("unavailable", text, { cause: error }));
  });
  server.listen(port, host, () => opened.resolve());
  await opened.promise;
  const at = server.address() as AddressInfo;
  const shown = at.family === "IPv6" ? `[${at.address}]` : at.address;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://${shown}:${at.port}/metrics`, close, [Symbol.asyncDispose]: close };
}
