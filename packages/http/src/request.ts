import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { Socket } from "node:net";
import type { Clock } from "@orrery/core";
import { failure } from "@orrery/core/internal";
import { type RequestFields, requestFields } from "./header-fields.ts";
import { HttpRefusal } from "./refusal.ts";

/** A request as Node gives it, of either version of HTTP. */
export type NodeRequest = IncomingMessage | Http2ServerRequest;

/** A response as Node gives it, of either version of HTTP. */
export type NodeResponse = ServerResponse | Http2ServerResponse;

/** A request as the door's handlers see it. */
export interface DoorRequest {
  readonly method: string;
  /** Path without the query, as it was sent. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: RequestFields;
  readonly httpVersion: string;
  readonly remoteAddress: string;
  /** On which it came; of HTTP/2 many may be on one at a time. Undefined for one that another server has read. */
  readonly connection: Socket | undefined;
  /** When it arrived, on the node's monotonic clock, in ms. */
  readonly startedMs: number;
  /** Aborts when the caller has left, or the door gives up its requests. */
  readonly signal: AbortSignal;
  /** Reads the whole body. @throws HttpRefusal 413 when it is too large, 408 when it comes too slowly, 400 when it breaks off. */
  readBody(): Promise<Uint8Array<ArrayBuffer>>;
}

/** What is needed to read requests. */
export interface RequestReading {
  readonly clock: Clock;
  readonly bodyBytesMax: number;
  readonly requestTimeoutMs: number;
}

/** A request on its way in, and what it came by. */
export interface Incoming {
  readonly exchange: readonly [NodeRequest, NodeResponse];
  readonly connection: Socket;
}

/** What an envelope adds to the body of a streaming protocol. */
const ENVELOPE_BYTES = 5;

/** Gives Node's request the form that handlers see. */
export function readRequest(
  { exchange: [request, response], connection }: Incoming,
  reading: RequestReading,
  signal: AbortSignal,
): DoorRequest {
  const [target = "", query = ""] = (request.url ?? "").split(/\?(.*)/s, 2);
  return {
    method: request.method ?? "",
    path: target.replace(/^[a-z]+:\/\/[^/]*/i, ""), // A proxy may send the whole address.
    query: new URLSearchParams(query),
    headers: requestFields(request.headers),
    httpVersion: request.httpVersion,
    remoteAddress: request.socket.remoteAddress ?? "",
    connection,
    startedMs: reading.clock.monotonic(),
    signal,
    readBody: () => collect([request, response], reading),
  };
}

/** Tells whether Node's request has a body that is still on its way. */
export function isIncomplete(request: NodeRequest): boolean {
  if (request.complete) return false;
  const { "content-length": length, "transfer-encoding": coding } = request.headers;
  return "stream" in request || coding !== undefined || (length !== undefined && length !== "0");
}

function collect(
  [request, response]: readonly [NodeRequest, NodeResponse],
  reading: RequestReading,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytesMax = reading.bodyBytesMax + ENVELOPE_BYTES;
  if (Number(request.headers["content-length"] ?? 0) > bytesMax) return Promise.reject(tooLarge(reading.bodyBytesMax));
  if (request.headers.expect?.toLowerCase() === "100-continue") response.writeContinue();
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    const end = (settle: () => void) => {
      timer.cancel();
      request.off("data", onData).off("end", onEnd).off("close", onClose);
      settle();
    };
    const onData = (chunk: Uint8Array) => {
      size += chunk.length;
      if (size <= bytesMax) return void chunks.push(chunk);
      request.pause();
      end(() => reject(tooLarge(reading.bodyBytesMax)));
    };
    const onEnd = () => end(() => resolve(Buffer.concat(chunks, size)));
    const onClose = () => end(() => reject(brokenOff()));
    const timer = reading.clock.timer(reading.requestTimeoutMs, () => {
      request.pause();
      end(() => reject(tooSlow(reading.requestTimeoutMs)));
    });
    request.on("data", onData).on("end", onEnd).on("close", onClose);
    if (request.destroyed) onClose();
  });
}

/** The refusal of a body, or of what it unpacks to, over the limit. */
export function tooLarge(bytesMax: number): HttpRefusal {
  return new HttpRefusal(
    413,
    failure("too_large", `Cannot take the request: its body has more than ${bytesMax} bytes`),
  );
}

function tooSlow(timeoutMs: number): HttpRefusal {
  const text = `Cannot take the request: its body did not come within ${timeoutMs} ms`;
  return new HttpRefusal(408, failure("expired", text));
}

function brokenOff(): HttpRefusal {
  return new HttpRefusal(400, failure("withdrawn", "Cannot take the request: its body broke off"));
}
