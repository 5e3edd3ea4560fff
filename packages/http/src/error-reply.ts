import type { ConnectError } from "@connectrpc/connect";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { codeToHttpStatus, endStreamFlag, endStreamToJson, errorToJson } from "@connectrpc/connect/protocol-connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { isOrreryError, type Log, OrreryError } from "@orrery/core";
import { stackOf } from "@orrery/core/internal";
import { toConnectError } from "./connect-error.ts";
import { respellGrpcMessage } from "./grpc-message.ts";
import type { RequestFields } from "./header-fields.ts";
import { mediaType, protocolOf } from "./protocol.ts";
import { HttpRefusal } from "./refusal.ts";
import { type DoorReply, jsonReply } from "./reply.ts";

/**
 * Answers a request with an error in the form that its protocol has: an HTTP status and JSON `{code, message, details}`, the end of
 * a Connect stream, or gRPC's status fields. What is no declared error is logged, and its caller is told nothing of it.
 */
export function errorReply(thrown: unknown, request: RequestFields, log: Log): DoorReply {
  const connect = toConnectError(errorOf(thrown, log));
  const headers = new Headers({ "content-type": mediaType(request) });
  switch (protocolOf(request)) {
    case "grpc":
      return { status: 200, headers, trailer: statusOf(connect) };
    case "grpcWeb":
      setTrailerStatus(headers, connect); // A browser sees no trailer; without a body its fields stand in the header.
      return { status: 200, headers };
    case "connectStream":
      return { status: 200, headers, body: endOfStream(connect) };
    case "http": {
      const status = thrown instanceof HttpRefusal ? thrown.status : codeToHttpStatus(connect.code);
      return jsonReply(status, errorToJson(connect, undefined), thrown instanceof HttpRefusal ? thrown.headers : {});
    }
  }
}

function statusOf(error: ConnectError): Headers {
  const trailer = new Headers();
  setTrailerStatus(trailer, error);
  respellGrpcMessage(trailer);
  return trailer;
}

/** The envelope that ends a stream of the Connect protocol. */
export function endOfStream(error?: ConnectError): Uint8Array {
  const end = endStreamToJson(new Headers(), error, undefined);
  return encodeEnvelope(endStreamFlag, encoder.encode(JSON.stringify(end)));
}

/** The error as a caller may see it: what was not declared becomes `internal`, and its text goes to the log alone. */
export function errorOf(thrown: unknown, log: Log): OrreryError {
  if (thrown instanceof HttpRefusal) return thrown.error;
  if (isOrreryError(thrown)) return thrown;
  log.error("request failed", { error: stackOf(thrown) });
  return new OrreryError("internal", "Cannot answer the request: the door failed, the log of its node tells why");
}

const encoder = new TextEncoder();
