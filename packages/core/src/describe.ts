import type { DescFile, MessageInitShape } from "@bufbuild/protobuf";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { ComponentView } from "./component-view.ts";
import { contractOf, type MethodContract, type ServiceContract } from "./contract.ts";
import type {
  ComponentSchema,
  DescriptionSchema,
  MethodSchema as MethodMessage,
} from "./gen/orrery/control/v1/control_pb.ts";

/** What a node tells of itself. */
export interface DescribeOptions {
  readonly name: string;
  readonly incarnation: number;
  readonly components: readonly ComponentView[];
}

/** What a node tells of itself, without the number of the question. */
export type DescriptionInit = Omit<MessageInitShape<typeof DescriptionSchema>, "$typeName" | "id">;

/** Writes what a node serves in the form that the control plane carries: enough for a stranger to call it. */
export async function describeComponents(options: DescribeOptions): Promise<DescriptionInit> {
  return {
    node: options.name,
    incarnation: BigInt(options.incarnation),
    components: await Promise.all(options.components.map(describeComponent)),
  };
}

async function describeComponent(view: ComponentView): Promise<MessageInitShape<typeof ComponentSchema>> {
  const contract = contractOf(view.component.service);
  return {
    name: view.name,
    version: view.version,
    instances: view.instances.map((instance) => ({
      id: instance.id,
      state: instance.state,
      incarnation: BigInt(instance.incarnation),
      waiting: instance.waiting,
    })),
    methods: [...contract.methods.values()].map((method) => describeMethod(contract, method)),
    descriptors:
      contract.source.kind === "protobuf" ? await descriptorsOf(contract.source.service.file) : new Uint8Array(0),
  };
}

function describeMethod(contract: ServiceContract, method: MethodContract): MessageInitShape<typeof MethodMessage> {
  const schemas = contract.source.kind === "schema" ? contract.source.service.methods[method.localName] : undefined;
  return {
    name: method.name,
    mode: method.mode,
    contentType: method.request.contentType,
    fingerprint: BigInt(`0x${method.fingerprint}`),
    idempotent: method.idempotent,
    horizon: method.horizon,
    timeoutMs: method.timeoutMs,
    summary: method.summary,
    keep: method.keep,
    requestSchema: schemas === undefined ? "" : jsonSchemaOf(schemas.request, "input"),
    replySchema: schemas !== undefined && "reply" in schemas ? jsonSchemaOf(schemas.reply, "output") : "",
  };
}

/** Loads the descriptor of descriptors now: most nodes are never asked. */
async function descriptorsOf(file: DescFile): Promise<Uint8Array> {
  const { encodeFileSet } = await import("./file-descriptors.ts");
  return encodeFileSet(file);
}

/** Standard JSON Schema, the sister of Standard Schema, as libraries that have it offer it. https://standardschema.dev/json-schema */
interface WithJsonSchema {
  readonly jsonSchema?: Readonly<Record<"input" | "output", (options: { target: string }) => unknown>>;
}

function jsonSchemaOf(schema: StandardSchemaV1, side: "input" | "output"): string {
  const { jsonSchema } = schema["~standard"] as WithJsonSchema;
  if (jsonSchema === undefined) return "";
  try {
    return JSON.stringify(jsonSchema[side]({ target: "draft-2020-12" }));
  } catch {
    return ""; // A schema that JSON Schema cannot express is simply not told.
  }
}
