import type { SpacePlan } from "@orrery/registry";
import type { Route } from "../bind/bind.ts";
import type { RequestPath } from "../bind/request-path.ts";
import type { Caught, Matched } from "../bind/route-table.ts";
import type { Answer, WebRequest } from "./answer.ts";
import type { Answering } from "./answering.ts";
import type { SpaceState } from "./bind-keeper.ts";
import { answerContracts } from "./contract-pages.ts";
import { answerPreflight, preflightOf } from "./cross-origin.ts";
import { dressed } from "./dressed.ts";
import { page } from "./page.ts";
import { findPathCall } from "./path-call.ts";
import { nothingHere, whyNotBound } from "./refusals.ts";
import { tooLong } from "./refused-body.ts";
import { calleeOf, isPublished, shownTo } from "./shown-apps.ts";
import type { SpaceApps } from "./space-apps.ts";
import { knownBy, noteRefused } from "./visitor.ts";

/** Which route a request takes, or why none: then the answer. */
export type Way =
  | {
      readonly route: Route;
      readonly caught: Caught;
      readonly space: string;
      /** Who is logged in, or showed a token for what is of an app; empty for nobody. */
      readonly agent: string;
      readonly plan?: SpacePlan;
      /** Apps as whoever asks is shown them. Default: all. */
      readonly apps?: SpaceApps;
      /** What is answered where nothing is behind it. Default: that nothing is there. */
      readonly nothing?: () => Promise<Answer>;
    }
  | { readonly answer: Answer; readonly space?: string };

/** A request to a space that is there. */
export interface Arrived {
  readonly space: string;
  readonly state: SpaceState & { readonly kind: "bound" | "unbound" | "broken" };
  readonly parsed: RequestPath;
}

/** What a request was matched to. */
interface Choice {
  readonly way: Matched;
  /** Whether the space's own bind has that route. */
  readonly isBound: boolean;
  /** What a browser's question is about, which comes before the request that it would send. */
  readonly asked: Matched | undefined;
}

/** Takes the way of a request to a space. What is of an app that whoever asks may not call is no way: all is as where nothing is. */
export async function takeWay(request: WebRequest, arrived: Arrived, answering: Answering): Promise<Way> {
  const { space } = arrived;
  const { apps, lookout } = answering;
  const choice = choose(request, arrived, apps);
  if (apps === undefined) return await follow(request, { ...arrived, choice }, answering);
  const { way } = choice;
  const callee = way.kind === "route" ? calleeOf(way.route, space, apps) : undefined;
  if (isForAll(choice, callee)) {
    const nothing = choice.isBound ? undefined : () => nothingFor(request, arrived, { ...answering, apps });
    return await follow(request, { ...arrived, choice, nothing }, answering);
  }
  const isOfMechtron = way.kind === "route" && way.route.target.kind === "mechtron"; // Tokens are for the mechtron itself.
  if (isOfMechtron && (await mayCall(callee, "", lookout)))
    return await follow(request, { ...arrived, choice }, answering);
  const agent = await knownBy(request, answering);
  if (typeof agent !== "string") return { answer: agent, space };
  if (!isOfMechtron && (await mayCall(callee, agent, lookout)))
    return await follow(request, { ...arrived, choice, agent }, answering);
  if (callee !== undefined) noteRefused(callee, answering.log);
  const shown = await shownTo(agent, space, { apps, lookout });
  const showing = { ...answering, apps: shown };
  const nothing = () => nothingIn(request, arrived, showing);
  return await follow(request, { ...arrived, choice: choose(request, arrived, shown), agent, shown, nothing }, showing);
}

function choose(request: WebRequest, { space, state, parsed }: Arrived, apps: SpaceApps | undefined): Choice {
  const match = (method: string) => matchIn({ space, state, parsed }, method, apps);
  const asked = preflightOf(request);
  return { ...match(request.method), asked: asked === undefined ? undefined : match(asked).way };
}

