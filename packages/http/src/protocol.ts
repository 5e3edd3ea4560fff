import type { RequestFields } from "./header-fields.ts";

/** Protocol that a request speaks, as far as the form of an error depends on it. */
export type Protocol = "http" | "connectStream" | "grpc" | "grpcWeb";

/** Tells the protocol from a request's content type. */
export function protocolOf(headers: RequestFields): Protocol {
  const type = mediaType(headers);
  if (/^application\/grpc(\+[a-z]+)?$/.test(type)) return "grpc";
  if (/^application\/grpc-web(-text)?(\+[a-z]+)?$/.test(type)) return "grpcWeb";
  return /^application\/connect\+(json|proto)$/.test(type) ? "connectStream" : "http";
}

/** Media type of a request's body in lower case, without parameters; empty when none is given. */
export function mediaType(headers: RequestFields): string {
  return (headers.get("content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/** Tells whether a program that knows the Connect protocol speaks, and not a person or a plain HTTP client. */
export function isConnectClient(headers: RequestFields, query?: URLSearchParams): boolean {
  return headers.has("connect-protocol-version") || query?.get("connect") === "v1";
}
