import type { Registry } from "@bufbuild/protobuf";
import { type ClientNode, OrreryError, type StreamOptions } from "@orrery/core";
import { type BodyForm, bodyForm, requestTypes } from "./body-form.ts";
import { withTimeSpent } from "./call-options.ts";
import { packReply, unpack } from "./encoding.ts";
import type { ExposedMethod } from "./exposure.ts";
import { type RequestFields, replyFields } from "./header-fields.ts";
import { invokeUnary } from "./invoke.ts";
import { isConnectClient, mediaType } from "./protocol.ts";
import { HttpRefusal } from "./refusal.ts";
import type { DoorReply } from "./reply.ts";
import type { DoorRequest } from "./request.ts";

/** What calls through the door need of it. */
export interface CallDoor {
  readonly node: Pick<ClientNode, "name" | "clock" | "client" | "send" | "publish">;
  readonly registry: Registry;
  readonly bodyBytesMax: number;
  /** Is told of each call once its message was read, before it is made. */
  called(exposed: ExposedMethod, request: DoorRequest, by: CalledWith): Promise<void>;
}

/** What is said in a call, and in whose name. */
export interface CalledWith extends Pick<StreamOptions, "agent"> {
  readonly message: unknown;
}

/** A call that was read from a request of HTTP's own form: one body, one media type. */
export interface PlainCall {
  readonly form: BodyForm;
  readonly request: unknown;
}

/**
 * Answers a call of mode sync, async or broadcast in the unary form of the Connect protocol, which is plain HTTP: POST a body, or GET
 * with the message in the query. Accepted and sent messages are answered with 202, to a Connect client with 200.
 */
export async function answerUnary(
  door: CallDoor,
  exposed: ExposedMethod,
  [request, options]: readonly [DoorRequest, StreamOptions],
): Promise<DoorReply> {
  const call = await readPlainCall(door, exposed, request);
  await door.called(exposed, request, { ...options, message: call.request });
  const value = await invokeUnary(door.node, exposed, [call.request, withTimeSpent(options, request, door.node.clock)]);
  const isReply = exposed.method.mode === "sync";
  const body = isReply || exposed.desc !== undefined ? call.form.write(value) : EMPTY_OBJECT;
  const status = isReply || isConnectClient(request.headers, request.query) ? 200 : 202;
  const reply: DoorReply = { status, headers: replyFields({ "content-type": call.form.contentType }), body };
  return packReply(reply, request.headers.get("accept-encoding") ?? "");
}

const EMPTY_OBJECT = new TextEncoder().encode("{}");

/** Reads a call from a POST or a GET. @throws HttpRefusal 405 or 415, OrreryError `malformed`, and what reading a body may throw. */
export async function readPlainCall(door: CallDoor, exposed: ExposedMethod, request: DoorRequest): Promise<PlainCall> {
  const { headers, query } = request;
  const version = headers.get("connect-protocol-version") ?? "1";
  if (version !== "1") {
    const text = `Cannot read header connect-protocol-version "${version}": this door speaks version 1`;
    throw new OrreryError("invalid_argument", text);
  }
  const options = { registry: door.registry, ignoreUnknownFields: isConnectClient(headers, query) };
  const type = request.method === "GET" ? `application/${query.get("encoding") ?? "json"}` : mediaType(headers);
  const types = requestTypes(exposed);
  if (!types.includes(type) || !/^(utf-?8)?$/i.test(charsetOf(headers))) throw wrongType(exposed, types, headers);
  const form = bodyForm(exposed, type, options);
  if (request.method === "GET") return { form, request: form.read(await readQuery(door, request)) };
  const packed = await request.readBody();
  const body = await unpack(packed, headers.get("content-encoding")?.toLowerCase() ?? "", door.bodyBytesMax);
  return { form, request: form.read(body) };
}

async function readQuery(door: CallDoor, { query }: DoorRequest): Promise<Uint8Array> {
  const message = query.get("message");
  const encoding = query.get("compression") ?? "";
  if (message === null) return query.get("encoding") === "proto" ? new Uint8Array(0) : EMPTY_OBJECT;
  const bytes = query.get("base64") === "1" ? Buffer.from(message, "base64") : Buffer.from(message);
  return unpack(new Uint8Array(bytes), encoding, door.bodyBytesMax);
}

function charsetOf(headers: RequestFields): string {
  return /;\s*charset="?([^";\s]*)/i.exec(headers.get("content-type") ?? "")?.[1] ?? "";
}

function wrongType(exposed: ExposedMethod, types: readonly string[], headers: RequestFields): HttpRefusal {
  const sent = headers.get("content-type");
  const what = sent === null ? "a body without a content-type" : `a body of content-type "${sent}"`;
  const text = `Cannot call "${exposed.name}" with ${what}: send ${types.join(" or ")}`;
  return new HttpRefusal(415, new OrreryError("invalid_argument", text), { "accept-post": types.join(", ") });
}
