import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import type { MethodContract, ServiceContract } from "./contract.ts";
import { assertHorizon, assertKeep, assertTimeout } from "./contract-options.ts";
import type { HorizonScope, Mode } from "./envelope.ts";
import { fingerprint } from "./fingerprint.ts";
import type { MethodOptions } from "./gen/orrery/v1/contract_pb.ts";
import { OrreryError } from "./orrery-error.ts";
import { createByteReader } from "./protobuf/byte-reader.ts";
import { emptyMessage, type MessageTable, messageTable, readMessage } from "./protobuf/message-table.ts";
import { WireType } from "./protobuf/wire-type.ts";
import { protobufBody } from "./protobuf-body.ts";

/** The options of a method that `proto/orrery/v1/contract.proto` adds. */
export const METHOD_OPTIONS: MessageTable = messageTable(
  "orrery.v1.MethodOptions",
  ["horizon", "text"],
  ["timeoutMs", "uint32"],
  ["summary", "text"],
  ["keep", "bool"],
);

/** Number of the extension of `google.protobuf.MethodOptions` that they are. */
export const METHOD_OPTIONS_NUMBER = 50610;

const IDEMPOTENCY_UNKNOWN: MethodOptions_IdempotencyLevel.IDEMPOTENCY_UNKNOWN = 0;

/** Reads a service that `protoc-gen-es` generated. The mode of a method follows from its shape; see `proto/orrery/v1/contract.proto`. */
export function protobufContract(service: DescService): ServiceContract {
  const methods = new Map<string, MethodContract>();
  for (const method of service.methods) methods.set(method.localName, methodContract(service, method));
  return { name: service.typeName, methods, source: { kind: "protobuf", service } };
}

function methodContract(service: DescService, method: DescMethod): MethodContract {
  const mode = modeOf(service, method);
  const { horizon, timeoutMs, summary, keep } = optionsOf(method);
  assertKeep(where(service, method), keep, mode);
  return {
    name: method.name,
    localName: method.localName,
    mode,
    request: protobufBody(method.input),
    reply: protobufBody(method.output),
    fingerprint: fingerprint([service.typeName, method.name, mode, method.input.typeName, method.output.typeName]),
    idempotent: method.idempotency !== IDEMPOTENCY_UNKNOWN,
    horizon: scopeOf(service, method, horizon),
    timeoutMs: timeoutOf(service, method, timeoutMs),
    summary,
    keep,
  };
}

/** protobuf-es keeps what it does not know of a method's options as bytes, length first; here is who knows. */
function optionsOf({ proto }: DescMethod): MethodOptions {
  const options = emptyMessage(METHOD_OPTIONS);
  for (const { no, wireType, data } of proto.options?.$unknown ?? []) {
    const isOurs = no === METHOD_OPTIONS_NUMBER && wireType === WireType.lengthDelimited;
    if (isOurs) readMessage(createByteReader(data), METHOD_OPTIONS, options);
  }
  return options as unknown as MethodOptions;
}

function modeOf(service: DescService, method: DescMethod): Mode {
  if (method.methodKind === "server_streaming") return "stream";
  if (method.methodKind !== "unary") {
    const why = "a stream of requests is not supported, make it one request or a stream of replies";
    throw new OrreryError("invalid_argument", `${where(service, method)}: ${why}`);
  }
  if (method.output.typeName === "orrery.v1.Accepted") return "async";
  if (method.output.typeName === "orrery.v1.Broadcast") return "broadcast";
  return "sync";
}

function scopeOf(service: DescService, method: DescMethod, text: string): HorizonScope {
  const scope = text === "" ? "any" : text;
  assertHorizon(where(service, method), scope);
  return scope;
}

function timeoutOf(service: DescService, method: DescMethod, timeoutMs: number): number {
  assertTimeout(where(service, method), timeoutMs);
  return timeoutMs;
}

function where(service: DescService, method: DescMethod): string {
  return `Cannot use method "${service.typeName}.${method.name}"`;
}
