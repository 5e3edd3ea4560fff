import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";

/** How a field's value, or each of its items, is kept in a message. */
export type Form = "scalar" | "message" | "wrapper" | "json";

/** What compiled code needs to know of a field besides its own text: for conversions and errors. */
export interface FieldInfo {
  /** Name as a program writes it. */
  readonly name: string;
  /** Message type that has the field. */
  readonly parent: string;
  readonly form: Form;
  /** Type of the value; of the value within, if it is a wrapper; int32 if it is an enum; undefined if it is a message. */
  readonly scalar: ScalarType | undefined;
  /** Whether 64-bit integers are kept as text, as the field's `jstype` asks. */
  readonly longAsString: boolean;
  /** Type of the keys, if it is a map. */
  readonly mapKey: ScalarType | undefined;
  /** What a value must be, in words. */
  readonly expected: string;
}

const WRAPPERS: ReadonlySet<string> = new Set(
  ["Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes"].map(
    (name) => `google.protobuf.${name}Value`,
  ),
);

/** Gives what is to be known of a field. The forms are those of protobuf-es: it unwraps wrappers and keeps a Struct as JSON. */
export function fieldInfo(field: DescField): FieldInfo {
  const form = formOf(field);
  const scalar = form === "wrapper" ? wrappedScalar(field) : field.enum ? ScalarType.INT32 : field.scalar;
  return {
    name: field.localName,
    parent: field.parent.typeName,
    form,
    scalar,
    longAsString: "longAsString" in field && field.longAsString,
    mapKey: field.fieldKind === "map" ? field.mapKey : undefined,
    expected: expectation(field, { form, scalar }),
  };
}

function formOf(field: DescField): Form {
  if (field.message === undefined) return "scalar";
  if (field.message.typeName === "google.protobuf.Struct" && field.parent.typeName !== "google.protobuf.Value") {
    return "json";
  }
  return field.fieldKind === "message" && !field.oneof && isWrapper(field.message) ? "wrapper" : "message";
}

function isWrapper(message: DescMessage): boolean {
  const value = message.fields[0];
  return (
    WRAPPERS.has(message.typeName) && value?.fieldKind === "scalar" && value.name === "value" && value.number === 1
  );
}

function wrappedScalar(field: DescField): ScalarType | undefined {
  return field.message?.fields[0]?.scalar;
}

function expectation(field: DescField, { form, scalar }: Pick<FieldInfo, "form" | "scalar">): string {
  if (form === "json") return "a JSON object";
  if (field.enum) return `a number of enum ${field.enum.typeName}`;
  if (scalar === undefined) return `an object of type ${field.message?.typeName}`;
  return SCALARS_IN_WORDS[scalar];
}

/** What a value of each scalar type must be, in words. */
export const SCALARS_IN_WORDS: Readonly<Record<ScalarType, string>> = {
  [ScalarType.DOUBLE]: "a number",
  [ScalarType.FLOAT]: "a number in float32",
  [ScalarType.INT32]: "a number in int32",
  [ScalarType.SINT32]: "a number in int32",
  [ScalarType.SFIXED32]: "a number in int32",
  [ScalarType.UINT32]: "a number in uint32",
  [ScalarType.FIXED32]: "a number in uint32",
  [ScalarType.INT64]: "a bigint in int64",
  [ScalarType.SINT64]: "a bigint in int64",
  [ScalarType.SFIXED64]: "a bigint in int64",
  [ScalarType.UINT64]: "a bigint in uint64",
  [ScalarType.FIXED64]: "a bigint in uint64",
  [ScalarType.BOOL]: "true or false",
  [ScalarType.STRING]: "a string",
  [ScalarType.BYTES]: "a Uint8Array",
};

/** Tells whether a scalar is a 64-bit integer. */
export function isLong(scalar: ScalarType | undefined): boolean {
  switch (scalar) {
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return true;
    default:
      return false;
  }
}

/** Tells whether a 64-bit integer is unsigned. */
export function isUnsignedLong(scalar: ScalarType | undefined): boolean {
  return scalar === ScalarType.UINT64 || scalar === ScalarType.FIXED64;
}
