import { type Misfit, parseDuration, parseSize } from "@orrery/mesh/internal";
import type { Address } from "@orrery/registry";
import { ROUTE_BODY_BYTES_MAX, ROUTE_TIMEOUT_MAX_MS } from "./limits.ts";
import { methodsOf } from "./methods.ts";
import { namesOf, type PathPattern, parsePathPattern } from "./path-pattern.ts";
import { whyNoAuth } from "./read-auth.ts";
import { namesInTarget, readTarget } from "./read-target.ts";
import type { SaidBind, SaidRoute, SaidShared } from "./said-bind.ts";
import { placeOf, type UpstreamList } from "./upstream-list.ts";
import { wholeBodyBytesMax } from "./whole-body.ts";

/** Header fields that belong to one connection, or say how long a body is: no bind sets them. */
const UNSETTABLE: ReadonlySet<string> = new Set(
  "connection content-encoding content-length content-range date keep-alive proxy-connection te trailer transfer-encoding upgrade".split(
    " ",
  ),
);

/** Methods of HTTP that a method of a service does not have, and those that no method of the protocols of services has. */
const NO_BODY: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
const OTHER_THAN_CALLS: ReadonlySet<string> = new Set(["PUT", "PATCH", "DELETE", "OPTIONS"]);

/** What a bind is judged by. */
export interface BindJudging {
  /** What relative addresses start from. */
  readonly base: Address | undefined;
  /** Where upstreams may be; undefined for anywhere. */
  readonly upstreams: UpstreamList | undefined;
}

/** Finds what does not fit together in a bind whose parts are each of their right form. */
export function judgeBind(said: SaidBind, judging: BindJudging): readonly Misfit[] {
  const misfits: Misfit[] = [
    ...judgeShared(said, [], ""),
    ...judgeAuth(said.auth, { base: judging.base, path: [], name: "" }),
  ];
  /** Which route answers a method of a path, by both. */
  const taken = new Map<string, number>();
  for (const [index, route] of said.routes.entries()) {
    const path = ["routes", index] as const;
    const name = `routes[${index}]`;
    const tell = (field: string, why: string) =>
      void misfits.push({ path: [...path, field], text: `"${name}.${field}" ${why}` });
    misfits.push(...judgeShared(route, path, `${name}.`));
    misfits.push(...judgeAuth(route.auth, { base: judging.base, path, name: `${name}.` }));
    const pattern = parsePathPattern(route.path);
    if (typeof pattern === "string") tell("path", pattern);
    else {
      judgeTarget(route, { ...judging, pattern, tell });
      judgeTaken(route, { ...judging, pattern, index, taken, tell });
    }
  }
  return misfits;
}

function judgeAuth(
  said: string | undefined,
  { base, path, name }: { readonly base: Address | undefined; readonly path: Misfit["path"]; readonly name: string },
): readonly Misfit[] {
  const why = whyNoAuth(said, base);
  return why === undefined ? [] : [{ path: [...path, "auth"], text: `"${name}auth" ${why}` }];
}

type Tell = (field: string, why: string) => void;

interface TargetJudging extends BindJudging {
  readonly pattern: PathPattern;
  readonly tell: Tell;
}

function judgeTarget(route: SaidRoute, { base, upstreams, pattern, tell }: TargetJudging): void {
  const read = readTarget(route, base);
  if (!("target" in read)) {
    tell(read.field, read.why);
    return;
  }
  const { target } = read;
  const known = namesOf(pattern);
  const unknown = namesInTarget(target).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const hint =
      known.length === 0
        ? `write a place in the path, such as {${unknown}}`
        : `it has ${known.map((one) => `{${one}}`).join(", ")}`;
    tell(target.kind, `has {${unknown}}, which the path does not have: ${hint}`);
  }
  if (target.kind === "upstream" && upstreams?.has(target.origin) === false)
    tell(
      "upstream",
      `is at ${placeOf(new URL(target.origin))}, where no bind may lead: an operator must allow it first`,
    );
  if (target.kind === "files") {
    const other = route.methods?.find((method) => method !== "GET" && method !== "HEAD");
    if (other !== undefined) tell("methods", `has ${other}, files answer GET and HEAD alone: leave it out`);
  }
  if ((target.kind === "files" || target.kind === "redirect") && route.body !== undefined)
    tell("body", `is for a service, a mechtron or an upstream, ${target.kind} takes no body: leave it out`);
  const wholeMax = wholeBodyBytesMax(target.kind);
  if (wholeMax !== undefined && route.body !== undefined && (parseSize(route.body) ?? 0) > wholeMax)
    tell("body", `is ${route.body}: a ${target.kind} is handed the body whole, write up to ${wholeMax / 1024 ** 2}MiB`);
  if (target.kind === "redirect" && route.timeout !== undefined)
    tell("timeout", "is for what may take time, a redirect does not: leave it out");
  if (target.kind === "service") {
    const isOne = typeof target.method === "string";
    const other = route.methods?.find((method) => (isOne ? NO_BODY : OTHER_THAN_CALLS).has(method));
    if (other !== undefined)
      tell(
        "methods",
        isOne
          ? `has ${other}, a service is sent a body: write some of POST, PUT, PATCH, DELETE`
          : `has ${other}, services are called by POST and GET: leave it out`,
      );
  }
}

interface TakenJudging extends TargetJudging {
  readonly index: number;
  readonly taken: Map<string, number>;
}

function judgeTaken(route: SaidRoute, { pattern, index, taken, base, tell }: TakenJudging): void {
  const read = readTarget(route, base);
  if (!("target" in read)) return;
  const shape = pattern.parts.map((part) => (part.form === "text" ? `=${part.text}` : part.form)).join("/");
  for (const method of methodsOf(route.methods, read.target.kind)) {
    const key = `${method} ${shape}`;
    const before = taken.get(key);
    if (before === undefined) {
      taken.set(key, index);
      continue;
    }
    tell("path", `is never reached by ${method}: routes[${before}] has the same path, leave one of them out`);
    return;
  }
}

function judgeShared(
  { timeout, body, cors, headers = {} }: SaidShared,
  path: readonly (string | number)[],
  name: string,
): readonly Misfit[] {
  const misfits: Misfit[] = [];
  const tell = (field: readonly string[], why: string) =>
    void misfits.push({ path: [...path, ...field], text: `"${name}${field.join(".")}" ${why}` });
  const timeoutMs = timeout === undefined ? 1 : (parseDuration(timeout) ?? 0);
  if (timeoutMs < 1 || timeoutMs > ROUTE_TIMEOUT_MAX_MS) tell(["timeout"], `is ${timeout}: write from 1ms to 1h`);
  const bytes = body === undefined ? 0 : (parseSize(body) ?? 0);
  if (bytes > ROUTE_BODY_BYTES_MAX) tell(["body"], `is ${body}: write up to 16GiB`);
  if (typeof cors === "object" && cors.credentials === true && cors.origins.includes("*"))
    tell(["cors", "credentials"], "is for origins that are named, not for *: browsers refuse both together");
  const seen = new Map<string, string>();
  for (const one of Object.keys(headers)) {
    const lower = one.toLowerCase();
    if (UNSETTABLE.has(lower)) tell(["headers", one], "is set by the server itself: leave it out");
    const other = seen.get(lower);
    if (other !== undefined) tell(["headers", one], `is "${other}" again, case does not matter: leave one of them out`);
    seen.set(lower, one);
  }
  return misfits;
}
