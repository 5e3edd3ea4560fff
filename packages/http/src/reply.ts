import type { ServerResponse } from "node:http";
import type { Clock } from "@orrery/core";
import { type ReplyFields, replyFields } from "./header-fields.ts";
import { LINGER_BYTES_MAX, LINGER_MS, REST_BYTES_MAX, SLICE_BYTES } from "./limits.ts";
import { isIncomplete, type NodeRequest, type NodeResponse } from "./request.ts";

/** An answer as the door's handlers give it. */
export interface DoorReply {
  readonly status: number;
  readonly headers: ReplyFields;
  /** All at once, or in parts that are asked for as fast as the caller takes them. Default: empty. */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
  /** Fields after the body, as gRPC has them. Read when the body has ended. */
  readonly trailer?: Headers;
}

/** What is needed to send an answer. */
export interface ReplySending {
  readonly clock: Clock;
  /** How long a caller may take nothing of what waits for it, in ms; then its connection is cut. */
  readonly stallTimeoutMs: number;
  /** The connection is to end after this answer. */
  readonly closing: boolean;
}

/** A page of ours: nothing of others is loaded into it, and none may frame it. */
export function htmlReply(status: number, html: string): DoorReply {
  const headers = replyFields({
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  });
  return { status, headers, body: new TextEncoder().encode(html) };
}

/** Makes an answer of text that nobody keeps. */
export function textReply(
  status: number,
  { type, content }: { readonly type: string; readonly content: string },
): DoorReply {
  const headers = replyFields({ "content-type": type, "cache-control": "no-store" });
  return { status, headers, body: new TextEncoder().encode(content) };
}

/** Makes an answer of JSON. */
export function jsonReply(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): DoorReply {
  const fields = replyFields({ "content-type": "application/json", ...headers });
  return { status, headers: fields, body: new TextEncoder().encode(JSON.stringify(value)) };
}

/**
 * Sends an answer; resolves when all was taken off our hands, or the caller has left. A body in parts is read only as fast as the
 * connection takes it. A request that was refused while its body is on its way has a little of it thrown away, then is cut off.
 */
export async function sendReply(
  [request, response]: readonly [NodeRequest, NodeResponse],
  reply: DoorReply,
  sending: ReplySending,
): Promise<void> {
  const out = response as ServerResponse; // Node's HTTP/2 response has the same methods; a union of both cannot be called.
  const iterator = isParts(reply.body) ? reply.body[Symbol.asyncIterator]() : undefined;
  try {
    let step = await iterator?.next(); // A first part that fails can still be answered with a status of its own.
    const cutOff = isIncomplete(request) && (ENDS_UPLOAD.has(reply.status) || !isShort(request));
    const fields = Object.fromEntries(reply.headers);
    if ((sending.closing || cutOff) && !("stream" in response)) fields["connection"] = "close";
    if (reply.body instanceof Uint8Array) fields["content-length"] = String(reply.body.length);
    out.writeHead(reply.status, fields);
    if (request.method !== "HEAD") {
      if (reply.body instanceof Uint8Array) await write(response, reply.body, sending);
      for (; step?.done === false && !isGone(response); step = await iterator?.next()) {
        await write(response, step.value, sending);
      }
    }
    if (reply.trailer !== undefined) out.addTrailers(Object.fromEntries(reply.trailer));
    await end([request, response], cutOff, sending);
  } finally {
    void iterator?.return?.().catch(() => undefined);
  }
}

// In slices, so that a caller who takes a little at a time is told from one who takes nothing.
async function write(response: NodeResponse, bytes: Uint8Array, sending: ReplySending): Promise<void> {
  for (let at = 0; at < bytes.length && !isGone(response); at += SLICE_BYTES) {
    const slice = bytes.length <= SLICE_BYTES ? bytes : bytes.subarray(at, at + SLICE_BYTES);
    if (!(response as ServerResponse).write(slice)) await untilEvent(response, "drain", sending);
  }
}

async function end(
  [request, response]: readonly [NodeRequest, NodeResponse],
  cutOff: boolean,
  sending: ReplySending,
): Promise<void> {
  const isHttp2 = "stream" in response;
  // HTTP/1.1 closes a connection as its last answer ends, so the rest comes first; HTTP/2 resets the stream afterwards.
  if (cutOff && !isHttp2) await discardRest(request, sending.clock);
  response.end();
  if (cutOff && isHttp2) {
    await discardRest(request, sending.clock);
    if (!request.complete) response.stream.close(0); // NO_ERROR: the caller need not send what is left.
  }
  if (!response.writableFinished) await untilEvent(response, "finish", sending);
}

/** Answers to an upload that took too long, or was too large: its rest is not waited for. */
const ENDS_UPLOAD: ReadonlySet<number> = new Set([408, 413]);

function isShort(request: NodeRequest): boolean {
  return Number(request.headers["content-length"] ?? Number.POSITIVE_INFINITY) <= REST_BYTES_MAX;
}

function isParts(body: DoorReply["body"]): body is AsyncIterable<Uint8Array> {
  return body !== undefined && !(body instanceof Uint8Array);
}

function isGone(response: NodeResponse): boolean {
  return "stream" in response ? response.stream.destroyed : response.destroyed;
}

/** Waits for an event of a response, or for its end; a caller that lets it wait too long is cut off. */
function untilEvent(response: NodeResponse, event: "drain" | "finish", sending: ReplySending): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel();
      response.off(event, done);
      response.off("close", done);
      resolve();
    };
    const timer = sending.clock.timer(sending.stallTimeoutMs, () => {
      cut(response);
      done();
    });
    response.on(event, done);
    response.on("close", done);
    if (isGone(response)) done();
  });
}

/** Ends a response at once, with whatever of it has not been sent. */
export function cut(response: NodeResponse): void {
  if ("stream" in response) response.stream.destroy();
  else response.destroy();
}

// A connection that is closed with unread bytes is reset, and a reset may overtake the answer.
function discardRest(request: NodeRequest, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    let size = 0;
    const done = () => {
      timer.cancel();
      request.off("data", onData).off("end", done).off("close", done);
      request.pause();
      resolve();
    };
    const onData = (chunk: Uint8Array) => {
      size += chunk.length;
      if (size > LINGER_BYTES_MAX) done();
    };
    const timer = clock.timer(LINGER_MS, done);
    request.on("data", onData).on("end", done).on("close", done);
    request.resume();
    if (request.destroyed) done();
  });
}
