import { OrreryError, type Service } from "@orrery/core";
import { contractOf, type MethodContract, type ServiceContract } from "@orrery/core/internal";
import { type JsonSchema, messageSchema, type SchemaTable, schemaRef } from "./message-schema.ts";

/** Where a method of a service is called by HTTP. */
export interface OpenApiCall {
  readonly service: Service;
  /** Name of the method, as the contract spells it or in lowerCamelCase. */
  readonly method: string;
  /** Such as `/shop.v1.Orders/Create`. A path that stands twice counts once. */
  readonly path: string;
  /** Methods of HTTP, in small letters. Default: `post`. */
  readonly verbs?: readonly string[];
}

/** Options of `createOpenApi`. */
export interface OpenApiOptions {
  /** What the document is called, such as the name of a space. */
  readonly title: string;
  /** Version of what it describes. */
  readonly version: string;
  /** Where the paths are. Default: `/`, where the document is. */
  readonly server?: string;
  /** What may be called, each at a path. */
  readonly calls: readonly OpenApiCall[];
}

/**
 * Writes the OpenAPI 3.1 document of some calls: bodies and replies as the contracts have them in JSON. A contract whose schemas
 * tell no JSON Schema takes any JSON there.
 * @throws OrreryError `not_found` for a method that its service does not have
 */
export function createOpenApi({ title, version, server = "/", calls }: OpenApiOptions): JsonSchema {
  const table: SchemaTable = new Map([["orrery.Error", ERROR]]);
  const paths = new Map<string, Record<string, unknown>>();
  const tags = new Set<string>();
  const ids = new Set<string>();
  for (const { service, method: name, path, verbs = ["post"] } of calls) {
    const contract = contractOf(service);
    const method = [...contract.methods.values()].find((one) => one.name === name || one.localName === name);
    if (method === undefined)
      throw new OrreryError("not_found", `Cannot describe "${contract.name}/${name}": there is no such method`);
    tags.add(contract.name);
    const item = paths.get(path) ?? parametersOf(path);
    for (const verb of verbs) {
      const plain = verb === "post" ? `${contract.name}.${method.name}` : `${contract.name}.${method.name}.${verb}`;
      const id = ids.has(plain) ? `${plain}.${ids.size}` : plain;
      if (item[verb] === undefined) ids.add(id);
      item[verb] ??= operationOf({ contract, method, verb, id }, table);
    }
    paths.set(path, item);
  }
  return {
    openapi: "3.1.0",
    info: { title, version },
    servers: [{ url: server }],
    tags: [...tags].sort().map((name) => ({ name })),
    paths: Object.fromEntries([...paths].sort(byName)),
    components: { schemas: Object.fromEntries([...table].sort(byName)) },
  };
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}

/** What goes wrong is told so, whatever the call. */
const ERROR: JsonSchema = {
  type: "object",
  properties: {
    code: { type: "string", description: "What to do about it: the codes of Connect." },
    message: { type: "string" },
    details: { type: "array" },
  },
  required: ["code"],
};

interface Described {
  readonly contract: ServiceContract;
  readonly method: MethodContract;
  readonly verb: string;
  readonly id: string;
}

/** What a path catches, such as `{id}`. */
function parametersOf(path: string): Record<string, unknown> {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const parameters = names.map((name) => ({ name, in: "path", required: true, schema: { type: "string" } }));
  return parameters.length === 0 ? {} : { parameters };
}

function operationOf({ contract, method, verb, id }: Described, table: SchemaTable): JsonSchema {
  const { request, reply } = schemasOf(contract, method, table);
  const isBytes = (side: "request" | "reply") => method[side].contentType === "application/octet-stream";
  const isRead = verb === "get" || verb === "head";
  return {
    operationId: id,
    tags: [contract.name],
    ...(method.summary !== "" && { summary: method.summary }),
    ...(isRead
      ? { parameters: [{ name: "message", in: "query", content: { "application/json": { schema: request } } }] }
      : { requestBody: { required: true, content: contentOf(request, isBytes("request")) } }),
    responses: {
      ...answersOf(method, reply, isBytes("reply")),
      default: {
        description: "It failed: the status says how, and the body why.",
        content: { "application/json": { schema: schemaRef("orrery.Error") } },
      },
    },
  };
}

function answersOf({ mode }: MethodContract, reply: JsonSchema, isBytes: boolean): JsonSchema {
  if (mode === "async") return { 202: { description: "It was accepted." } };
  if (mode === "broadcast") return { 202: { description: "It was sent to all." } };
  if (mode === "sync") return { 200: { description: "The reply.", content: contentOf(reply, isBytes) } };
  const content = isBytes
    ? contentOf(reply, true)
    : { "application/x-ndjson": { schema: reply }, "text/event-stream": { schema: { type: "string" } } };
  return { 200: { description: "Items one after another, a line of JSON each.", content } };
}

function contentOf(schema: JsonSchema, isBytes: boolean): JsonSchema {
  return isBytes ? { "application/octet-stream": {} } : { "application/json": { schema } };
}

function schemasOf(
  { name, source }: ServiceContract,
  { localName }: MethodContract,
  table: SchemaTable,
): { readonly request: JsonSchema; readonly reply: JsonSchema } {
  if (source.kind === "protobuf") {
    const { input, output } = source.service.method[localName] ?? {};
    return { request: input ? messageSchema(input, table) : {}, reply: output ? messageSchema(output, table) : {} };
  }
  const method = source.service.methods[localName];
  const place = `${name}.${localName}`;
  return {
    request: standardSchema(method?.request, "input", { name: `${place}.request`, table }),
    reply: standardSchema(method && "reply" in method ? method.reply : undefined, "output", {
      name: `${place}.reply`,
      table,
    }),
  };
}

/** A Standard Schema, as far as it tells of itself. https://standardschema.dev/json-schema */
interface Standard {
  readonly "~standard": object;
}

/** What Standard JSON Schema tells of a schema, under a name of its own; anything where it tells nothing. */
function standardSchema(
  schema: Standard | undefined,
  side: "input" | "output",
  { name, table }: { readonly name: string; readonly table: SchemaTable },
): JsonSchema {
  const told = jsonSchemaOf(schema, side);
  if (told === undefined) return {};
  const { $schema: _, ...rest } = moved(told, `#/components/schemas/${name}`) as Record<string, unknown>;
  table.set(name, rest);
  return schemaRef(name);
}

function jsonSchemaOf(schema: Standard | undefined, side: "input" | "output"): object | undefined {
  const { jsonSchema } = (schema?.["~standard"] ?? {}) as {
    readonly jsonSchema?: Readonly<Record<"input" | "output", (options: { target: string }) => unknown>>;
  };
  try {
    const told = jsonSchema?.[side]({ target: "draft-2020-12" });
    return typeof told === "object" && told !== null ? told : undefined;
  } catch {
    return undefined; // What JSON Schema cannot express is not told.
  }
}

/** A schema whose references start at another place of a larger document. */
function moved(value: unknown, to: string): unknown {
  if (Array.isArray(value)) return value.map((one) => moved(one, to));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      key === "$ref" && typeof one === "string" && one.startsWith("#") ? `${to}${one.slice(1)}` : moved(one, to),
    ]),
  );
}
