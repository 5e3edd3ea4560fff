import { type ClientNode, type Log, OrreryError, type StreamOptions } from "@orrery/core";
import { failure } from "@orrery/core/internal";
import { type Authenticate, callOptionsOf } from "./call-options.ts";
import { createLibraryHandler } from "./connect-library.ts";
import type { ExposedMethod, Exposure } from "./exposure.ts";
import type { RequestFields } from "./header-fields.ts";
import { answerPlainStream } from "./plain-stream.ts";
import { mediaType, protocolOf } from "./protocol.ts";
import { HttpRefusal } from "./refusal.ts";
import type { DoorReply } from "./reply.ts";
import type { DoorRequest } from "./request.ts";
import { answerSchemaStream } from "./schema-stream.ts";
import { answerUnary, type CallDoor } from "./unary.ts";

/** Options of `createCallAnswerer`. */
export interface CallAnswererOptions {
  readonly node: Pick<ClientNode, "name" | "clock" | "client" | "send" | "publish">;
  readonly log: Log;
  readonly exposure: Exposure;
  readonly bodyBytesMax: number;
  readonly authenticate: Authenticate;
  /** Whether a request comes from a page of another site that may call. */
  readonly isAllowedSite: (request: DoorRequest) => boolean;
  readonly called: CallDoor["called"];
}

/** Answers a request to a method of a service, by whatever protocol it is made. @throws HttpRefusal, and as calls do */
export type CallAnswerer = (request: DoorRequest) => Promise<DoorReply>;

/** Makes it. */
export function createCallAnswerer(options: CallAnswererOptions): CallAnswerer {
  const { node, log, exposure, bodyBytesMax, called, authenticate, isAllowedSite } = options;
  const door: CallDoor & { readonly log: Log } = { node, log, bodyBytesMax, registry: exposure.registry, called };
  const library = createLibraryHandler(door, exposure);
  const answer = (exposed: ExposedMethod, call: readonly [DoorRequest, StreamOptions]): Promise<DoorReply> => {
    const { headers } = call[0];
    const protocol = protocolOf(headers);
    const isStream = exposed.method.mode === "stream";
    if (protocol === "http")
      return isStream ? answerPlainStream(door, exposed, call) : answerUnary(door, exposed, call);
    if (protocol === "connectStream" && !isStream) throw noStream(exposed);
    if (exposed.desc !== undefined) return library(exposed, call);
    if (protocol === "connectStream" && mediaType(headers) === "application/connect+json")
      return answerSchemaStream(door, exposed, call);
    throw wrongType(exposed, headers);
  };
  return async (request) => {
    const exposed = exposure.find(request.path);
    assertVerb(exposed, request, isAllowedSite(request));
    return await answer(exposed, [request, await callOptionsOf(request, { clock: node.clock, authenticate })]);
  };
}

function noStream({ name, method }: ExposedMethod): OrreryError {
  const text = `Cannot call "${name}" as a stream: its mode is ${method.mode}, send application/json`;
  return failure("mode_mismatch", text);
}

function wrongType({ name }: ExposedMethod, headers: RequestFields): HttpRefusal {
  const text = `Cannot call "${name}" with a body of content-type "${mediaType(headers)}": its contract is of schemas, send application/json`;
  return new HttpRefusal(415, new OrreryError("unimplemented", text));
}

function assertVerb({ name, get }: ExposedMethod, request: DoorRequest, isAllowedSite: boolean): void {
  if (request.method === "POST") return;
  if (request.method !== "GET" || get === "never") {
    throw wrongVerb(name, request.method, get === "never" ? "POST" : "POST, GET");
  }
  // A picture's address on another site must not do anything here; browsers say where a request comes from.
  const site = request.headers.get("sec-fetch-site") ?? "none";
  if (get === "always" || isAllowedSite || site === "none" || site === "same-origin") return;
  const text = `Cannot call "${name}" by GET from another site: use POST`;
  throw new HttpRefusal(403, new OrreryError("permission_denied", text));
}

/** The refusal of a request by a method of HTTP that its path does not have. */
export function wrongVerb(what: string, method: string, allow: string): HttpRefusal {
  const text = `Cannot call "${what}" by ${method}: use ${allow.replace(", ", " or ")}`;
  return new HttpRefusal(405, new OrreryError("unimplemented", text), { allow });
}
