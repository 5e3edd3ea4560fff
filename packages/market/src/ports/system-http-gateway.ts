import { Agent, createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { isOrreryError } from "@orrery/core";
import { createProxyServer, type ProxyServerOptions } from "httpxy";
import { type Listening, listenAt } from "../system-listen.ts";
import { printRefusal } from "./gateway-refusal.ts";
import { POD_ANSWER_MS } from "./limits.ts";
import type { Place, PodReach } from "./system-reach-pod.ts";

/** The pod of a host. */
export interface HostedPod {
  readonly reach: PodReach;
  /** Copies that are well now. */
  places(): readonly Place[];
}

/** Options of a gateway. */
export interface HttpGatewayOptions {
  /** Where it listens; port 0 for any that is free. */
  readonly at: Place;
  /** The pod of a host in small letters; undefined where no pod has it. */
  find(host: string): HostedPod | undefined;
}

/** What visitors may not say of themselves: the gateway says it. */
const FORWARDED = ["x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto", "forwarded"];

/** Why a request has no answer of a pod, as a status and a line. */
type Refusal = readonly [status: number, line: string];

/**
 * Opens a gateway, which leads requests of HTTP to pods by their hosts. Each request has a connection of its own to a copy that is well, made before anything is said to it; a request that was said once is
 * never said again.
 */
export async function openHttpGateway({ at, find }: HttpGatewayOptions): Promise<Listening> {
  const proxy = createProxyServer({ xfwd: true, proxyTimeout: POD_ANSWER_MS, upgradeTimeout: POD_ANSWER_MS });
  proxy.on("error", (_error, _request, answer) => {
    if (answer !== undefined) refuse(answer as ServerResponse | Socket, [502, "the pod ended its answer early"]);
  });
  const wayTo = async (request: IncomingMessage): Promise<ProxyServerOptions | Refusal> => {
    const host = hostOf(request);
    if (host === undefined) return [400, "the request names no host"];
    const pod = find(host);
    if (pod === undefined) return [404, `no pod here has host ${host}`];
    try {
      const socket = await pod.reach.connect(pod.places());
      const agent = new Agent({ keepAlive: false });
      agent.createConnection = () => socket;
      return { target: { host: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 }, agent };
    } catch (error) {
      if (!isOrreryError(error)) throw error;
      return [503, error.message];
    }
  };
  const server = createServer({ noDelay: true }, (request, answer) => {
    forgetSaid(request);
    void (async () => {
      const way = await wayTo(request);
      if (isRefusal(way)) refuse(answer, way);
      else await proxy.web(request, answer, way);
    })().catch(() => refuse(answer, [502, "the pod did not answer as it should"]));
  });
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    forgetSaid(request);
    socket.on("error", () => socket.destroy());
    void (async () => {
      const way = await wayTo(request);
      if (isRefusal(way)) refuse(socket, way);
      else await proxy.ws(request, socket, way, head);
    })().catch(() => refuse(socket, [502, "the pod did not answer as it should"]));
  });
  return await listenAt(server, at);
}

/** The host that a request names, as claims have it. */
function hostOf({ headers }: IncomingMessage): string | undefined {
  const host = headers.host?.toLowerCase().replace(/:\d*$/, "").replace(/\.$/, "");
  return host === "" ? undefined : host;
}

function forgetSaid({ headers }: IncomingMessage): void {
  for (const name of FORWARDED) delete headers[name];
}

function isRefusal(way: ProxyServerOptions | Refusal): way is Refusal {
  return Array.isArray(way);
}

function refuse(answer: ServerResponse | Socket, [status, line]: Refusal): void {
  const text = printRefusal(line);
  const fields = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };
  const retry = status === 503 ? { "retry-after": "1" } : {};
  if ("writeHead" in answer) {
    if (answer.headersSent) answer.destroy();
    else answer.writeHead(status, { ...fields, ...retry }).end(text);
    return;
  }
  const lines = Object.entries({ ...fields, ...retry, "content-length": Buffer.byteLength(text), connection: "close" });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  answer.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n${text}`);
}
