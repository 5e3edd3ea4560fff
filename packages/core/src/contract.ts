import type { DescMessage, DescService, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { GenService, GenServiceMethods } from "@bufbuild/protobuf/codegenv2";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { protobufContract } from "./contract-protobuf.ts";
import {
  isSchemaService,
  type MethodSchema,
  type SchemaMethods,
  type SchemaService,
  schemaContract,
} from "./contract-schema.ts";
import type { HorizonScope, Mode } from "./envelope.ts";
import { OrreryError } from "./orrery-error.ts";

/** Turns the values of one side of a method into what travels, and back. */
export interface BodyCodec {
  /** Media type; empty for protobuf. */
  readonly contentType: string;
  /** Encodes a value. @throws OrreryError `malformed` when the value does not fit. */
  encode(value: unknown): Uint8Array;
  /** Copies a value, so that neither side sees what the other does to its own. @throws OrreryError as `encode`. */
  copy(value: unknown): unknown;
  /** Decodes bytes that came from a peer. @throws OrreryError `malformed`. */
  decode(bytes: Uint8Array): unknown;
  /** Checks a decoded or copied value against its schema and gives what the user's code sees; absent when decoding has checked all. */
  readonly check?: (value: unknown) => unknown | Promise<unknown>;
}

/** One method of a contract. */
export interface MethodContract {
  /** Name on the wire, as the contract spells it. */
  readonly name: string;
  /** Name in code. */
  readonly localName: string;
  readonly mode: Mode;
  readonly request: BodyCodec;
  /** Reply, or item of a stream. */
  readonly reply: BodyCodec;
  /** 16 hex digits over service, method, mode and message names: two sides that differ in it do not mean the same method. */
  readonly fingerprint: string;
  /** Whether doing it twice is the same as doing it once. */
  readonly idempotent: boolean;
  readonly horizon: HorizonScope;
  /** How long a caller waits that does not say, in ms; 0 for the default of the node. */
  readonly timeoutMs: number;
  readonly summary: string;
  /** Of an async method: whether what was accepted is handled although the process dies; it may then be handled more than once. */
  readonly keep: boolean;
}

/** A contract as the platform uses it, whatever it was written in. */
export interface ServiceContract {
  /** Name on the wire: the protobuf type name, or the name given to `defineService`. */
  readonly name: string;
  /** By local name. */
  readonly methods: ReadonlyMap<string, MethodContract>;
  readonly source:
    | { readonly kind: "protobuf"; readonly service: DescService }
    | { readonly kind: "schema"; readonly service: SchemaService<SchemaMethods> };
}

/** What a component may be defined by: a service that `protoc-gen-es` generated, or one made by `defineService`. */
export type Service = DescService | SchemaService<SchemaMethods>;

/** How one method looks to the type checker. */
export interface MethodTypes {
  mode: Mode;
  /** What a caller passes. */
  request: unknown;
  /** What a handler is given. */
  received: unknown;
  /** What a handler returns or yields. */
  reply: unknown;
  /** What a caller is given. */
  replied: unknown;
}

type OutputName<D extends DescMessage> = MessageShape<D>["$typeName"];

type ProtobufMode<M extends GenServiceMethods[string]> = M["methodKind"] extends "server_streaming"
  ? "stream"
  : M["methodKind"] extends "unary"
    ? OutputName<M["output"]> extends "orrery.v1.Accepted"
      ? "async"
      : OutputName<M["output"]> extends "orrery.v1.Broadcast"
        ? "broadcast"
        : "sync"
    : never;

type ProtobufTypes<M extends GenServiceMethods[string]> = {
  mode: ProtobufMode<M>;
  request: MessageInitShape<M["input"]>;
  received: MessageShape<M["input"]>;
  reply: MessageInitShape<M["output"]>;
  replied: MessageShape<M["output"]>;
};

type ReplySchema<M> = M extends { reply: infer R extends StandardSchemaV1 } ? R : StandardSchemaV1<void, void>;

type SchemaTypes<M extends MethodSchema> = {
  mode: M extends { mode: infer K extends Mode } ? K : "sync";
  request: StandardSchemaV1.InferInput<M["request"]>;
  received: StandardSchemaV1.InferOutput<M["request"]>;
  reply: StandardSchemaV1.InferInput<ReplySchema<M>>;
  replied: StandardSchemaV1.InferOutput<ReplySchema<M>>;
};

/** Methods of a service by local name, as types. */
export type MethodsOf<S extends Service> =
  S extends SchemaService<infer D>
    ? { [K in keyof D]: SchemaTypes<D[K]> }
    : S extends GenService<infer M>
      ? { [K in keyof M]: ProtobufTypes<M[K]> }
      : never;

/** Names of a service's methods of one mode. */
export type MethodNames<S extends Service, M extends Mode> = {
  [K in keyof MethodsOf<S>]: MethodsOf<S>[K] extends { mode: M } ? K : never;
}[keyof MethodsOf<S>] &
  string;

const contracts = new WeakMap<object, ServiceContract>();

/**
 * Reads a service into the form that the platform uses; the same service gives the same contract.
 * @throws OrreryError `invalid_argument` when a method has a mode or shape that is not supported, naming it.
 */
export function contractOf(service: Service): ServiceContract {
  const known = contracts.get(service);
  if (known !== undefined) return known;
  assertService(service);
  const contract = isSchemaService(service) ? schemaContract(service) : protobufContract(service);
  contracts.set(service, contract);
  return contract;
}

function assertService(service: unknown): asserts service is Service {
  const kind = (service as { kind?: unknown } | null | undefined)?.kind;
  if (kind === "orrery.service" || kind === "service") return;
  const got = service === null ? "null" : typeof service;
  const text = `Cannot use a service: got ${got}, pass one that protoc-gen-es or defineService made`;
  throw new OrreryError("invalid_argument", text);
}
