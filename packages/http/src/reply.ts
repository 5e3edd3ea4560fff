import type { ServerResponse } from "node:http";
import type { Clock } from "@orrery/core";
import { LINGER_BYTES_MAX, LINGER_MS, REST_BYTES_MAX } from "./limits.ts";
import { isIncomplete, type NodeRequest, type NodeResponse } from "./request.ts";

/** An answer as the door's handlers give it. */
export interface DoorReply {
  readonly status: number;
  readonly headers: Headers;
  /** All at once, or in parts that are asked for as fast as the caller takes them. Default: empty. */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
  /** Fields after the body, as gRPC has them. Read when the body has ended. */
  readonly trailer?: Headers;
}

/** What is needed to send an answer. */
export interface ReplySending {
  readonly clock: Clock;
  /** The connection is to end after this answer. */
  readonly closing: boolean;
}

/** Makes an answer of JSON. */
export function jsonReply(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): DoorReply {
  const fields = new Headers({ "content-type": "application/json", ...headers });
  return { status, headers: fields, body: new TextEncoder().encode(JSON.stringify(value)) };
}

/**
 * Sends an answer; resolves when all was handed to the connection, or the caller has left. A body in parts is read only as fast as the
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
      if (reply.body instanceof Uint8Array) out.write(reply.body);
      for (; step?.done === false && !isGone(response); step = await iterator?.next()) {
        if (!out.write(step.value)) await drained(response);
      }
    }
    if (reply.trailer !== undefined) out.addTrailers(Object.fromEntries(reply.trailer));
    // HTTP/1.1 closes a connection as its last answer ends, so the rest comes first; HTTP/2 resets the stream afterwards.
    if (cutOff && !("stream" in response)) await discardRest(request, sending.clock);
    out.end();
    if (cutOff && "stream" in response) {
      await discardRest(request, sending.clock);
      if (!request.complete) response.stream.close(0); // NO_ERROR: the caller need not send what is left.
    }
  } finally {
    void iterator?.return?.().catch(() => undefined);
  }
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

function drained(response: NodeResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.on("drain", done);
    response.on("close", done);
    if (isGone(response)) done();
  });
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
