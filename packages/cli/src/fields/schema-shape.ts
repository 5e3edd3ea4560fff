import { listed } from "./enum-leaf.ts";
import {
  describe,
  type ExactJson,
  isExactObject,
  isList,
  isLossless,
  type Json,
  plainJson,
  quote,
  type Refuse,
} from "./json.ts";
import { SCHEMA_DEPTH_MAX, SCHEMA_PARTS_MAX } from "./limits.ts";
import { guess, OPEN } from "./read-value.ts";
import { boolLeaf, createLeaf, stringLeaf } from "./scalar-leaf.ts";
import { createRecord, type Field, type LeafShape, once, type RecordShape, type Shape, spellingsOf } from "./shape.ts";

/** A JSON Schema: what a contract of schemas tells of a request. https://json-schema.org/draft/2020-12 */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown };

type Keywords = Exclude<JsonSchema, boolean>;

/**
 * Gives the shape that a JSON Schema describes. It tells how text is read and which names there are; whether a value keeps all of the
 * schema's rules is for the receiver to check. What flags cannot follow, such as a choice between types, is open.
 */
export function schemaShape(schema: JsonSchema): Shape {
  return shapeOf(schema, begin(isKeywords(schema) ? schema : {}));
}

/** How far the reading of one field has come. */
interface Reading {
  readonly root: Keywords;
  readonly depth: number;
  readonly count: { parts: number };
}

function begin(root: Keywords): Reading {
  return { root, depth: 0, count: { parts: 0 } };
}

function deeper(reading: Reading): Reading {
  return { ...reading, depth: reading.depth + 1 };
}

function shapeOf(part: unknown, reading: Reading): Shape {
  const schema = simplified(part, reading);
  if (schema === undefined) return OPEN;
  const values = "const" in schema ? [schema["const"]] : schema["enum"];
  if (Array.isArray(values)) return choiceLeaf(values as readonly unknown[]);
  const type = schema["type"] ?? (isKeywords(schema["properties"]) ? "object" : undefined);
  switch (type) {
    case "string":
      return stringLeaf(typeof schema["format"] === "string" ? schema["format"] : "");
    case "number":
      return numberLeaf("number");
    case "integer":
      return numberLeaf("integer");
    case "boolean":
      return switchLeaf;
    case "null":
      return choiceLeaf([null]);
    case "array":
      return listOf(shapeOf(schema["items"], deeper(reading)));
    case "object":
      return objectShape(schema, reading);
    default:
      return OPEN;
  }
}

/** Follows references, joins `allOf`, and takes "or null" away; undefined where more than one type is left, or none is told. */
function simplified(part: unknown, reading: Reading): Keywords | undefined {
  reading.count.parts++;
  const isBeyond = reading.depth > SCHEMA_DEPTH_MAX || reading.count.parts > SCHEMA_PARTS_MAX;
  if (!isKeywords(part) || isBeyond) return undefined;
  const further = (next: unknown) => simplified(next, deeper(reading));
  if (typeof part["$ref"] === "string") return further(lookUp(part["$ref"], reading.root));
  if (Array.isArray(part["allOf"])) return joined([{ ...part, allOf: undefined }, ...part["allOf"]], further);
  const ways = part["anyOf"] ?? part["oneOf"];
  if (Array.isArray(ways)) return choice(ways, further);
  if (!Array.isArray(part["type"])) return part;
  const types = (part["type"] as unknown[]).filter((type) => type !== "null");
  return types.length === 1 ? { ...part, type: types[0] } : undefined;
}

type Simplify = (part: unknown) => Keywords | undefined;

function choice(ways: readonly unknown[], further: Simplify): Keywords | undefined {
  const left = ways.map(further).filter((way) => way?.["type"] !== "null");
  if (left.length === 1) return left[0];
  const constants = left.map((way) => (way !== undefined && "const" in way ? [way["const"]] : way?.["enum"]));
  return constants.every((values) => Array.isArray(values)) ? { enum: constants.flat() } : undefined;
}

function joined(parts: readonly unknown[], further: Simplify): Keywords | undefined {
  const simple = parts.map(further);
  const types = new Set(simple.flatMap((part) => (part === undefined ? [] : [part["type"] ?? "object"])));
  if (simple.includes(undefined) || types.size > 1) return undefined;
  const all = simple as readonly Keywords[];
  const properties = Object.assign({}, ...all.map((part) => part["properties"])) as Keywords;
  const required = all.flatMap((part) => part["required"] ?? []);
  return Object.assign({}, ...all, Object.keys(properties).length > 0 ? { properties, required } : {}) as Keywords;
}

