import {
  createRegistry,
  type DescFile,
  type DescMethod,
  type DescService,
  fromJson,
  type JsonValue,
  type Registry,
} from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { OrreryError } from "@orrery/core";
import type { MethodContract, ServiceContract } from "@orrery/core/internal";
import type { Json } from "./json.ts";
import { messageShape } from "./protobuf-shape.ts";
import { OPEN } from "./read-value.ts";
import { bytesLeaf } from "./scalar-leaf.ts";
import { type JsonSchema, schemaShape } from "./schema-shape.ts";
import { createRecord, type OpenShape, type RecordShape, type Shape } from "./shape.ts";

/** A method, and the service that has it. */
export interface MethodOf {
  readonly service: ServiceContract;
  readonly method: MethodContract;
}

/** JSON Schemas of a method of a contract of schemas, as its node tells them. */
export interface MethodJsonSchema {
  /** Default: the one that the contract itself has; without one, types are guessed. */
  readonly request?: JsonSchema;
}

/** How a method's request is made of flags. */
export interface RequestForm {
  /** What flags are looked up in. */
  readonly shape: RecordShape | OpenShape;
  /** The one flag of a request that is no object, such as raw bytes: `body`. Undefined where the request's own fields are flags. */
  readonly wrap: string | undefined;
  /** Makes the request as `client[method](request)` takes it. */
  toRequest(json: Json | undefined): unknown;
}

/** Gives how the request of a method is made. */
export function requestForm(of: MethodOf, schema: MethodJsonSchema = {}): RequestForm {
  const { service, method } = of;
  const descriptor = descriptorOf(of);
  if (descriptor !== undefined) {
    const { input } = descriptor;
    const registry = registryOf(of);
    return {
      shape: messageShape(input),
      wrap: undefined,
      toRequest: (json = {}) => fromJson(input, json as JsonValue, { registry }),
    };
  }
  if (method.request.contentType === "application/octet-stream") {
    return wrapped(bytesLeaf(), (json) => (typeof json === "string" ? base64Decode(json) : new Uint8Array(0)));
  }
  const known = schema.request ?? describedSchema(service, method);
  const shape = known === undefined ? OPEN : schemaShape(known);
  if (shape.kind === "open" || shape.kind === "record")
    return { shape, wrap: undefined, toRequest: (json = {}) => json };
  if (shape.kind === "map") return { shape: recordOfMap(shape), wrap: undefined, toRequest: (json = {}) => json };
  return wrapped(shape, (json) => json);
}

/** Gives the protobuf descriptor of a method; undefined when its contract is one of schemas. */
export function descriptorOf({ service, method }: MethodOf): DescMethod | undefined {
  if (service.source.kind !== "protobuf") return undefined;
  const descriptor = service.source.service.methods.find(({ localName }) => localName === method.localName);
  if (descriptor !== undefined) return descriptor;
  throw new OrreryError(
    "not_found",
    `Cannot read method "${service.name}.${method.name}": its contract has none of that name`,
  );
}

const registries = new WeakMap<DescService, Registry>();

/** Gives every message type that the contract's files tell, for what is packed in a google.protobuf.Any; undefined without protobuf. */
export function registryOf({ service }: MethodOf): Registry | undefined {
  if (service.source.kind !== "protobuf") return undefined;
  const { service: desc } = service.source;
  let registry = registries.get(desc);
  if (registry === undefined) {
    registry = createRegistry(...filesOf(desc.file));
    registries.set(desc, registry);
  }
  return registry;
}

function filesOf(first: DescFile): ReadonlySet<DescFile> {
  const files = new Set<DescFile>();
  const visit = (file: DescFile) => {
    if (files.has(file)) return;
    files.add(file);
    file.dependencies.forEach(visit);
  };
  visit(first);
  return files;
}

const WRAP = "body";

function wrapped(shape: Shape, toRequest: RequestForm["toRequest"]): RequestForm {
  const field = { key: WRAP, spellings: [WRAP], shape, choice: undefined, note: "the whole request" };
  const record = createRecord({
    type: "request",
    fields: () => [field],
    readJson: (_record, json, refuse) => shape.readJson(json, refuse),
  });
  return { shape: record, wrap: WRAP, toRequest };
}

/** Flags begin with a name of the request: a request that is a map is a record of which no field is known. */
function recordOfMap(map: Shape & { readonly kind: "map" }): RecordShape {
  const readJson: Parameters<typeof createRecord>[0]["readJson"] = (_shape, json, refuse) => map.readJson(json, refuse);
  return createRecord({ type: map.type, fields: () => [], rest: map.value, readJson });
}

/** Libraries with Standard JSON Schema tell theirs, and so does a contract that a node described. https://standardschema.dev/json-schema */
function describedSchema({ source }: ServiceContract, method: MethodContract): JsonSchema | undefined {
  if (source.kind !== "schema") return undefined;
  const standard: unknown = source.service.methods[method.localName]?.request["~standard"];
  const { jsonSchema } = standard as { jsonSchema?: { input(options: { target: string }): unknown } };
  try {
    return jsonSchema?.input({ target: "draft-2020-12" }) as JsonSchema | undefined;
  } catch {
    return undefined; // A schema that JSON Schema cannot express is simply not known.
  }
}
