import type { LookupFunction } from "node:net";
import { Readable } from "node:stream";
import type { Clock, Log } from "@orrery/core";
import { Agent, errors, Pool } from "undici";
import type { Route, UpstreamTarget } from "../bind/bind.ts";
import type { Caught } from "../bind/route-table.ts";
import { placeOf, type UpstreamList } from "../bind/upstream-list.ts";
import type { Answer, WebRequest } from "./answer.ts";
import { BodyTooLong, bounded } from "./bounded-body.ts";
import { answerFields, requestFields } from "./forwarded-headers.ts";
import { UPSTREAM_CONNECTIONS_MAX } from "./limits.ts";
import { page } from "./page.ts";
import { createGuardedLookup } from "./system-guarded-lookup.ts";
import { upstreamPath } from "./upstream-path.ts";

/** Passes requests on to other web servers. Owns: its connections to them. */
export interface Upstreams {
  /** The answer's pieces come as fast as the visitor takes them. @throws BodyTooLong */
  pass(
    request: WebRequest,
    route: Route,
    way: { readonly target: UpstreamTarget; readonly caught: Caught },
  ): Promise<Answer>;
  close(): Promise<void>;
}

/** Options of upstreams. */
export interface UpstreamsOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Where they may be. */
  readonly named: UpstreamList;
}

/** What finds the addresses of an upstream. */
export function lookupFor(origin: string | URL, upstreams: UpstreamList): LookupFunction {
  const port = Number(placeOf(new URL(origin)).split(":").at(-1));
  return createGuardedLookup({ port, upstreams });
}

/** Opens no connection before the first request. */
export function createUpstreams({ clock, log, named }: UpstreamsOptions): Upstreams {
  const agent = new Agent({
    connections: UPSTREAM_CONNECTIONS_MAX,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    factory: (origin, options) => new Pool(origin, { ...options, connect: { lookup: lookupFor(origin, named) } }),
  });
  return {
    pass: async (request, { timeoutMs, bodyBytesMax }, { target, caught }) => {
      const ended = new AbortController();
      const leave = () => ended.abort(new Error("the visitor left"));
      request.signal.addEventListener("abort", leave, { once: true });
      const late = clock.timer(timeoutMs, () => ended.abort(new TookTooLong()));
      const body =
        request.bodyBytes === 0 ? null : Readable.from(bounded(request.body, bodyBytesMax), { objectMode: false });
      try {
        const {
          statusCode,
          headers,
          body: answer,
        } = await agent.request({
          origin: target.origin,
          path: upstreamPath(target, caught, request.query),
          method: request.method as "GET",
          headers: requestFields(request, { host: request.host, proto: request.isSecure === true ? "https" : "http" }),
          body,
          signal: ended.signal,
        });
        answer.on("error", () => undefined); // Whoever reads it is told, too.
        const bytes = Number(headers["content-length"]);
        return {
          status: statusCode,
          headers: answerFields(headers).filter(([name]) => name !== "content-length"),
          body: answer,
          ...(Number.isNaN(bytes) ? {} : { bytes }),
          pieceTimeoutMs: timeoutMs,
        };
      } catch (error) {
        request.signal.removeEventListener("abort", leave);
        if (body?.errored instanceof BodyTooLong) throw body.errored;
        return refused(error, target, log);
      } finally {
        late.cancel();
      }
    },
    close: () => agent.destroy(),
  };
}

class TookTooLong extends Error {}

function refused(error: unknown, { origin }: UpstreamTarget, log: Log): Answer {
  log.warn("an upstream did not answer", { upstream: origin, error: (error as Error).message });
  if (error instanceof TookTooLong || error instanceof errors.ConnectTimeoutError)
    return page(504, "The server behind this page took too long to answer.");
  return page(502, "The server behind this page could not be reached, or did not answer as it should.");
}
