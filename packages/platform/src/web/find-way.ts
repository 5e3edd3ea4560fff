import { readRequestPath } from "../bind/request-path.ts";
import type { Answer, WebRequest } from "./answer.ts";
import type { Answering } from "./answering.ts";
import { answerContracts } from "./contract-pages.ts";
import { spaceOf } from "./host-name.ts";
import { URL_LENGTH_MAX } from "./limits.ts";
import { page } from "./page.ts";
import { isTooLong, nothingHere, whyNotBound, whyTooMany } from "./refusals.ts";
import { type Arrived, takeWay, type Way } from "./take-way.ts";
import { isLoginPath, ownPageOf } from "./web-paths.ts";

/** Finds the route of a request, and whether it may take it now. */
export async function findWay(request: WebRequest, answering: Answering): Promise<Way> {
  const { binds, domains } = answering;
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
  const own = request.path.startsWith("/-/") ? await answerOwn(request, { space, state }, answering) : undefined;
  if (own !== undefined) return { answer: own, space };
  const parsed = readRequestPath(request.path);
  if ("status" in parsed) {
    const answer = parsed.status === 400 ? page(400, "The address has an escape that is none.") : nothingHere();
    return { answer, space };
  }
  return await takeWay(request, { space, state, parsed }, answering);
}

/** What every space answers by itself. */
async function answerOwn(
  request: WebRequest,
  of: Pick<Arrived, "space" | "state">,
  answering: Answering,
): Promise<Answer | undefined> {
  const own = ownPageOf(request.path);
  if (own === undefined) return undefined;
  if (isLoginPath(own)) return await answering.logins?.answer(request, own, of.space);
  return await answerContracts(request, { ...of, page: own }, answering);
}