function lookUp(reference: string, root: Keywords): unknown {
  if (!reference.startsWith("#")) return undefined;
  let found: unknown = root;
  for (const part of reference.split("/").slice(1)) {
    const key = decoded(part).replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Keywords)[key];
  }
  return found;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function objectShape(schema: Keywords, reading: Reading): Shape {
  const properties = isKeywords(schema["properties"]) ? schema["properties"] : {};
  const rest = schema["additionalProperties"];
  const isAllowed = rest === true || isKeywords(rest);
  if (Object.keys(properties).length > 0 || rest === false) {
    return recordOf(schema, {
      properties,
      rest: isAllowed ? shapeOf(rest, deeper(reading)) : undefined,
      root: reading.root,
    });
  }
  if (!isAllowed) return OPEN;
  const value = shapeOf(rest, deeper(reading));
  return {
    kind: "map",
    type: `map<string, ${value.type}>`,
    value,
    readKey: (text) => text,
    readJson: believed("object", isExactObject),
  };
}

interface RecordOptions {
  readonly properties: Keywords;
  readonly rest: Shape | undefined;
  readonly root: Keywords;
}

function recordOf(schema: Keywords, { properties, rest, root }: RecordOptions): RecordShape {
  const required: unknown = schema["required"];
  const isRequired = (key: string) => Array.isArray(required) && required.includes(key);
  const type = typeof schema["title"] === "string" ? schema["title"] : "object";
  const read = believed("object", isExactObject);
  return createRecord({
    type,
    fields: () =>
      Object.entries(properties).map(([key, part]) => fieldOf(key, { part, root, isRequired: isRequired(key) })),
    ...(rest === undefined ? {} : { rest }),
    readJson: (_shape, json, refuse) => read(json, refuse),
  });
}

function fieldOf(key: string, from: { part: unknown; root: Keywords; isRequired: boolean }): Field {
  const part = isKeywords(from.part) ? from.part : {};
  const notes = [
    typeof part["description"] === "string" ? part["description"] : "",
    from.isRequired && part["default"] === undefined ? "required" : "",
    part["deprecated"] === true ? "deprecated" : "",
    part["default"] === undefined ? "" : `default ${JSON.stringify(part["default"])}`,
  ];
  const shape = once(() => shapeOf(from.part, begin(from.root)));
  return {
    key,
    spellings: spellingsOf(key),
    get shape() {
      return shape();
    },
    choice: undefined,
    note: notes.filter((note) => note !== "").join("; "),
  };
}

function listOf(item: Shape): Shape {
  return { kind: "list", type: `repeated ${item.type}`, item, readJson: believed("list", isList) };
}

/** Takes JSON as it is, if it is of the right kind: the receiver knows the schema better than we do. */
function believed(kind: string, fits: (json: ExactJson) => boolean): (json: ExactJson, refuse: Refuse) => Json {
  return (json, refuse) => {
    if (fits(json)) return plainJson(json, refuse);
    throw refuse(`${describe(json)} is no ${kind}, write a JSON ${kind}`);
  };
}

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

function numberLeaf(type: "number" | "integer"): LeafShape {
  const sample = type === "integer" ? "a whole number such as 3" : "a number such as 1.5";
  return createLeaf({
    type,
    readText(text, { refuse }) {
      const value = NUMBER.test(text) ? Number(text) : Number.NaN;
      if (!Number.isFinite(value) || (type === "integer" && !Number.isInteger(value))) {
        throw refuse(`${quote(text)} is no ${type}, write ${sample}`);
      }
      if (!/^-?\d+$/.test(text) || isLossless(BigInt(text))) return value;
      throw refuse(`${quote(text)} loses digits as a JSON number, write one up to ${Number.MAX_SAFE_INTEGER}`);
    },
    readJson: plainJson,
  });
}

const switchLeaf: LeafShape = { ...boolLeaf("bool"), readJson: plainJson };

/** One of some values: a string as it is, anything else as JSON. */
function choiceLeaf(values: readonly unknown[]): LeafShape {
  const shown = values.map((value) => (typeof value === "string" ? value : JSON.stringify(value)));
  return createLeaf({
    type: listed(shown, " | "),
    takesNull: values.includes(null),
    readText(text, { refuse }) {
      const exact = shown.indexOf(text);
      const at = exact >= 0 ? exact : shown.findIndex((value) => value.toLowerCase() === text.toLowerCase());
      if (at < 0) throw refuse(`${quote(text)} is none of its values, write one of ${listed(shown, ", ")}`);
      return typeof values[at] === "string" ? values[at] : guess(shown[at] ?? "", refuse);
    },
    readJson: plainJson,
  });
}

function isKeywords(value: unknown): value is Keywords {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
