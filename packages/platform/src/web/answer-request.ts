import type { Clock, Log } from "@orrery/core";
import type { JsonCaller } from "@orrery/http";
import type { Route } from "../bind/bind.ts";
import { readRequestPath } from "../bind/request-path.ts";
import type { Caught, Matched } from "../bind/route-table.ts";
import type { UpstreamList } from "../bind/upstream-list.ts";
import type { WebLogins } from "../login/web-logins.ts";
import type { Answer, WebRequest } from "./answer.ts";
import { answerFile, type FileReading, type ServedFile } from "./answer-file.ts";
import { answerMechtron } from "./answer-mechtron.ts";
import { answerService, told } from "./answer-service.ts";
import { answerServices } from "./answer-services.ts";
import type { BindKeeper, SpaceState } from "./bind-keeper.ts";
import { BodyTooLong } from "./bounded-body.ts";
import type { UsedFor } from "./connection-meter.ts";
import { findFile } from "./find-file.ts";
import { BodiesFull, type HeldBodies } from "./held-bodies.ts";
import { spaceOf } from "./host-name.ts";
import { URL_LENGTH_MAX } from "./limits.ts";
import type { Lookout } from "./lookout.ts";
import { page } from "./page.ts";
import type { Rates } from "./rates.ts";
import type { SpaceApps } from "./space-apps.ts";
import type { Upstreams } from "./system-upstream.ts";
import { redirectTo } from "./upstream-path.ts";
import type { WarmFile, WarmFiles } from "./warm-files.ts";

/** What requests are answered from. */
export interface Answering {
  readonly binds: BindKeeper;
  readonly lookout: Lookout;
  readonly warm: WarmFiles;
  readonly rates: Rates;
  readonly reading: FileReading;
  /** Where upstreams may be. */
  readonly mayPassTo: UpstreamList;
  readonly upstreams: Upstreams;
  readonly caller: JsonCaller | undefined;
  /** Default: no apps run. */
  readonly apps: SpaceApps | undefined;
  /** Lets visitors log in. Default: nobody can, and what is for users alone is refused. */
  readonly logins: WebLogins | undefined;
  /** Those that are read as a whole. */
  readonly bodies: HeldBodies;
  readonly clock: Clock;
  readonly log: Log;
}

/** A route that a request takes. */
interface FoundWay {
  readonly route: Route;
  readonly caught: Caught;
  /** Revision of the registry as of which it does; undefined where that is not known. */
  readonly of: number | undefined;
  /** Who is logged in; empty: nobody needs to be. */
  readonly agent: string;
}

/** Which route a request takes, or why none: then the answer. */
export type Way =
  | { readonly route: Route; readonly caught: Caught; readonly space: string; readonly agent: string }
  | { readonly answer: Answer; readonly space?: string };

/** The file that a request leads to, if it was found before and nothing was written since. */
export function findWarm(request: WebRequest, { warm }: Answering): WarmFile | undefined {
  return isTooLong(request) ? undefined : warm.get(request);
}

/** Answers a request for a file that was found before: at once, where its bytes are in memory. */
export function answerWarm(
  request: WebRequest,
  { route, file }: WarmFile,
  { reading, clock }: Answering,
): Answer | Promise<Answer> {
  const answer = answerFile(request, file, reading);
  const made = (one: Answer) => ({ ...dressed(inPieces(one, route), route), used: usedBy(file) });
  return answer instanceof Promise ? inTime(answer, route.timeoutMs, clock).then(made) : made(answer);
}

/** Answers a request: by its host a space, by its path a route of the space's bind. */
export async function answerRequest(request: WebRequest, answering: Answering): Promise<Answer> {
  const of = answering.lookout.exact();
  const way = await findWay(request, answering).catch((error: unknown): Way => {
    if (error instanceof BodyTooLong) return { answer: { ...page(413, "The form is too long."), endsUpload: true } };
    throw error;
  });
  if ("answer" in way) return way.space === undefined ? way.answer : { ...way.answer, used: usedIn(way.space) };
  const { route } = way;
  const answer = await answerRoute(request, { ...way, of }, answering).catch((error: unknown) => {
    if (error instanceof BodyTooLong) return tooLong(route);
    if (error instanceof BodiesFull) return noRoom();
    throw error;
  });
  return { used: usedFor(route, way.space, answering.apps), ...dressed(answer, route) };
}

