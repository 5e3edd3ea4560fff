import type { Clock, Log } from "@orrery/core";
import { type JsonCaller, type JsonMethod, type RequestFields, requestFields, type ServiceReply } from "@orrery/http";
import type { Route } from "../bind/bind.ts";
import type { Answer, WebRequest } from "./answer.ts";
import { told } from "./answer-service.ts";
import type { HeldBodies } from "./held-bodies.ts";
import { inPieces } from "./in-time.ts";

/** What services answer with. */
interface ServicesAnswering {
  readonly caller: JsonCaller | undefined;
  readonly bodies: HeldBodies;
  readonly clock: Clock;
  readonly log: Log;
}

/** Answers a request to any method of a component by the protocol in which it is made: Connect, gRPC-Web, or plain JSON; streams among them. */
export async function answerServices(
  request: WebRequest,
  { component, method, route, agent }: JsonMethod & { readonly route: Route; readonly agent: string },
  { caller, bodies, clock, log }: ServicesAnswering,
): Promise<Answer> {
  using held = await bodies.read(request.body, route.bodyBytesMax);
  if (caller?.answer === undefined) {
    log.error("a service could not be called", { service: component, error: "it knows no protocols of services" });
    return told(
      502,
      "unavailable",
      `Cannot call "${component}": it cannot be reached so, name the method in the route`,
    );
  }
  const late = Promise.withResolvers<Answer>();
  const timer = clock.timer(route.timeoutMs, () => {
    late.resolve(tooLate(component));
    request.giveUp();
  });
  const answer = caller.answer({
    ...{ component, method, verb: request.method, query: request.query.replace(/^\?/, "") },
    ...{ headers: handedOn(request), client: request.client, signal: request.signal },
    ...(agent !== "" && { agent }),
    body: held.bytes,
  });
  try {
    return await Promise.race([answer.then((reply) => answerOf(reply, route)), late.promise]);
  } finally {
    timer.cancel();
  }
}

/** The answer where a service took all the time that its route has. */
export function tooLate(component: string): Answer {
  return told(504, "deadline_exceeded", `Cannot wait any longer for "${component}": it took too long`);
}

/** The fields of a request, for who answers it. Nothing is packed on the way: the server in front may. */
export function handedOn({ headers }: Pick<WebRequest, "headers">): RequestFields {
  return requestFields(
    headers["accept-encoding"] === undefined ? headers : { ...headers, "accept-encoding": undefined },
  );
}

/** Fields of replies that come again, as they are sent. */
const KEPT = new WeakMap<ServiceReply["headers"], Answer["headers"]>();

function keptFields(headers: ServiceReply["headers"]): Answer["headers"] {
  const known = KEPT.get(headers) ?? [...headers, ["x-content-type-options", "nosniff"] as const];
  KEPT.set(headers, known);
  return known;
}

/** The answer that a reply is, by a route. */
export function answerOf({ status, headers, body, isRepeated }: ServiceReply, route: Route): Answer {
  if (isRepeated === true && typeof body === "string")
    return { status, headers: keptFields(headers), isRepeated, body };
  const fields = [...headers, ["x-content-type-options", "nosniff"] as const];
  if (body === undefined) return { status, headers: fields };
  return inPieces({ status, headers: fields, body }, route);
}
