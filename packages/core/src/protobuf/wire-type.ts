import { ScalarType } from "@bufbuild/protobuf";

/** How a field's value lies on the wire; the low three bits of a tag. https://protobuf.dev/programming-guides/encoding/ */
export const WireType = {
  varint: 0,
  fixed64: 1,
  lengthDelimited: 2,
  startGroup: 3,
  endGroup: 4,
  fixed32: 5,
} as const;

/** Number of a wire type. */
export type WireType = (typeof WireType)[keyof typeof WireType];

/** Gives the wire type of a scalar that is not packed. */
export function wireTypeOf(scalar: ScalarType): WireType {
  switch (scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return WireType.lengthDelimited;
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return WireType.fixed64;
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return WireType.fixed32;
    default:
      return WireType.varint;
  }
}
