import type { SpacePlan } from "@orrery/registry";
import type { Route } from "../bind/bind.ts";
import { type RequestPath, readRequestPath } from "../bind/request-path.ts";
import type { Caught, Matched } from "../bind/route-table.ts";
import type { Answer, WebRequest } from "./answer.ts";
import type { Answering } from "./answering.ts";
import type { SpaceState } from "./bind-keeper.ts";
import { answerContracts } from "./contract-pages.ts";
import { answerPreflight, preflightOf } from "./cross-origin.ts";
import { dressed } from "./dressed.ts";
import { spaceOf } from "./host-name.ts";
import { URL_LENGTH_MAX } from "./limits.ts";
import { page } from "./page.ts";
import { findPathCall } from "./path-call.ts";
import { tooLong } from "./refused-body.ts";

/** Which route a request takes, or why none: then the answer. */
export type Way =
  | {
      readonly route: Route;
      readonly caught: Caught;
      readonly space: string;
      readonly agent: string;
      readonly plan?: SpacePlan;
    }
  | { readonly answer: Answer; readonly space?: string };

/** Finds the route of a request, and whether it may take it now. */
export async function findWay(request: WebRequest, answering: Answering): Promise<Way> {
  const { binds, logins, domains } = answering;
  const refuse = (answer: Answer) => ({ answer });
  if (isTooLong(request)) return refuse(page(414, `The address has more than ${URL_LENGTH_MAX} characters.`));
  const host = spaceOf(request.host);
  const space = host === undefined ? undefined : (domains?.spaceOf(host) ?? host);
  if (space === undefined)
    return refuse(page(404, `There is no space "${request.host.slice(0, 260)}" here: it is no name.`));
  const state = await binds.of(space);
  if (state.kind === "missing" || state.kind === "suspended") return refuse(whyNotBound(state.kind, space));
  const tooMany = whyTooMany({ space, plan: state.plan }, answering);
  if (tooMany !== undefined) return { answer: tooMany, space };
  const own = request.path.startsWith("/-/")
    ? ((await logins?.answer(request, space)) ?? (await answerContracts(request, { space, state }, answering)))
    : undefined;
  if (own !== undefined) return { answer: own, space };
  const parsed = readRequestPath(request.path);
  if ("status" in parsed) {
    const answer = parsed.status === 400 ? page(400, "The address has an escape that is none.") : nothingHere();
    return { answer, space };
  }
  return await takeWay(request, { space, state, parsed }, answering);
}

/** A request to a space that is there. */
interface Arrived {
  readonly space: string;
  readonly state: SpaceState & { readonly kind: "bound" | "unbound" | "broken" };
  readonly parsed: RequestPath;
}

async function takeWay(request: WebRequest, arrived: Arrived, answering: Answering): Promise<Way> {
  const { space } = arrived;
  const refuseIn = (answer: Answer) => ({ answer, space });
  const asked = preflightOf(request);
  const matched = matchIn(arrived, asked ?? request.method, answering);
  const rule = asked !== undefined && matched.kind === "route" ? matched.route.cors : undefined;
  if (rule !== undefined && matched.kind === "route")
    return refuseIn(answerPreflight(request, rule, matched.route.methods));
  const way = asked === undefined ? matched : matchIn(arrived, request.method, answering);
  if (way.kind === "none") return refuseIn(await nothingIn(request, arrived, answering));
  if (way.kind === "method") {
    const allow = way.allow.join(", ");
    return refuseIn(page(405, `This address answers ${allow}, not ${request.method}.`, [["allow", allow]]));
  }
  const refused = whyNotNow(request, { ...way, space }, answering);
  if (refused !== undefined) return refuseIn(dressed(refused, way.route, request));
  const { route, caught } = way;
  const { plan } = arrived.state;
  if (route.auth === undefined) return { route, caught, space, agent: "", ...(plan && { plan }) };
  const admitted = await answering.logins?.admit(request, route.auth);
  if (admitted === undefined) return refuseIn(page(503, "This is for users who log in, and nobody can log in here."));
  if ("answer" in admitted) return refuseIn(dressed(admitted.answer, route, request));
  return { route, caught, space, agent: admitted.user };
}

