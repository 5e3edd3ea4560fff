import { MESSAGE_DEPTH_MAX } from "./limits.ts";
import { describe, refuseDepth, setEntry } from "./value-check.ts";

const STRUCT = "google.protobuf.Struct";

/** google.protobuf.Struct as a message. */
export interface StructMessage {
  readonly $typeName: typeof STRUCT;
  readonly fields: Record<string, ValueMessage>;
}

/** google.protobuf.Value as a message. */
export interface ValueMessage {
  readonly $typeName: "google.protobuf.Value";
  readonly kind: { readonly case: string | undefined; readonly value?: unknown };
}

/**
 * Makes the message that stands for a JSON object on the wire. `undefined` becomes a Value of no kind, which is read as null.
 * @throws Error for what is no JSON, or is nested deeper than the reader would allow.
 */
export function structFromJson(json: unknown, depth: number): StructMessage {
  if (depth > MESSAGE_DEPTH_MAX) refuseDepth(STRUCT);
  const fields: Record<string, ValueMessage> = {};
  const record = json as Record<string, unknown>;
  for (const key of Object.keys(record)) setEntry(fields, key, valueFromJson(record[key], depth + 1));
  return { $typeName: STRUCT, fields };
}

function valueFromJson(json: unknown, depth: number): ValueMessage {
  if (depth > MESSAGE_DEPTH_MAX) refuseDepth(STRUCT);
  return { $typeName: "google.protobuf.Value", kind: kindFromJson(json, depth) };
}

function kindFromJson(json: unknown, depth: number): ValueMessage["kind"] {
  switch (typeof json) {
    case "undefined":
      return { case: undefined };
    case "number":
      return { case: "numberValue", value: json };
    case "string":
      return { case: "stringValue", value: json };
    case "boolean":
      return { case: "boolValue", value: json };
    case "object":
      if (json === null) return { case: "nullValue", value: 0 };
      if (Array.isArray(json)) return { case: "listValue", value: listFromJson(json, depth + 1) };
      return { case: "structValue", value: structFromJson(json, depth + 1) };
    default:
      throw new Error(`Cannot encode "${STRUCT}": expected JSON, got ${describe(json)}`);
  }
}

function listFromJson(items: readonly unknown[], depth: number): unknown {
  if (depth > MESSAGE_DEPTH_MAX) refuseDepth(STRUCT);
  return { $typeName: "google.protobuf.ListValue", values: items.map((item) => valueFromJson(item, depth + 1)) };
}

/** Makes the JSON object that a program sees of a Struct. */
export function jsonFromStruct(struct: StructMessage): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const key of Object.keys(struct.fields)) setEntry(json, key, jsonFromValue(struct.fields[key] as ValueMessage));
  return json;
}

function jsonFromValue({ kind }: ValueMessage): unknown {
  switch (kind.case) {
    case "structValue":
      return jsonFromStruct(kind.value as StructMessage);
    case "listValue":
      return (kind.value as { values: ValueMessage[] }).values.map(jsonFromValue);
    case "nullValue":
    case undefined:
      return null;
    default:
      return kind.value;
  }
}

/** Copies a JSON object as a peer would see it. @throws Error as `structFromJson`. */
export function copyJson(json: unknown, depth: number): Record<string, unknown> {
  return jsonFromStruct(structFromJson(json, depth));
}
