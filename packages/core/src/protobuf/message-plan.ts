import { create, type DescField, type DescMessage } from "@bufbuild/protobuf";
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { type FieldInfo, fieldInfo } from "./field-info.ts";
import { wireTypeOf } from "./wire-type.ts";

/** Writes a message's fields. `depth` counts from 1, the outermost message. */
export type WriteMessage = (writer: ByteWriter, message: unknown, depth: number) => void;
/**
 * Reads a message's fields up to position `end`, or up to the end of group `group` if that is not 0, into `message`, or into a
 * new one if that is undefined.
 */
export type ReadMessage = (reader: ByteReader, message: unknown, end: number, depth: number, group: number) => unknown;
/** Copies a message deeply, checking it as `WriteMessage` does. */
export type CopyMessage = (message: unknown, depth: number) => unknown;

/** The compiled code of one message type. */
export interface MessageCode {
  write: WriteMessage;
  read: ReadMessage;
  copy: CopyMessage;
}

/**
 * What source text is generated from: a message type, its fields, and the values that the text refers to by number because they
 * cannot stand in it.
 */
export interface MessagePlan {
  readonly desc: DescMessage;
  /** The type's name as a literal. */
  readonly typeName: string;
  /** A message with nothing set, as protobuf-es makes it. */
  readonly zero: Readonly<Record<string, unknown>>;
  /** Where protobuf-es keeps the defaults of fields that know whether they are set; undefined if the type has no such fields. */
  readonly defaults: Readonly<Record<string, unknown>> | undefined;
  /** All fields, in the order of their numbers, which is the order on the wire. */
  readonly fields: readonly FieldPlan[];
  /** Types of the fields' messages; the text calls them `p0`, `p1` and so on. */
  readonly children: readonly DescMessage[];
}

/** A field as source text is generated from it. */
export interface FieldPlan {
  readonly desc: DescField;
  readonly info: FieldInfo;
  /** How the text calls `info`, such as `f3`. */
  readonly ref: string;
  /** The field's name, or that of its oneof, as a literal. */
  readonly key: string;
  /** Name of the type of its messages in the text, such as `p0`; empty for other fields. */
  readonly child: string;
}

/** Gives what the code of a message type is generated from. */
export function messagePlan(desc: DescMessage): MessagePlan {
  const zero = create(desc) as unknown as Record<string, unknown>;
  const prototype: unknown = Object.getPrototypeOf(zero);
  const children = [...new Set(desc.fields.flatMap((field) => field.message ?? []))];
  const sorted = [...desc.fields].sort((a, b) => a.number - b.number);
  return {
    desc,
    typeName: literal(desc.typeName),
    zero,
    defaults: prototype === Object.prototype ? undefined : (prototype as Record<string, unknown>),
    fields: sorted.map((field, index) => fieldPlan(field, { index, children })),
    children,
  };
}

function fieldPlan(desc: DescField, at: { index: number; children: readonly DescMessage[] }): FieldPlan {
  return {
    desc,
    info: fieldInfo(desc),
    ref: `f${at.index}`,
    key: literal(desc.oneof?.localName ?? desc.localName),
    child: desc.message ? `p${at.children.indexOf(desc.message)}` : "",
  };
}

/** Gives a value as source text; undefined if it has none: an object other than an empty Uint8Array, or NaN. */
export function literal(value: string): string;
export function literal(value: unknown): string | undefined;
export function literal(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "boolean":
      return String(value);
    case "bigint":
      return `${value}n`;
    case "number":
      return Number.isNaN(value) ? undefined : Object.is(value, -0) ? "-0" : String(value);
    default:
      return value instanceof Uint8Array && value.length === 0 ? "EMPTY" : undefined;
  }
}

/** Gives the text that reads a property of `message`; with care where every object has a property of that name. */
export function property(name: string): string {
  return name in Object.prototype ? `ownValue(message, ${literal(name)})` : `message[${literal(name)}]`;
}

/** Gives the tag of a field whose values are not packed. */
export function tagOf(field: DescField, scalar: FieldInfo["scalar"]): number {
  return ((field.number << 3) | (scalar === undefined ? 2 : wireTypeOf(scalar))) >>> 0;
}

/**
 * Gives the text that is true where a singular field with presence is set to `value`, which may be inherited. An inherited value is
 * the default, so any other value is the message's own, and only the default itself needs a look at who owns it.
 */
export function isSet(plan: MessagePlan, field: FieldPlan, value: string): string {
  const name = field.desc.localName;
  if (plan.defaults === undefined || !Object.hasOwn(plan.defaults, name)) return `${value} != null`;
  const inherited = plan.defaults[name];
  const text = inherited instanceof Uint8Array ? undefined : literal(inherited);
  const owned = `hasOwn(message, ${literal(name)})`;
  return `${value} != null && ${text === undefined ? owned : `(${value} !== ${text} || ${owned})`}`;
}
