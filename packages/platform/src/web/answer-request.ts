import type { Route } from "../bind/bind.ts";
import type { Answer, WebRequest } from "./answer.ts";
import { answerFile } from "./answer-file.ts";
import { answerMechtron } from "./answer-mechtron.ts";
import { answerService, told } from "./answer-service.ts";
import { answerServices } from "./answer-services.ts";
import { keepCall } from "./answer-warm.ts";
import type { Answering } from "./answering.ts";
import { BodyTooLong } from "./bounded-body.ts";
import { dressed } from "./dressed.ts";
import { findFile } from "./find-file.ts";
import { findWay } from "./find-way.ts";
import { inPieces, inTime } from "./in-time.ts";
import { page } from "./page.ts";
import { nothingHere } from "./refusals.ts";
import { refusedBody } from "./refused-body.ts";
import type { Way } from "./take-way.ts";
import { redirectTo } from "./upstream-path.ts";
import { usedBy, usedFor, usedIn } from "./used-for.ts";
import { knownBy, noteRefused } from "./visitor.ts";

/** A route that a request takes. */
type FoundWay = Extract<Way, { route: Route }> & {
  /** Revision of the registry as of which it does; undefined where that is not known. */
  readonly of: number | undefined;
};

/** Answers a request: by its host a space, by its path a route of the space's bind. */
export async function answerRequest(request: WebRequest, answering: Answering): Promise<Answer> {
  const of = answering.lookout.exact();
  const way = await findWay(request, answering).catch((error: unknown): Way => {
    if (error instanceof BodyTooLong) return { answer: { ...page(413, "The form is too long."), endsUpload: true } };
    throw error;
  });
  if ("answer" in way) return way.space === undefined ? way.answer : { ...way.answer, used: usedIn(way.space) };
  const { route } = way;
  const answer = await answerRoute(request, { ...way, of }, answering).catch((error: unknown) =>
    refusedBody(error, route),
  );
  return { used: usedFor(route, way.space, answering.apps), ...dressed(answer, route, request) };
}

async function answerRoute(request: WebRequest, way: FoundWay, answering: Answering): Promise<Answer> {
  const { route, caught, agent } = way;
  const { target } = route;
  switch (target.kind) {
    case "files":
      return answerFiles(request, way, answering);
    case "service":
      return answerCall(request, way, answering);
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
async function answerCall(request: WebRequest, way: FoundWay, answering: Answering): Promise<Answer> {
  const { route, caught, space, agent: user, apps: shown } = way;
  const { target } = route;
  if (target.kind !== "service") throw new TypeError("it is no route to a service");
  const { component, method } = target;
  const known = user === "" ? await knownBy(request, answering) : user;
  if (typeof known !== "string") return known;
  const of = shown?.callerOf(space, component) ?? answering.apps?.callerOf(space, component);
  const isNowhere = of === undefined && answering.caller?.has(component) === false;
  if (isNowhere || (of !== undefined && !(await answering.lookout.mayExecute(of.app, known))))
    return notForAll(of?.app ?? component, answering);
  const by = { ...answering, caller: of?.caller ?? answering.caller };
  if (typeof method === "string")
    return answerService(request, { target: { component, method }, route, agent: known }, by);
  const called = caught.value(method.in);
  if (known === "" && isForAnybody(route)) keepWarm(request, { ...way, component, called }, by);
  return answerServices(request, { component, method: called, route, agent: known }, by);
}

/** Whether it does not depend on who asks, nor on how often. */
function isForAnybody({ auth, rate }: Route): boolean {
  return auth === undefined && rate === undefined;
}

function keepWarm(
  request: WebRequest,
  { route, of, space, plan, component, called }: FoundWay & { readonly component: string; readonly called: string },
  answering: Answering,
): void {
  const call = answering.caller?.plainest?.({ component, method: called });
  if (call === undefined) return;
  const used = usedFor(route, space, answering.apps);
  keepCall(request, { route, of, space, ...(plan && { plan }), component, call, used }, answering);
}

/** What a route leads to is not there, or not for everybody unless a grant says so; a visitor is not told which, nor what it is. */
function notForAll(address: string, { log }: Answering): Answer {
  noteRefused(address, log);
  return {
    ...told(403, "permission_denied", "Cannot call this: it is not there, or not for whoever asks"),
    endsUpload: true,
  };
}

async function answerFiles(
  request: WebRequest,
  { route, caught, of, space, plan, agent, nothing = async () => nothingHere() }: FoundWay,
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
      if (isForAnybody(route)) warm.files.put(request, { route, file, space, ...(plan && { plan }) }, of);
      return { ...inPieces(whole, route), used: usedBy(file) };
    }
    if (file.denied !== undefined)
      log.info("a file is not for everybody", { file: file.denied, hint: "grant r on it to anyone" });
    return await nothing();
  };
  return inTime(answer(), route.timeoutMs, clock);
}
