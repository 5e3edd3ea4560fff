import { nearNames } from "@orrery/core/edit-distance";
import { Ajv2020, type Options } from "ajv/dist/2020.js";

/** How schemas of properties are read: what is not known in them is a mistake. */
export const SCHEMA_OPTIONS: Options = { strict: true, strictTypes: false, allErrors: false, logger: false };

/** What is wrong with a schema, and where in it. */
export interface SchemaFault {
  readonly path: readonly string[];
  /** Such as `is "strin": did you mean "string"?` */
  readonly why: string;
}

/** Says what is wrong with a JSON Schema of draft 2020-12; undefined where nothing is. */
export function schemaFault(schema: unknown): SchemaFault | undefined {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema))
    return { path: [], why: `is ${JSON.stringify(schema)}: write a JSON Schema such as { type: string }` };
  const ajv = new Ajv2020(SCHEMA_OPTIONS);
  if (ajv.validateSchema(schema) !== true) return fault(schema, ajv);
  try {
    ajv.compile(schema);
    return undefined;
  } catch (error) {
    return thrown(schema, { message: (error as Error).message, known: Object.keys(ajv.RULES.all) });
  }
}

/** The deepest of what its own schema says of it, and of that what names the words that would do. */
function fault(schema: object, { errors }: Ajv2020): SchemaFault {
  const depth = (path: string) => path.split("/").length;
  const isList = ({ keyword }: { readonly keyword: string }) => keyword === "enum";
  const [first] = (errors ?? []).toSorted(
    (a, b) => depth(b.instancePath) - depth(a.instancePath) || Number(isList(b)) - Number(isList(a)),
  );
  const path = partsOf(first?.instancePath ?? "");
  const value = path.reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], schema);
  const allowed: unknown = first?.keyword === "enum" ? first.params["allowedValues"] : undefined;
  if (!Array.isArray(allowed)) return { path, why: `is ${JSON.stringify(value)}: it ${first?.message ?? "is none"}` };
  return { path, why: `is ${JSON.stringify(value)}: ${hint(String(value), allowed as readonly string[])}` };
}

function thrown(
  schema: object,
  { message, known }: { readonly message: string; readonly known: readonly string[] },
): SchemaFault {
  const [, word] = /unknown keyword: "(.*)"/.exec(message) ?? [];
  if (word === undefined) return { path: [], why: `is none: ${message.replace(/^strict mode: /, "")}` };
  return { path: pathOf(schema, word) ?? [], why: `is no keyword of JSON Schema: ${hint(word, known)}` };
}

function hint(word: string, known: readonly string[]): string {
  const [near] = nearNames(word, known);
  return near === undefined ? `write one of ${known.join(", ")}` : `did you mean "${near}"?`;
}

/** Where a key is, the first one. */
function pathOf(value: unknown, key: string): readonly string[] | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (Object.hasOwn(value, key)) return [key];
  for (const [name, one] of Object.entries(value)) {
    const found = pathOf(one, key);
    if (found !== undefined) return [name, ...found];
  }
  return undefined;
}

/** The parts of a JSON Pointer. RFC 6901, 4 */
function partsOf(pointer: string): readonly string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}
