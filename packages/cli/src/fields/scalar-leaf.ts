import { ScalarType } from "@bufbuild/protobuf";
import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import { describe, type ExactJson, type Json, quote, type Refuse } from "./json.ts";
import { TEXT_MAX } from "./limits.ts";
import type { LeafShape, TextOptions } from "./shape.ts";

/** The parts of a leaf that differ from one to the next. */
export type LeafParts = Pick<LeafShape, "type" | "readText" | "readJson"> & Partial<LeafShape>;

/** Makes a leaf; without more it is no switch, takes no null and has no note. */
export function createLeaf(parts: LeafParts): LeafShape {
  return { kind: "leaf", note: "", isSwitch: false, takesNull: false, ...parts };
}

/** Gives the leaf of a protobuf scalar: it reads into the JSON of protobuf, so 64-bit integers become decimal text and lose nothing. */
export function scalarLeaf(scalar: ScalarType): LeafShape {
  const type = ScalarType[scalar].toLowerCase();
  switch (scalar) {
    case ScalarType.STRING:
      return stringLeaf();
    case ScalarType.BOOL:
      return boolLeaf("bool");
    case ScalarType.BYTES:
      return bytesLeaf();
    case ScalarType.DOUBLE:
      return floatLeaf(type, Number.MAX_VALUE);
    case ScalarType.FLOAT:
      return floatLeaf(type, FLOAT_MAX);
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return integerLeaf(type, { min: -(2n ** 31n), max: 2n ** 31n - 1n });
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return integerLeaf(type, { min: 0n, max: 2n ** 32n - 1n });
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return integerLeaf(type, { min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return integerLeaf(type, { min: 0n, max: 2n ** 64n - 1n });
  }
}

/** Largest number in 32 bits of floating point. */
const FLOAT_MAX = 3.4028234663852886e38;

/** A string is always what stands after the "=", with no exception: neither quotes, nor "@", nor JSON mean anything in it. */
export function stringLeaf(note = ""): LeafShape {
  return createLeaf({
    type: "string",
    note,
    readText: (text) => text,
    readJson(json, refuse) {
      if (typeof json === "string") return json;
      throw refuse(`${describe(json)} is no string, write it in quotes`);
    },
  });
}

/** A bool: the flag alone, `--no-` in front of it, or a value. */
export function boolLeaf(type: string): LeafShape {
  return createLeaf({
    type,
    isSwitch: true,
    readText(text, { refuse }) {
      if (text === "true" || text === "false") return text === "true";
      throw refuse(`${quote(text)} is no ${type}, write true or false`);
    },
    readJson(json, refuse) {
      if (typeof json === "boolean") return json;
      throw refuse(`${describe(json)} is no ${type}, write true or false`);
    },
  });
}

/** Whole numbers from `min` to `max`; their JSON is decimal text. */
function integerLeaf(type: string, range: { readonly min: bigint; readonly max: bigint }): LeafShape {
  const wanted = `write a whole number from ${range.min} to ${range.max}`;
  const ranged = (value: bigint, refuse: Refuse): string => {
    if (value >= range.min && value <= range.max) return String(value);
    throw refuse(`${quote(String(value))} is out of range of ${type}, ${wanted}`);
  };
  const readText = (text: string, refuse: Refuse): string => {
    const digits = /^([+-]?)0*(\d+)$/.exec(text);
    if (digits === null) throw refuse(`${quote(text)} is no ${type}, ${wanted}`);
    const [, sign = "", number = ""] = digits;
    if (number.length > INTEGER_DIGITS_MAX) throw refuse(`${quote(text)} is out of range of ${type}, ${wanted}`);
    return ranged(BigInt(`${sign === "-" ? "-" : ""}${number}`), refuse);
  };
  return createLeaf({
    type,
    readText: (text, { refuse }) => readText(text, refuse),
    readJson(json, refuse) {
      if (typeof json === "bigint") return ranged(json, refuse);
      if (typeof json === "string") return readText(json, refuse);
      if (typeof json === "number" && Number.isInteger(json)) return ranged(BigInt(json), refuse);
      throw refuse(`${describe(json)} is no ${type}, ${wanted}`);
    },
  });
}

/** Digits of the largest 64-bit integer; longer ones are not even made into a number. */
const INTEGER_DIGITS_MAX = 20;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const NO_NUMBERS: ReadonlySet<string> = new Set(["NaN", "Infinity", "-Infinity"]);

/** Numbers up to `max`, and the three names that protobuf's JSON has for what is no number. */
function floatLeaf(type: string, max: number): LeafShape {
  const ranged = (value: number, text: string, refuse: Refuse): number => {
    if (Math.abs(value) <= max) return value;
    throw refuse(`${quote(text)} is out of range of ${type}, write a number from ${-max} to ${max}, or Infinity`);
  };
  const readText = (text: string, refuse: Refuse): Json => {
    if (NO_NUMBERS.has(text)) return text;
    if (DECIMAL.test(text)) return ranged(Number(text), text, refuse);
    throw refuse(`${quote(text)} is no ${type}, write a number such as 1.5, -2e6, NaN or Infinity`);
  };
  return createLeaf({
    type,
    readText: (text, { refuse }) => readText(text, refuse),
    readJson(json, refuse) {
      if (typeof json === "string") return readText(json, refuse);
      if (typeof json === "number" || typeof json === "bigint") return ranged(Number(json), String(json), refuse);
      throw refuse(`${describe(json)} is no ${type}, write a number`);
    },
  });
}

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** Bytes: base64 in either alphabet, padded or not; or, in a flag, `@` and the path of a file. */
export function bytesLeaf(): LeafShape {
  const readText = (text: string, refuse: Refuse): string => {
    const letters = text.replace(/=+$/, "");
    if (BASE64.test(text) && letters.length % 4 !== 1) return base64Encode(base64Decode(letters));
    throw refuse(`${quote(text)} is no base64, write base64 or @ and the path of a file`);
  };
  return createLeaf({
    type: "bytes",
    note: "base64, or @file",
    readText: (text, options) =>
      text.startsWith("@") ? readFile(text.slice(1), options) : readText(text, options.refuse),
    readJson(json: ExactJson, refuse) {
      if (typeof json === "string") return readText(json, refuse);
      throw refuse(`${describe(json)} is no base64, write base64 in quotes`);
    },
  });
}

function readFile(path: string, options: TextOptions): string {
  let bytes: Uint8Array;
  try {
    bytes = options.readFile(path);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw options.refuse(`file ${quote(path)} cannot be read (${why}), name one that can`);
  }
  if (bytes.length <= TEXT_MAX) return base64Encode(bytes);
  throw options.refuse(`file ${quote(path)} has ${bytes.length} bytes, the limit is ${TEXT_MAX}`);
}