/** The space's own bind comes first, then routes of its apps, then the names of their services. */
function matchIn({ space, state, parsed }: Arrived, method: string, { apps }: Answering): Matched {
  const bound: Matched = state.kind === "bound" ? state.inForce.routes.match(method, parsed) : { kind: "none" };
  if (apps === undefined || bound.kind === "route") return bound;
  const routed = bound.kind === "none" ? apps.match(space, method, parsed) : bound;
  if (routed.kind === "route") return routed;
  const call = findPathCall(parsed.parts, apps.services(space));
  const named = call.kind === "call" ? call.service.callTo(call.method) : undefined;
  if (named === undefined) return routed;
  const { route, method: spelled } = named;
  if (!route.methods.includes(method))
    return routed.kind === "none" ? { kind: "method", allow: route.methods } : routed;
  return { kind: "route", route, caught: { value: () => spelled, raw: () => spelled } };
}

/** What is at a path that leads nowhere: what the space tells of itself, or what would work. */
async function nothingIn(
  request: WebRequest,
  { space, state, parsed }: Arrived,
  answering: Answering,
): Promise<Answer> {
  const services = answering.apps?.services(space) ?? [];
  if (services.length > 0 && request.path === "/openapi.json") {
    const told = await answerContracts(request, { space, state, page: "openapi.json" }, answering);
    if (told !== undefined) return told;
  }
  if (state.kind !== "bound" && services.length === 0) return whyNotBound(state.kind, space);
  const call = findPathCall(parsed.parts, services);
  if (call.kind === "ambiguous")
    return page(404, `This address means several services, write one whole: ${call.names.join(", ")}.`);
  if (request.method === "GET" || request.method === "HEAD" || services.length === 0) return nothingHere();
  return page(404, "There is no such service at this address: /-/services lists those that there are.");
}

/** Why a route is not taken now by whoever asks. */
function whyNotNow(
  request: WebRequest,
  { route, space }: { readonly route: Route; readonly space: string },
  { rates, mayPassTo, log }: Answering,
): Answer | undefined {
  const { target } = route;
  if (target.kind === "upstream" && !mayPassTo.has(target.origin)) {
    log.warn("an upstream is not allowed", { space, upstream: target.origin });
    return page(502, "The server behind this page may not be asked from here.");
  }
  const waitMs = rates.take(route, request.client);
  if (waitMs > 0)
    return page(429, "Too many requests came. Wait a little.", [["retry-after", String(Math.ceil(waitMs / 1000))]]);
  const isTooLarge =
    request.bodyBytes !== undefined && request.bodyBytes > route.bodyBytesMax && route.bodyBytesMax > 0;
  return isTooLarge ? tooLong(route) : undefined;
}

/** What a request is answered whose Space had more of them of late than its plan lets it have; undefined where it had not. */
export function whyTooMany(
  { space, plan }: { readonly space: string; readonly plan?: SpacePlan | undefined },
  { quotas }: Pick<Answering, "quotas">,
): Answer | undefined {
  const refused = quotas?.rates.take(space, plan, "answer");
  if (refused === undefined) return undefined;
  quotas?.refusals.noteError(refused.error);
  const answer = page(429, refused.error.message, [["retry-after", String(Math.ceil(refused.waitMs / 1000))]]);
  return { ...answer, endsUpload: true };
}

/** The answer where nothing is, or nobody may see it. */
export function nothingHere(): Answer {
  return page(404, "There is nothing at this address.");
}

/** Whether the address of a request is longer than any may be. */
export function isTooLong({ path, query }: WebRequest): boolean {
  return path.length + query.length > URL_LENGTH_MAX;
}

function whyNotBound(kind: Exclude<SpaceState["kind"], "bound">, space: string): Answer {
  switch (kind) {
    case "missing":
      return page(404, `There is no space "${space}" here.`);
    case "suspended":
      return page(503, `The space "${space}" is suspended: its owner can say why.`);
    case "unbound":
      return page(404, `The space "${space}" has no bind: set its property bind to the address of one.`);
    case "broken":
      return page(503, `The bind of the space "${space}" cannot be used: the status of the space says why.`);
  }
}