/** Whether what was chosen is no secret: it is of the bind, says for whom it is, or leads to nothing that is called. */
function isForAll({ way, isBound, asked }: Choice, callee: string | undefined): boolean {
  if (isBound || (asked?.kind === "route" && asked.route.cors !== undefined)) return true;
  return way.kind === "route" && (callee === undefined || isPublished(way.route));
}

async function mayCall(callee: string | undefined, agent: string, lookout: Answering["lookout"]): Promise<boolean> {
  return callee !== undefined && (await lookout.mayExecute(callee, agent));
}

/** The space's own bind comes first, then routes of its apps, then the names of their services. */
function matchIn(
  { space, state, parsed }: Arrived,
  method: string,
  apps: SpaceApps | undefined,
): Omit<Choice, "asked"> {
  const bound: Matched = state.kind === "bound" ? state.inForce.routes.match(method, parsed) : { kind: "none" };
  if (apps === undefined || bound.kind === "route") return { way: bound, isBound: bound.kind === "route" };
  const routed = bound.kind === "none" ? apps.match(space, method, parsed) : bound;
  if (routed.kind === "route") return { way: routed, isBound: false };
  const call = findPathCall(parsed.parts, apps.services(space));
  const named = call.kind === "call" ? call.service.callTo(call.method) : undefined;
  if (named === undefined) return { way: routed, isBound: false };
  const { route, method: spelled } = named;
  if (route.methods.includes(method))
    return { way: { kind: "route", route, caught: { value: () => spelled, raw: () => spelled } }, isBound: false };
  return { way: routed.kind === "none" ? { kind: "method", allow: route.methods } : routed, isBound: false };
}

/** What was chosen for a request. */
interface Chosen extends Arrived {
  readonly choice: Choice;
  /** Who showed a token. Default: nobody. */
  readonly agent?: string;
  /** As of `Way`. */
  readonly shown?: SpaceApps;
  readonly nothing?: (() => Promise<Answer>) | undefined;
}

/** Goes the way that was chosen, as far as it may be gone now. */
async function follow(request: WebRequest, chosen: Chosen, answering: Answering): Promise<Way> {
  const { space, choice, shown, nothing } = chosen;
  const refuseIn = (answer: Answer) => ({ answer, space });
  const { way, asked } = choice;
  const rule = asked?.kind === "route" ? asked.route.cors : undefined;
  if (asked?.kind === "route" && rule !== undefined)
    return refuseIn(answerPreflight(request, rule, asked.route.methods));
  if (way.kind === "none") return refuseIn(await nothingIn(request, chosen, answering));
  if (way.kind === "method") {
    const allow = way.allow.join(", ");
    return refuseIn(page(405, `This address answers ${allow}, not ${request.method}.`, [["allow", allow]]));
  }
  const refused = whyNotNow(request, { ...way, space }, answering);
  if (refused !== undefined) return refuseIn(dressed(refused, way.route, request));
  const { route, caught } = way;
  const { plan } = chosen.state;
  const found = { route, caught, space, ...(shown && { apps: shown }), ...(nothing && { nothing }) };
  const agent = route.target.kind === "service" ? (chosen.agent ?? "") : "";
  if (route.auth === undefined) return { ...found, agent, ...(plan && { plan }) };
  const admitted = await answering.logins?.admit(request, route.auth);
  if (admitted === undefined) return refuseIn(page(503, "This is for users who log in, and nobody can log in here."));
  if ("answer" in admitted) return refuseIn(dressed(admitted.answer, route, request));
  return { ...found, agent: admitted.user };
}

/** What is at a path that leads nowhere, for whoever asks. */
async function nothingFor(
  request: WebRequest,
  arrived: Arrived,
  answering: Answering & { readonly apps: SpaceApps },
): Promise<Answer> {
  const agent = await knownBy(request, answering);
  if (typeof agent !== "string") return agent;
  return await nothingIn(request, arrived, { ...answering, apps: await shownTo(agent, arrived.space, answering) });
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
