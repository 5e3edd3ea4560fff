import { type IncomingMessage, request as requestHttp, STATUS_CODES } from "node:http";
import { request as requestHttps } from "node:https";
import type { Duplex } from "node:stream";
import type { Route, UpstreamTarget } from "../bind/bind.ts";
import type { Caught } from "../bind/route-table.ts";
import type { Answer, WebRequest } from "./answer.ts";
import { answerFields, requestFields } from "./forwarded-headers.ts";
import { isWhole } from "./in-time.ts";
import { page } from "./page.ts";
import { lookupFor, type UpstreamsOptions } from "./system-upstream.ts";
import { upstreamPath } from "./upstream-path.ts";

/** A connection that wants to become a WebSocket. */
export interface Upgrading {
  readonly request: WebRequest;
  readonly socket: Duplex;
  /** What came behind the request's header already. */
  readonly head: Uint8Array;
}

/** Where it leads. */
export interface UpgradeWay {
  readonly route: Route;
  readonly target: UpstreamTarget;
  readonly caught: Caught;
}

/** Passes a WebSocket on: once the upstream agrees, bytes go both ways until either side ends. Resolves when it has ended. */
export function passUpgrade(
  { request, socket, head }: Upgrading,
  { route, target, caught }: UpgradeWay,
  { clock, log, named }: UpstreamsOptions,
): Promise<void> {
  const { origin } = target;
  return new Promise((resolve) => {
    const fields = requestFields(request, { host: request.host, proto: request.isSecure === true ? "https" : "http" });
    const url = new URL(origin);
    const asking = (url.protocol === "https:" ? requestHttps : requestHttp)({
      hostname: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port,
      path: upstreamPath(target, caught, request.query),
      headers: { ...fields, connection: "Upgrade", upgrade: "websocket" },
      agent: false,
      lookup: lookupFor(origin, named),
    });
    let isAnswered = false;
    const refuse = (answer: Answer) => {
      if (!isAnswered) writeRaw(socket, answer);
      isAnswered = true;
    };
    const late = clock.timer(route.timeoutMs, () => {
      refuse(page(504, "The server behind this page took too long to answer."));
      asking.destroy();
    });
    socket.once("close", () => {
      late.cancel();
      asking.destroy();
      resolve();
    });
    asking.on("error", (error) => {
      if (!isAnswered) log.warn("an upstream did not answer", { upstream: origin, error: error.message });
      refuse(page(502, "The server behind this page could not be reached, or did not answer as it should."));
    });
    asking.on("response", (answer) => {
      late.cancel();
      isAnswered = true;
      relayRefusal(answer, socket);
    });
    asking.on("upgrade", (answer, upstream, first) => {
      late.cancel();
      isAnswered = true;
      const added = [...answerFields(answer.headers), ...route.headers];
      socket.write(rawHead(101, [["connection", "Upgrade"], ["upgrade", "websocket"], ...added]));
      socket.write(first);
      upstream.write(head);
      join(socket, upstream);
    });
    asking.end();
  });
}

/** Answers on a connection that is no longer one of HTTP, and ends it. */
export function writeRaw(socket: Duplex, { status, headers, body }: Answer): void {
  const bytes = body !== undefined && isWhole(body) ? Buffer.from(body) : Buffer.alloc(0);
  socket.write(rawHead(status, [...headers, ["content-length", String(bytes.length)], ["connection", "close"]]));
  socket.end(bytes);
}

function rawHead(status: number, headers: Answer["headers"]): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value.replace(/[\r\n]/g, " ")}\r\n`).join("");
  return Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines}\r\n`, "latin1");
}

/** The upstream wants no WebSocket: its answer goes to the visitor, and the connection ends. */
function relayRefusal(answer: IncomingMessage, socket: Duplex): void {
  const fields = answerFields(answer.headers).filter(([name]) => name !== "content-length");
  socket.write(rawHead(answer.statusCode ?? 502, [...fields, ["connection", "close"]]));
  answer.on("error", () => socket.destroy());
  answer.pipe(socket);
}

/** Bytes go both ways, as fast as each side takes them; one that ends takes the other along. */
function join(one: Duplex, other: Duplex): void {
  one.pipe(other);
  other.pipe(one);
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const)
    from.on("error", () => to.destroy()).once("close", () => to.destroy());
}
