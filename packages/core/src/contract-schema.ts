import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { BodyCodec, MethodContract, ServiceContract } from "./contract.ts";
import { assertHorizon, assertKeep, assertTimeout } from "./contract-options.ts";
import type { HorizonScope, Mode } from "./envelope.ts";
import { fingerprint } from "./fingerprint.ts";
import { bytesBody, isBytesSchema, jsonBody } from "./json-body.ts";
import { OrreryError } from "./orrery-error.ts";

/** What every method of a schema contract may say. */
interface MethodSchemaBase {
  readonly request: StandardSchemaV1;
  /** Whether doing it twice is the same as doing it once. Default: false. */
  readonly idempotent?: boolean;
  /** How far a message travels when its caller does not say. Default: any. */
  readonly horizon?: HorizonScope;
  /** How long a caller waits that does not say, in ms; 0 for the default of the node. Default: 0. */
  readonly timeoutMs?: number;
  /** One sentence for people. */
  readonly summary?: string;
}

/** One method of a schema contract: its mode, and a schema for each side. Any library that speaks Standard Schema will do. */
export type MethodSchema =
  | (MethodSchemaBase & { readonly mode?: "sync"; readonly reply: StandardSchemaV1 })
  | (MethodSchemaBase & { readonly mode: "stream"; readonly reply: StandardSchemaV1 })
  | (MethodSchemaBase & {
      readonly mode: "async";
      /**
       * Whether a message is acknowledged only when its receiver's journal has it, and handled although the process dies. It may be handled more
       * than once; the receiver needs a journal. Default: false.
       */
      readonly keep?: boolean;
    })
  | (MethodSchemaBase & { readonly mode: "broadcast" });

/** Methods of a schema contract by name. */
export type SchemaMethods = Readonly<Record<string, MethodSchema>>;

/** A contract written as schemas. */
export interface SchemaService<M extends SchemaMethods> {
  readonly kind: "orrery.service";
  readonly name: string;
  readonly methods: M;
}

const NAME = /^[a-zA-Z][a-zA-Z0-9_-]*(\.[a-zA-Z][a-zA-Z0-9_-]*)*$/;
const MODES: ReadonlySet<string> = new Set(["sync", "async", "stream", "broadcast"]);

/**
 * Defines a contract by schemas; bodies are JSON, or raw bytes where the schema is `bytes`.
 * @throws OrreryError `invalid_argument` for a bad name, mode or schema, naming it.
 * @example
 * const Weather = defineService("weather", {
 *   today: { request: z.object({ place: z.string() }), reply: z.object({ celsius: z.number() }) },
 * });
 */
export function defineService<const M extends SchemaMethods>(name: string, methods: M): SchemaService<M> {
  if (!NAME.test(name)) {
    throw invalid(`Cannot define service "${name}": a name is letters, digits, "-" and "_", in parts joined by "."`);
  }
  for (const [method, schema] of Object.entries(methods)) assertMethod(name, method, schema);
  return Object.freeze({ kind: "orrery.service", name, methods });
}

/** Tells a schema contract from a protobuf one. */
export function isSchemaService(service: object): service is SchemaService<SchemaMethods> {
  return (service as { kind?: unknown }).kind === "orrery.service";
}

/** Reads a schema contract into the platform's form. */
export function schemaContract(service: SchemaService<SchemaMethods>): ServiceContract {
  const methods = new Map<string, MethodContract>();
  for (const [name, schema] of Object.entries(service.methods))
    methods.set(name, methodContract(service.name, name, schema));
  return { name: service.name, methods, source: { kind: "schema", service } };
}

function methodContract(service: string, name: string, schema: MethodSchema): MethodContract {
  const mode: Mode = schema.mode ?? "sync";
  const request = bodyOf(schema.request);
  const reply = "reply" in schema ? bodyOf(schema.reply) : jsonBody(undefined);
  return {
    name,
    localName: name,
    mode,
    request,
    reply,
    fingerprint: fingerprint([service, name, mode, request.contentType, reply.contentType]),
    idempotent: schema.idempotent ?? false,
    horizon: schema.horizon ?? "any",
    timeoutMs: schema.timeoutMs ?? 0,
    summary: schema.summary ?? "",
    keep: "keep" in schema && schema.keep === true,
  };
}

function bodyOf(schema: StandardSchemaV1): BodyCodec {
  return isBytesSchema(schema) ? bytesBody : jsonBody(schema);
}

function assertMethod(service: string, method: string, schema: MethodSchema): void {
  const where = `Cannot define method "${service}.${method}"`;
  if (!NAME.test(method) || method.includes(".")) throw invalid(`${where}: a name is letters, digits, "-" and "_"`);
  if (typeof schema !== "object" || schema === null)
    throw invalid(`${where}: got ${schema === null ? "null" : typeof schema}, write { request, reply }`);
  if (!MODES.has(schema.mode ?? "sync")) {
    throw invalid(`${where}: there is no mode "${String(schema.mode)}", write sync, async, stream or broadcast`);
  }
  assertHorizon(where, schema.horizon ?? "any");
  assertTimeout(where, schema.timeoutMs);
  assertKeep(where, (schema as { keep?: unknown }).keep, schema.mode ?? "sync");
  if (!isSchema(schema.request))
    throw invalid(`${where}: "request" is no Standard Schema, pass one of zod, valibot or the like`);
  if ("reply" in schema) {
    const mode = (schema.mode ?? "sync") as Mode; // Untyped code may pass what the types refuse.
    if (mode === "async" || mode === "broadcast") throw invalid(`${where}: a method of mode ${mode} has no reply`);
    if (!isSchema(schema.reply))
      throw invalid(`${where}: "reply" is no Standard Schema, pass one of zod, valibot or the like`);
  } else if (schema.mode !== "async" && schema.mode !== "broadcast") {
    throw invalid(`${where}: it has no "reply", add one or make its mode async or broadcast`);
  }
}

function isSchema(value: unknown): value is StandardSchemaV1 {
  return value !== null && (typeof value === "object" || typeof value === "function") && "~standard" in value;
}

function invalid(message: string): OrreryError {
  return new OrreryError("invalid_argument", message);
}
