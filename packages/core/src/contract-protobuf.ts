import { type DescMethod, type DescService, getOption, hasOption } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import type { MethodContract, ServiceContract } from "./contract.ts";
import { assertHorizon, assertTimeout } from "./contract-options.ts";
import type { HorizonScope, Mode } from "./envelope.ts";
import { fingerprint } from "./fingerprint.ts";
import { method as methodOption } from "./gen/orrery/v1/contract_pb.ts";
import { OrreryError } from "./orrery-error.ts";
import { protobufBody } from "./protobuf-body.ts";

/** Reads a service that `protoc-gen-es` generated. The mode of a method follows from its shape; see `proto/orrery/v1/contract.proto`. */
export function protobufContract(service: DescService): ServiceContract {
  const methods = new Map<string, MethodContract>();
  for (const method of service.methods) methods.set(method.localName, methodContract(service, method));
  return { name: service.typeName, methods, source: { kind: "protobuf", service } };
}

function methodContract(service: DescService, method: DescMethod): MethodContract {
  const mode = modeOf(service, method);
  const options = hasOption(method, methodOption) ? getOption(method, methodOption) : undefined;
  return {
    name: method.name,
    localName: method.localName,
    mode,
    request: protobufBody(method.input),
    reply: protobufBody(method.output),
    fingerprint: fingerprint([service.typeName, method.name, mode, method.input.typeName, method.output.typeName]),
    idempotent: method.idempotency !== MethodOptions_IdempotencyLevel.IDEMPOTENCY_UNKNOWN,
    horizon: scopeOf(service, method, options?.horizon ?? ""),
    timeoutMs: timeoutOf(service, method, options?.timeoutMs ?? 0),
    summary: options?.summary ?? "",
  };
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
