import { type Clock, isOrreryError } from "@orrery/core";
import { requestFields } from "@orrery/http";
import type { SpacePlan } from "@orrery/registry";
import type { Route } from "../bind/bind.ts";
import type { Caught } from "../bind/route-table.ts";
import { type Answer, headerOf, type WebRequest } from "./answer.ts";
import { answerFile, type ServedFile } from "./answer-file.ts";
import { answerMechtron } from "./answer-mechtron.ts";
import { answerService, statusOfCode, told } from "./answer-service.ts";
import { answerServices } from "./answer-services.ts";
import type { Answering } from "./answering.ts";
import { BodyTooLong } from "./bounded-body.ts";
import type { UsedFor } from "./connection-meter.ts";
import { dressed } from "./dressed.ts";
import { findFile } from "./find-file.ts";
import { findWay, isTooLong, nothingHere, tooLong, type Way, whyTooMany } from "./find-way.ts";
import { BodiesFull } from "./held-bodies.ts";
import { page } from "./page.ts";
import type { SpaceApps } from "./space-apps.ts";
import { redirectTo } from "./upstream-path.ts";
import type { WarmFile } from "./warm-files.ts";

/** A route that a request takes. */
interface FoundWay {
  readonly route: Route;
  readonly caught: Caught;
  /** Revision of the registry as of which it does; undefined where that is not known. */
  readonly of: number | undefined;
  readonly space: string;
  readonly plan?: SpacePlan;
  /** Who is logged in; empty: nobody needs to be. */
  readonly agent: string;
}

/** The file that a request leads to, if it was found before and nothing was written since. */
export function findWarm(request: WebRequest, { warm }: Answering): WarmFile | undefined {
  return isTooLong(request) ? undefined : warm.get(request);
}

/** Answers a request for a file that was found before: at once, where its bytes are in memory. */
export function answerWarm(
  request: WebRequest,
  { route, file, ...of }: WarmFile,
  { reading, clock, quotas }: Answering,
): Answer | Promise<Answer> {
  const tooMany = whyTooMany(of, { quotas });
  if (tooMany !== undefined) return { ...tooMany, used: usedIn(of.space) };
  const answer = answerFile(request, file, reading);
  const made = (one: Answer) => ({ ...dressed(inPieces(one, route), route, request), used: usedBy(file) });
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
  return { used: usedFor(route, way.space, answering.apps), ...dressed(answer, route, request) };
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

async function answerRoute(request: WebRequest, way: FoundWay, answering: Answering): Promise<Answer> {
  const { route, caught, of, space, agent } = way;
  const { target } = route;
  switch (target.kind) {
    case "files":
      return answerFiles(request, way, answering);
    case "service":
      return answerCall(request, { route, caught, of, space, agent }, answering);
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

/** What is of an app of the space comes before what the platform serves. */
async function answerCall(
  request: WebRequest,
  { route, caught, space, agent: user }: FoundWay,
  answering: Answering,
): Promise<Answer> {
  const { target } = route;
  if (target.kind !== "service") throw new TypeError("it is no route to a service");
  const { component, method } = target;
  const known = user === "" ? await knownBy(request, answering) : user;
  if (typeof known !== "string") return known;
  const of = answering.apps?.callerOf(space, component);
  if (of !== undefined && !(await answering.lookout.mayExecute(of.app, known))) return notForAll(of.app, answering);
  const by = { ...answering, caller: of?.caller ?? answering.caller };
  return typeof method === "string"
    ? answerService(request, { target: { component, method }, route, agent: known }, by)
    : answerServices(request, { component, ...method, caught, route, agent: known }, by);
}

/** Who shows a token, as everywhere; empty for nobody, or why he is not let in. */
async function knownBy(request: WebRequest, { authenticate }: Answering): Promise<string | Answer> {
  const authorization = headerOf(request, "authorization");
  if (authenticate === undefined || authorization === undefined) return "";
  try {
    const from = { remoteAddress: request.client, path: request.path };
    const agent = await authenticate(requestFields({ authorization }), from);
    return agent === "anonymous" ? "" : agent;
  } catch (error) {
    if (!isOrreryError(error)) throw error;
    return { ...told(statusOfCode(error.code), error.code, error.message), endsUpload: true };
  }
}

/** What a route leads to is not for everybody unless a grant says so; a visitor is not told what it is. */
function notForAll(address: string, { log }: Answering): Answer {
  log.info("a message to what is not for everybody", { address, hint: "grant x on it to anyone" });
  return { ...told(403, "permission_denied", "Cannot call this: it is not for everybody"), endsUpload: true };
}

async function answerFiles(
  request: WebRequest,
  { route, caught, of, space, plan, agent }: FoundWay,
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
      if (route.rate === undefined && route.auth === undefined)
        warm.put(request, { route, file, space, ...(plan && { plan }) }, of);
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

function noRoom(): Answer {
  const answer = page(503, "There is no room for the body now. Try again in a moment.", [["retry-after", "1"]]);
  return { ...answer, endsUpload: true };
}