/** What a request counts for that leads to no file: mechtrons count their messages by themselves. */
function usedFor({ target }: Route, space: string, apps: SpaceApps | undefined): UsedFor {
  if (target.kind === "mechtron") return { address: target.address, messages: 0 };
  const of = target.kind === "service" ? apps?.callerOf(space, target.component) : undefined;
  return of === undefined ? usedIn(space) : { address: of.app, messages: of.isMechtron ? 0 : 1 };
}

function usedIn(space: string): UsedFor {
  return { address: space, messages: 1 };
}

/** Of files that are asked for again and again, so that none is made anew. */
const USED_BY = new WeakMap<ServedFile["found"], UsedFor>();

function usedBy({ found }: ServedFile): UsedFor {
  const known = USED_BY.get(found);
  if (known !== undefined) return known;
  const used = { address: found.resource.address, messages: 1 } as const;
  USED_BY.set(found, used);
  return used;
}

/** Finds the route of a request, and whether it may take it now. */
export async function findWay(
  request: WebRequest,
  { binds, rates, mayPassTo, apps, logins, log }: Answering,
): Promise<Way> {
  const { method, host, path } = request;
  const refuse = (answer: Answer) => ({ answer });
  if (isTooLong(request)) return refuse(page(414, `The address has more than ${URL_LENGTH_MAX} characters.`));
  const space = spaceOf(host);
  if (space === undefined) return refuse(page(404, `There is no space "${host.slice(0, 260)}" here: it is no name.`));
  const state = await binds.of(space);
  if (state.kind === "missing" || state.kind === "suspended") return refuse(whyNotBound(state.kind, space));
  const refuseIn = (answer: Answer) => ({ answer, space });
  const login = path.startsWith("/-/") ? await logins?.answer(request, space) : undefined;
  if (login !== undefined) return refuseIn(login);
  const parsed = readRequestPath(path);
  if ("status" in parsed)
    return refuseIn(parsed.status === 400 ? page(400, "The address has an escape that is none.") : nothingHere());
  const bound: Matched = state.kind === "bound" ? state.inForce.routes.match(method, parsed) : { kind: "none" };
  const matched = bound.kind === "none" && apps !== undefined ? apps.match(space, method, parsed) : bound;
  if (matched.kind === "none") return refuseIn(state.kind === "bound" ? nothingHere() : whyNotBound(state.kind, space));
  if (matched.kind === "method") {
    const allow = matched.allow.join(", ");
    return refuseIn(page(405, `This address answers ${allow}, not ${method}.`, [["allow", allow]]));
  }
  const { route, caught } = matched;
  const { target } = route;
  if (target.kind === "upstream" && !mayPassTo.has(target.origin)) {
    log.warn("an upstream is not allowed", { space, upstream: target.origin });
    return refuseIn(dressed(page(502, "The server behind this page may not be asked from here."), route));
  }
  const waitMs = rates.take(route, request.client);
  if (waitMs > 0) {
    const answer = page(429, "Too many requests came. Wait a little.", [
      ["retry-after", String(Math.ceil(waitMs / 1000))],
    ]);
    return refuseIn(dressed(answer, route));
  }
  if (request.bodyBytes !== undefined && request.bodyBytes > route.bodyBytesMax && route.bodyBytesMax > 0)
    return refuseIn(dressed(tooLong(route), route));
  if (route.auth === undefined) return { route, caught, space, agent: "" };
  const admitted = await logins?.admit(request, route.auth);
  if (admitted === undefined) return refuseIn(page(503, "This is for users who log in, and nobody can log in here."));
  return "answer" in admitted ? refuseIn(admitted.answer) : { route, caught, space, agent: admitted.user };
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

async function answerRoute(
  request: WebRequest,
  { route, caught, of, space, agent }: FoundWay & { readonly space: string },
  answering: Answering,
): Promise<Answer> {
  const { target } = route;
  switch (target.kind) {
    case "files":
      return answerFiles(request, { route, caught, of, agent }, answering);
    case "service": {
      const { apps, caller } = answering;
      const of = apps?.callerOf(space, target.component); // What is of an app of the space comes before what the platform serves.
      if (of !== undefined && !(await answering.lookout.mayExecute(of.app, agent))) return notForAll(of.app, answering);
      const { component, method } = target;
      const by = { ...answering, caller: of?.caller ?? caller };
      return typeof method === "string"
        ? answerService(request, { target: { component, method }, route, agent }, by)
        : answerServices(request, { component, ...method, caught, route, agent }, by);
    }
    case "mechtron":
      if (!(await answering.lookout.mayExecute(target.address, agent))) return notForAll(target.address, answering);
      return answerMechtron(request, { target, route, agent }, answering);
    case "upstream":
      return answering.upstreams.pass(request, route, { target, caught });
    case "redirect": {
      const location = redirectTo(target.to, caught, request.query);
      return { ...page(target.status, `It is at ${location}.`), headers: [["location", location]] };
    }
  }
}

/** What a route leads to is not for everybody unless a grant says so; a visitor is not told what it is. */
function notForAll(address: string, { log }: Answering): Answer {
  log.info("a message to what is not for everybody", { address, hint: "grant x on it to anyone" });
  return { ...told(403, "permission_denied", "Cannot call this: it is not for everybody"), endsUpload: true };
}

async function answerFiles(
  request: WebRequest,
  { route, caught, of, agent }: FoundWay,
  { lookout, reading, warm, clock, log }: Answering,
): Promise<Answer> {
  const { target } = route;
  if (target.kind !== "files") throw new TypeError("it is no route to files");
  const answer = async () => {
    const file = await findFile(target, caught, agent === "" ? lookout : lookout.as(agent));
    if (file.kind === "directory") {
      const location = `${request.path}/${request.query}`;
      return { status: 308, headers: [["location", location]] as const };
    }
    if (file.kind === "file") {
      const whole = await answerFile(request, file, reading);
      if (route.rate === undefined && route.auth === undefined) warm.put(request, { route, file }, of);
      return { ...inPieces(whole, route), used: usedBy(file) };
    }
    if (file.denied !== undefined)
      log.info("a file is not for everybody", { file: file.denied, hint: "grant r on it to anyone" });
    return nothingHere();
  };
  return inTime(answer(), route.timeoutMs, clock);
}

/** What comes in pieces has to come in time. */
function inPieces(answer: Answer, { timeoutMs }: Route): Answer {
  const { body } = answer;
  return body === undefined || body instanceof Uint8Array ? answer : { ...answer, pieceTimeoutMs: timeoutMs };
}

/** What takes too long is answered 504; what comes of it later is let go. */
async function inTime(answer: Promise<Answer>, timeoutMs: number, clock: Clock): Promise<Answer> {
  const late = Promise.withResolvers<Answer>();
  const timer = clock.timer(timeoutMs, () => late.resolve(page(504, "It took too long to read the file.")));
  return Promise.race([answer, late.promise]).finally(() => timer.cancel());
}

function isTooLong({ path, query }: WebRequest): boolean {
  return path.length + query.length > URL_LENGTH_MAX;
}

function nothingHere(): Answer {
  return page(404, "There is nothing at this address.");
}

function noRoom(): Answer {
  const answer = page(503, "There is no room for the body now. Try again in a moment.", [["retry-after", "1"]]);
  return { ...answer, endsUpload: true };
}

function tooLong({ bodyBytesMax }: Route): Answer {
  return { ...page(413, `The body has more than ${bodyBytesMax} bytes.`), endsUpload: true };
}

/** Adds what the bind says, in place of fields of the same name. What is for users stays with the browser that asked. */
function dressed(whole: Answer, { headers, auth }: Route): Answer {
  const answer =
    auth === undefined ? whole : { ...whole, isRepeated: false, headers: withFields(whole.headers, PRIVATE) };
  if (headers.length === 0) return answer;
  if (!answer.isRepeated) return { ...answer, headers: withFields(answer.headers, headers) };
  const known = DRESSED.get(answer.headers);
  if (known?.by === headers) return { ...answer, headers: known.fields };
  const fields = withFields(answer.headers, headers);
  DRESSED.set(answer.headers, { by: headers, fields });
  return { ...answer, headers: fields };
}

const PRIVATE: Route["headers"] = [
  ["cache-control", "private, no-cache"],
  ["vary", "cookie"],
];

/** Fields that come again, with those of the bind that they were sent by last. */
const DRESSED = new WeakMap<Answer["headers"], { readonly by: Route["headers"]; readonly fields: Answer["headers"] }>();

function withFields(before: Answer["headers"], added: Route["headers"]): Answer["headers"] {
  const own = new Set(added.map(([name]) => name.toLowerCase()));
  return [...before.filter(([name]) => !own.has(name.toLowerCase())), ...added];
}
