import { ScalarType } from "@bufbuild/protobuf";
import { type FieldInfo, isLong, isUnsignedLong } from "./field-info.ts";

/** Method of the writer and the reader that has each scalar type. */
const METHODS: Readonly<Record<ScalarType, readonly [write: string, read: string]>> = {
  [ScalarType.DOUBLE]: ["double", "double"],
  [ScalarType.FLOAT]: ["float", "float"],
  [ScalarType.INT64]: ["int64", "int64"],
  [ScalarType.UINT64]: ["int64", "uint64"],
  [ScalarType.INT32]: ["int32", "int32"],
  [ScalarType.FIXED64]: ["fixed64", "fixed64"],
  [ScalarType.FIXED32]: ["fixed32", "fixed32"],
  [ScalarType.BOOL]: ["byte", "bool"],
  [ScalarType.STRING]: ["text", "text"],
  [ScalarType.BYTES]: ["data", "data"],
  [ScalarType.UINT32]: ["uint32", "uint32"],
  [ScalarType.SFIXED32]: ["fixed32", "sfixed32"],
  [ScalarType.SFIXED64]: ["fixed64", "sfixed64"],
  [ScalarType.SINT32]: ["sint32", "sint32"],
  [ScalarType.SINT64]: ["sint64", "sint64"],
};

/** Gives the statement that writes a checked value, without its tag. */
export function writeScalar(scalar: ScalarType, value: string): string {
  const argument = scalar === ScalarType.BOOL ? `${value} ? 1 : 0` : value;
  return `writer.${METHODS[scalar][0]}(${argument});`;
}

/** Gives the expression that reads a value. */
export function readScalar(scalar: ScalarType, options: { strict: boolean; longAsString: boolean }): string {
  if (scalar === ScalarType.STRING && !options.strict) return "reader.looseText()";
  const value = `reader.${METHODS[scalar][1]}()`;
  return options.longAsString ? `String(${value})` : value;
}

/** Gives the expression that is true where a value needs no conversion to be written. */
export function isFit(scalar: ScalarType, value: string): string {
  switch (scalar) {
    case ScalarType.DOUBLE:
      return `typeof ${value} === "number"`;
    case ScalarType.FLOAT:
      return `isFloat32(${value})`;
    case ScalarType.BOOL:
      return `typeof ${value} === "boolean"`;
    case ScalarType.STRING:
      return `typeof ${value} === "string"`;
    case ScalarType.BYTES:
      return `${value} instanceof Uint8Array`;
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return `typeof ${value} === "number" && ${value} >>> 0 === ${value}`;
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return `typeof ${value} === "number" && (${value} | 0) === ${value}`;
    default:
      return `typeof ${value} === "bigint" && BigInt.as${isUnsignedLong(scalar) ? "Uint" : "Int"}N(64, ${value}) === ${value}`;
  }
}

/** Gives the statement that makes a variable hold a value fit to be written, or throws. */
export function makeFit(scalar: ScalarType, value: string, at: { ref: string; place?: string | undefined }): string {
  const place = at.place === undefined ? "" : `, ${at.place}`;
  return `if (!(${isFit(scalar, value)})) ${value} = fit(${at.ref}, ${value}${place});`;
}

/** Gives the expression of a copy of a checked value, as it would come off the wire. */
export function copyOfScalar(info: Pick<FieldInfo, "scalar" | "longAsString">, value: string): string {
  if (info.scalar === ScalarType.BYTES) return `new Uint8Array(${value})`;
  if (info.scalar === ScalarType.FLOAT) return `Math.fround(${value})`;
  return info.longAsString && isLong(info.scalar) ? `String(${value})` : value;
}
