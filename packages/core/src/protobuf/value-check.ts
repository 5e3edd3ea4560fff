import { ScalarType } from "@bufbuild/protobuf";
import { type FieldInfo, isLong, isUnsignedLong, SCALARS_IN_WORDS } from "./field-info.ts";
import { MESSAGE_DEPTH_MAX } from "./limits.ts";

/** Longest text that an error quotes whole. */
const QUOTED_MAX = 60;

/** Where in a field a value lies: an index of a list, a key of a map, or the field itself. */
export type Place = number | string | undefined;

/**
 * Turns a value that compiled code did not find fit at first sight into one that is: a number or decimal text into a bigint, an array
 * of bytes into a Uint8Array. This is what protobuf-es takes besides the declared types.
 * @throws Error when it cannot be done, naming message, field and value.
 */
export function fit(field: FieldInfo, value: unknown, place?: Place): unknown {
  if (isLong(field.scalar)) {
    const long = parseLong(value);
    if (long !== undefined && inRange(long, isUnsignedLong(field.scalar))) return long;
  } else if (field.scalar === ScalarType.BYTES) {
    const bytes = parseBytes(value);
    if (bytes !== undefined) return bytes;
  }
  return refuse(field, value, place);
}

/** Turns a value that is no array into one, if it is a typed array. @throws Error as `fit`. */
export function fitList(field: FieldInfo, value: unknown): readonly unknown[] {
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return Array.from(value as unknown as ArrayLike<unknown>);
  throw new Error(`${cannot(field, undefined)}: expected an array, got ${describe(value)}`);
}

/** Gives the keys of a map's object. @throws Error when it is none. */
export function mapKeys(field: FieldInfo, value: unknown): string[] {
  if (typeof value === "object" && value !== null && !(value instanceof Map)) return Object.keys(value);
  throw new Error(
    `${cannot(field, undefined)}: expected an object with a property for each entry, got ${describe(value)}`,
  );
}

/** Turns the name of a property into the key of a map that is not keyed by text. @throws Error when it is no such key. */
export function fitKey(field: FieldInfo, key: string): boolean | number | bigint {
  const scalar = field.mapKey;
  if (scalar === ScalarType.BOOL) {
    if (key === "true" || key === "false") return key === "true";
  } else if (isLong(scalar)) {
    const long = parseLong(key);
    if (long !== undefined && inRange(long, isUnsignedLong(scalar))) return long;
  } else if (/^-?[0-9]{1,10}$/.test(key)) {
    const number = Number(key);
    const unsigned = scalar === ScalarType.UINT32 || scalar === ScalarType.FIXED32;
    if ((unsigned ? number >>> 0 : number | 0) === number) return number;
  }
  const words = scalar === undefined ? "a key" : SCALARS_IN_WORDS[scalar];
  throw new Error(`${cannot(field, undefined)}: expected keys to be ${words}, got ${quote(key)}`);
}

/** Sets an entry of a map; `__proto__` is a key like any other. */
export function setEntry(record: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== "__proto__") record[key] = value;
  else Object.defineProperty(record, key, { value, writable: true, enumerable: true, configurable: true });
}

/** Gives an object's own property, also where all objects have one of that name. */
export function ownValue(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : undefined;
}

/** Tells whether a number can be rounded to 32 bits without becoming infinite. */
export function isFloat32(value: unknown): boolean {
  return typeof value === "number" && (Number.isFinite(Math.fround(value)) || !Number.isFinite(value));
}

/** Gives what may be a message of a type. @throws Error for what cannot be. */
export function asObject(typeName: string, value: unknown): object {
  if (typeof value === "object" && value !== null) return value;
  throw new Error(`Cannot encode "${typeName}": expected a message, got ${describe(value)}`);
}

/** Refuses what are no bytes. @throws Error then. */
export function assertBytes(typeName: string, value: unknown): asserts value is Uint8Array {
  if (value instanceof Uint8Array) return;
  throw new Error(`Cannot decode "${typeName}": expected a Uint8Array, got ${describe(value)}`);
}

/** Refuses a value. @throws Error always. */
export function refuse(field: FieldInfo, value: unknown, place?: Place): never {
  throw new Error(`${cannot(field, place)}: expected ${field.expected}, got ${describe(value)}`);
}

/** Refuses a message that lacks a field it must have. @throws Error always. */
export function refuseMissing(field: FieldInfo): never {
  throw new Error(`${cannot(field, undefined)}: it is required, but not set`);
}

/** Refuses a oneof that names none of its fields. @throws Error always. */
export function refuseCase(typeName: string, name: string, value: unknown): never {
  const wanted = "expected a case that is one of its fields";
  throw new Error(`Cannot encode oneof "${name}" of "${typeName}": ${wanted}, got ${describe(value)}`);
}

/** Refuses a message of another type. @throws Error always. */
export function refuseType(typeName: string, got: unknown): never {
  throw new Error(`Cannot encode "${typeName}": expected a message of that type, got one of ${describe(got)}`);
}

/** Refuses a message that its reader would refuse. @throws Error always. */
export function refuseDepth(typeName: string): never {
  throw new Error(`Cannot encode "${typeName}": more than ${MESSAGE_DEPTH_MAX} nested messages, or a circle of them`);
}

function cannot(field: FieldInfo, place: Place): string {
  const where = place === undefined ? "" : `[${typeof place === "string" ? JSON.stringify(place) : place}]`;
  return `Cannot encode field "${field.name}${where}" of "${field.parent}"`;
}

/** Says in an error what a value is, without saying all of it. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "bigint":
      return `${value}n`;
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return "an array";
      return value.constructor === Object ? "an object" : `an object of class ${value.constructor?.name ?? "unknown"}`;
    case "function":
    case "symbol":
      return `a ${typeof value}`;
    default:
      return Object.is(value, -0) ? "-0" : String(value);
  }
}

function quote(text: string): string {
  return JSON.stringify(text.length > QUOTED_MAX ? `${text.slice(0, QUOTED_MAX)}…` : text);
}

function parseLong(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : undefined;
  return typeof value === "string" && /^-?[0-9]{1,20}$/.test(value) ? BigInt(value) : undefined;
}

function inRange(value: bigint, unsigned: boolean): boolean {
  return (unsigned ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value)) === value;
}

function parseBytes(value: unknown): Uint8Array | undefined {
  // Of another realm, such as a frame or a sandbox.
  if (Object.prototype.toString.call(value) === "[object Uint8Array]") return new Uint8Array(value as Uint8Array);
  const isBytes = (item: unknown) => typeof item === "number" && (item & 0xff) === item;
  return Array.isArray(value) && value.every(isBytes) ? Uint8Array.from(value) : undefined;
}
