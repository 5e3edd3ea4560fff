import { isPlainest, type PlainestCall } from "@orrery/http";
import type { SpacePlan } from "@orrery/registry";
import type { Route } from "../bind/bind.ts";
import type { Answer, WebRequest } from "./answer.ts";
import { answerFile, type ServedFile } from "./answer-file.ts";
import { answerOf, handedOn, tooLate } from "./answer-services.ts";
import type { Answering } from "./answering.ts";
import type { UsedFor } from "./connection-meter.ts";
import { dressed } from "./dressed.ts";
import { inPieces, inTime } from "./in-time.ts";
import { isTooLong, whyTooMany } from "./refusals.ts";
import { refusedBody } from "./refused-body.ts";
import type { SpaceApps } from "./space-apps.ts";
import { usedBy, usedIn } from "./used-for.ts";

/** What is known of a request like one that was answered before. */
interface Warm {
  readonly route: Route;
  readonly space: string;
  /** Absent: it bounds nothing. */
  readonly plan?: SpacePlan;
}

/** Where a request for a file led. */
export interface WarmFile extends Warm {
  readonly file: ServedFile;
}

/** Where a request to a service led that anybody may call. */
export interface WarmCall extends Warm {
  /** Name of the service. */
  readonly component: string;
  readonly call: PlainestCall;
  readonly used: UsedFor;
  /** What the apps of the space served then: another list, and it may lead elsewhere. */
  readonly services: ReturnType<SpaceApps["services"]> | undefined;
}

/** Makes the answer to a request that is like one before, and leads to where that one led; undefined where none is known. */
export function findWarm(request: WebRequest, answering: Answering): (() => Answer | Promise<Answer>) | undefined {
  if (isTooLong(request)) return undefined;
  const file = answering.warm.files.get(request);
  if (file !== undefined) return () => answerWarmFile(request, file, answering);
  const call = request.method === "POST" ? findCall(request, answering) : undefined;
  return call && (() => answerWarmCall(request, call, answering));
}

/** A file that was found before: at once, where its bytes are in memory. */
function answerWarmFile(
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

function findCall(request: WebRequest, { warm, apps }: Answering): WarmCall | undefined {
  const { headers, bodyBytes = 0 } = request;
  if (headers["authorization"] !== undefined) return undefined;
  const known = warm.calls.get(request);
  if (known === undefined || apps?.services(known.space) !== known.services) return undefined;
  return bodyBytes <= known.route.bodyBytesMax && isPlainest("POST", handedOn(request)) ? known : undefined;
}

async function answerWarmCall(request: WebRequest, known: WarmCall, answering: Answering): Promise<Answer> {
  const { bodies, clock } = answering;
  const { route, component, call, used } = known;
  const tooMany = whyTooMany(known, answering);
  if (tooMany !== undefined) return { ...tooMany, used: usedIn(known.space) };
  try {
    using held = await bodies.read(request.body, route.bodyBytesMax);
    const endMs = clock.monotonic() + route.timeoutMs;
    const { timeoutMs } = route;
    const reply = await call(held.bytes, handedOn(request), { agent: "anonymous", signal: request.signal, timeoutMs });
    const answer = reply.status === 504 && clock.monotonic() >= endMs ? tooLate(component) : answerOf(reply, route);
    return { ...dressed(answer, route, request), used };
  } catch (error) {
    return { ...refusedBody(error, route), used };
  }
}

/** Keeps where a request to a service led, for those that are like it. */
export function keepCall(
  request: WebRequest,
  { of, ...known }: Omit<WarmCall, "services"> & { readonly of: number | undefined },
  { warm, apps }: Answering,
): void {
  warm.calls.put(request, { ...known, services: apps?.services(known.space) }, of);
}
