import { OrreryError } from "@orrery/core";
import { type Misfit, parseDuration, parseSize, readDocument } from "@orrery/mesh/internal";
import { type Address, parseAddress } from "@orrery/registry/service";
import type { Bind, CorsRule, RateLimit, Route, Target } from "./bind.ts";
import { BIND_SHAPE } from "./bind-shape.ts";
import { judgeBind } from "./judge-bind.ts";
import { BIND_BYTES_MAX, PREFLIGHT_AGE_MS, ROUTE_BODY_BYTES, ROUTE_TIMEOUT_MS } from "./limits.ts";
import { methodsOf } from "./methods.ts";
import { type PathPattern, parsePathPattern } from "./path-pattern.ts";
import { readAuth } from "./read-auth.ts";
import { readTarget } from "./read-target.ts";
import type { SaidBind, SaidCors, SaidRoute, SaidShared } from "./said-bind.ts";
import { parseUpstreams } from "./upstream-list.ts";
import { wholeBodyBytesMax } from "./whole-body.ts";

/** Options of the parser. */
export interface ParseBindOptions {
  /** What errors call the document. */
  readonly file: string;
  /** Address of the resource that the bind is for: relative addresses start there. Default: they are refused. */
  readonly of?: string;
  /** Servers, `HOST:PORT`, that upstreams may be; a bind that names others is refused. Default: any. */
  readonly upstreams?: readonly string[];
}

/**
 * Reads the YAML text of a bind. What it leaves out is filled in.
 * @throws OrreryError `invalid_argument` with every mistake, each with `file:line:column`, what would work, its line and a caret
 */
export function parseBind(text: string, { file, of, upstreams }: ParseBindOptions): Bind {
  const base = of === undefined ? undefined : parseAddress(of);
  const list = upstreams === undefined ? undefined : parseUpstreams(upstreams);
  const judge = (said: SaidBind): readonly Misfit[] => judgeBind(said, { base, upstreams: list });
  let placeOf: PlaceOf | undefined;
  const said = readDocument<SaidBind>(text, BIND_SHAPE, {
    ...{ file, judge, bytesMax: BIND_BYTES_MAX, showsLines: true },
    onLines: (lineOf) => {
      placeOf = (path) => `${file}:${lineOf(path)}`;
    },
  });
  if (!isSaid(said))
    throw new OrreryError("invalid_argument", `Cannot read "${file}": it says nothing, write at least routes: []`);
  return completeBind(said, { base, placeOf });
}

/** Names the file and the line in which something stands. */
export type PlaceOf = (path: Misfit["path"]) => string;

/** What a bind is completed by. */
export interface CompleteOptions {
  /** What relative addresses start from. */
  readonly base: Address | undefined;
  /** Default: places are not told. */
  readonly placeOf?: PlaceOf | undefined;
}

/** Fills in what a bind leaves out that was judged. */
export function completeBind(said: SaidBind, { base, placeOf }: CompleteOptions): Bind {
  const timeoutBy = (route: SaidRoute, index: number) => {
    if (route.timeout !== undefined) return placeOf?.(["routes", index, "timeout"]);
    return said.timeout === undefined ? undefined : placeOf?.(["timeout"]);
  };
  return {
    routes: said.routes.map((route, index) => ({
      ...completeRoute(route, said, base),
      timeoutBy: timeoutBy(route, index),
    })),
  };
}

/** What is said for all routes, for calls that no route names: a path of a service and a method leads to these. */
export function completeCalls(said: SaidShared, { base }: CompleteOptions): Route {
  const route = { path: "/{rest*}", service: "any/any", methods: ["POST", "GET"] };
  return { ...completeRoute(route, { ...said, routes: [] }, base), timeoutBy: undefined };
}

function isSaid(said: SaidBind | Record<string, never>): said is SaidBind {
  return "routes" in said;
}

function completeRoute(said: SaidRoute, bind: SaidBind, base: Address | undefined): Omit<Route, "timeoutBy"> {
  const read = readTarget(said, base);
  if (!("target" in read)) throw new Error(`${said.path} ${read.why}`); // It was judged.
  const { target } = read;
  const { timeout, body, rate, cors, auth: users }: SaidShared = { ...bind, ...said };
  const auth = readAuth(users, base);
  const takesBody = target.kind !== "files" && target.kind !== "redirect";
  const limit = rateOf(rate);
  return {
    path: parsePathPattern(said.path) as PathPattern,
    methods: methodsOf(said.methods, target.kind),
    target,
    timeoutMs: timeout === undefined ? ROUTE_TIMEOUT_MS : (parseDuration(timeout) ?? 0),
    bodyBytesMax: takesBody ? bodyBytesMax(body, target.kind) : 0,
    ...(limit === undefined ? {} : { rate: limit }),
    ...(auth === undefined ? {} : { auth }),
    ...(cors === undefined ? {} : { cors: corsOf(cors) }),
    headers: Object.entries(mergedHeaders(bind.headers, said.headers)),
  };
}

/** What is said for all routes is cut to what a target can be handed; what is said for one was judged. */
function bodyBytesMax(body: string | undefined, kind: Target["kind"]): number {
  const said = body === undefined ? ROUTE_BODY_BYTES : (parseSize(body) ?? 0);
  return Math.min(said, wholeBodyBytesMax(kind) ?? said);
}

function rateOf(said: SaidShared["rate"]): RateLimit | undefined {
  if (said === undefined) return undefined;
  const { perSecond, burst, of = "all" } = typeof said === "number" ? { perSecond: said } : said;
  return { perSecond, burst: burst ?? Math.max(1, Math.ceil(perSecond)), of };
}

function corsOf(said: NonNullable<SaidShared["cors"]>): CorsRule {
  const {
    origins,
    headers = [],
    exposed = [],
    credentials = false,
    maxAge,
  } = typeof said === "string" ? ({ origins: [said] } satisfies SaidCors as SaidCors) : said;
  const maxAgeMs = maxAge === undefined ? PREFLIGHT_AGE_MS : (parseDuration(maxAge) ?? 0);
  return { origins, headers, exposed, credentials, maxAgeMs };
}

/** Names of header fields are the same whatever their case; a route's own wins. */
function mergedHeaders(
  bind: SaidShared["headers"] = {},
  route: SaidShared["headers"] = {},
): Readonly<Record<string, string>> {
  const own = new Set(Object.keys(route).map((name) => name.toLowerCase()));
  const kept = Object.entries(bind).filter(([name]) => !own.has(name.toLowerCase()));
  return { ...Object.fromEntries(kept), ...route };
}
