import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { ExactInteger } from "./json-text.ts";

const LONG: ReadonlySet<ScalarType> = new Set([
  ScalarType.INT64,
  ScalarType.UINT64,
  ScalarType.SINT64,
  ScalarType.FIXED64,
  ScalarType.SFIXED64,
]);

const LONG_WRAPPERS: ReadonlySet<string> = new Set(["google.protobuf.Int64Value", "google.protobuf.UInt64Value"]);

/**
 * Puts the integers that were kept as text where the message type has room for 64 bits, as strings, and turns all others into the
 * nearest double, as JSON has it. Changes the value in place and gives it back.
 */
export function placeExactIntegers(value: unknown, desc: DescMessage | undefined): unknown {
  if (value instanceof ExactInteger) {
    return desc !== undefined && LONG_WRAPPERS.has(desc.typeName) ? value.text : Number(value.text);
  }
  if (Array.isArray(value)) return replaceAll(value, value.keys(), (item) => placeExactIntegers(item, undefined));
  if (typeof value !== "object" || value === null) return value;
  return replaceAll(value, Object.keys(value), (item, name) => {
    const field = desc?.fields.find((candidate) => candidate.jsonName === name || candidate.name === name);
    return field === undefined ? placeExactIntegers(item, undefined) : placeInField(item, field);
  });
}

function placeInField(value: unknown, field: DescField): unknown {
  const place = (item: unknown) =>
    item instanceof ExactInteger && isLong(field) ? item.text : placeExactIntegers(item, field.message);
  if (field.fieldKind === "list" && Array.isArray(value)) return replaceAll(value, value.keys(), place);
  if (field.fieldKind === "map" && typeof value === "object" && value !== null) {
    return replaceAll(value, Object.keys(value), place);
  }
  return place(value);
}

function isLong(field: DescField): boolean {
  return field.scalar !== undefined && LONG.has(field.scalar);
}

function replaceAll<K extends PropertyKey>(
  holder: object,
  keys: Iterable<K>,
  replace: (item: unknown, key: K) => unknown,
): object {
  const values = holder as Record<K, unknown>;
  for (const key of keys) {
    const value = values[key];
    // Defined, not set: a key of the body may be called "__proto__".
    Object.defineProperty(values, key, {
      value: replace(value, key),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return holder;
}
