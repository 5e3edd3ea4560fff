import type { JsonValue } from "@orrery/core";
import type { RecordShape, Shape } from "./shape.ts";

/** The JSON Schema (2020-12) of a shape, for editors and other tools. */
export function schemaOf(shape: Shape): Record<string, JsonValue> {
  switch (shape.kind) {
    case "text":
      return { type: "string", pattern: shape.pattern.source, examples: [shape.example] };
    case "number":
    case "integer":
      return { type: shape.kind, minimum: shape.min, maximum: shape.max };
    case "span":
      return {
        anyOf: [
          { type: "integer", minimum: shape.min, maximum: shape.max },
          { type: "string", pattern: "^\\d+\\.\\.\\d+$", examples: ["1..8"] },
        ],
      };
    case "boolean":
      return { type: "boolean" };
    case "choice":
      return { enum: [...shape.of] };
    case "scalar":
      return { type: ["string", "number", "boolean"] };
    case "json":
      return {};
    case "list":
      return { type: "array", items: schemaOf(shape.of), minItems: shape.min, maxItems: shape.max };
    case "map": {
      const names = { pattern: shape.names.pattern.source };
      return {
        type: "object",
        propertyNames: names,
        additionalProperties: schemaOf(shape.of),
        maxProperties: shape.max,
      };
    }
    case "record":
      return recordSchema(shape);
    case "either":
      return { anyOf: [schemaOf(shape.short), schemaOf(shape.long)] };
  }
}

function recordSchema({ fields }: RecordShape): Record<string, JsonValue> {
  const entries = Object.entries(fields);
  const required = entries.flatMap(([name, { isRequired }]) => (isRequired === true ? [name] : []));
  return {
    type: "object",
    properties: Object.fromEntries(
      entries.map(([name, { shape, about }]) => [name, { description: about, ...schemaOf(shape) }]),
    ),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}
