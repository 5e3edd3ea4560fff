/**
 * Spells the field `grpc-message` of a trailer as gRPC has it: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 * Connect's library escapes signs, such as ":", that other clients of gRPC then show escaped.
 */
export function respellGrpcMessage(trailer: Headers): void {
  const message = trailer.get("grpc-message");
  if (message === null) return;
  const text = decodeURIComponent(message);
  trailer.set("grpc-message", text.replace(/[^\x20-\x24\x26-\x7e]+/g, encodeURIComponent));
}
