import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";

/** A JSON Schema of draft 2020-12, as OpenAPI 3.1 has them. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Schemas by the names that references to them have. */
export type SchemaTable = Map<string, JsonSchema>;

/** Where references lead. */
export function schemaRef(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/**
 * Gives a reference to the schema of a message as protobuf's JSON mapping writes it, and adds that and all it needs to a table. A message
 * that has a form of its own in JSON, such as a time, is that form.
 */
export function messageSchema(message: DescMessage, table: SchemaTable): JsonSchema {
  const known = WELL_KNOWN[message.typeName];
  if (known !== undefined) return known;
  if (!table.has(message.typeName)) {
    table.set(message.typeName, {}); // A message may hold itself.
    table.set(message.typeName, recordSchema(message, table));
  }
  return schemaRef(message.typeName);
}

function recordSchema(message: DescMessage, table: SchemaTable): JsonSchema {
  const properties = Object.fromEntries(message.fields.map((field) => [field.jsonName, fieldSchema(field, table)]));
  const choices = message.oneofs.map(
    ({ name, fields }) => `${name}: one of ${fields.map((one) => one.jsonName).join(", ")}`,
  );
  return {
    type: "object",
    ...(choices.length > 0 && { description: choices.join("; ") }),
    properties,
    additionalProperties: false,
  };
}

function fieldSchema(field: DescField, table: SchemaTable): JsonSchema {
  const deprecated = field.proto.options?.deprecated === true ? { deprecated: true } : {};
  return { ...valueSchema(field, table), ...deprecated };
}

function valueSchema(field: DescField, table: SchemaTable): JsonSchema {
  switch (field.fieldKind) {
    case "scalar":
      return scalarSchema(field.scalar);
    case "enum":
      return enumSchema(field.enum);
    case "message":
      return messageSchema(field.message, table);
    case "list":
      return { type: "array", items: itemSchema(field, table) };
    case "map":
      return { type: "object", additionalProperties: mapValueSchema(field, table) };
  }
}

function itemSchema(field: DescField & { fieldKind: "list" }, table: SchemaTable): JsonSchema {
  if (field.listKind === "scalar") return scalarSchema(field.scalar);
  return field.listKind === "enum" ? enumSchema(field.enum) : messageSchema(field.message, table);
}

function mapValueSchema(field: DescField & { fieldKind: "map" }, table: SchemaTable): JsonSchema {
  if (field.mapKind === "scalar") return scalarSchema(field.scalar);
  return field.mapKind === "enum" ? enumSchema(field.enum) : messageSchema(field.message, table);
}

function enumSchema({ typeName, values }: DescEnum): JsonSchema {
  if (typeName === "google.protobuf.NullValue") return { type: "null" };
  return { type: "string", enum: values.map(({ name }) => name) };
}

const LARGE_SIGNED: JsonSchema = { type: ["string", "integer"], format: "int64", pattern: "^-?[0-9]+$" };
const LARGE_UNSIGNED: JsonSchema = { type: ["string", "integer"], format: "uint64", pattern: "^[0-9]+$" };
const SMALL_SIGNED: JsonSchema = { type: "integer", format: "int32", minimum: -(2 ** 31), maximum: 2 ** 31 - 1 };
const SMALL_UNSIGNED: JsonSchema = { type: "integer", format: "uint32", minimum: 0, maximum: 2 ** 32 - 1 };
const BYTES: JsonSchema = { type: "string", contentEncoding: "base64" };
/** A number, or one of the words that stand for what JSON has no number for. */
const REAL = { anyOf: [{ type: "number" }, { enum: ["NaN", "Infinity", "-Infinity"] }] };

function scalarSchema(scalar: ScalarType): JsonSchema {
  switch (scalar) {
    case ScalarType.STRING:
      return { type: "string" };
    case ScalarType.BYTES:
      return BYTES;
    case ScalarType.BOOL:
      return { type: "boolean" };
    case ScalarType.DOUBLE:
      return { ...REAL, format: "double" };
    case ScalarType.FLOAT:
      return { ...REAL, format: "float" };
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return LARGE_SIGNED;
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return LARGE_UNSIGNED;
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return SMALL_UNSIGNED;
    default:
      return SMALL_SIGNED;
  }
}

/** Messages that have a form of their own in JSON. */
const WELL_KNOWN: Readonly<Record<string, JsonSchema>> = {
  "google.protobuf.Timestamp": { type: "string", format: "date-time" },
  "google.protobuf.Duration": { type: "string", pattern: "^-?[0-9]+(\\.[0-9]+)?s$" },
  "google.protobuf.FieldMask": { type: "string" },
  "google.protobuf.Struct": { type: "object" },
  "google.protobuf.ListValue": { type: "array" },
  "google.protobuf.Value": {},
  "google.protobuf.Empty": { type: "object", additionalProperties: false },
  "google.protobuf.Any": { type: "object", properties: { "@type": { type: "string" } }, required: ["@type"] },
  "google.protobuf.StringValue": { type: "string" },
  "google.protobuf.BytesValue": BYTES,
  "google.protobuf.BoolValue": { type: "boolean" },
  "google.protobuf.DoubleValue": REAL,
  "google.protobuf.FloatValue": REAL,
  "google.protobuf.Int32Value": SMALL_SIGNED,
  "google.protobuf.UInt32Value": SMALL_UNSIGNED,
  "google.protobuf.Int64Value": LARGE_SIGNED,
  "google.protobuf.UInt64Value": LARGE_UNSIGNED,
};
