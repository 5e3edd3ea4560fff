/** What a value of a manifest may be, as data: how it is read, what its errors say and its JSON Schema all come from here. */
export type Shape =
  | TextShape
  /** A number from `min` to `max`. */
  | { readonly kind: "number" | "integer"; readonly min: number; readonly max: number }
  /** A whole number from `min` to `max`, or a range of them from 1, such as `1..8`. */
  | { readonly kind: "span"; readonly min: number; readonly max: number }
  | { readonly kind: "boolean" }
  /** One of some words. */
  | { readonly kind: "choice"; readonly of: readonly string[] }
  /** A text, a number or a boolean. */
  | { readonly kind: "scalar" }
  /** Whatever JSON can say, such as a JSON Schema; aliases are none. */
  | { readonly kind: "json" }
  | { readonly kind: "list"; readonly of: Shape; readonly min: number; readonly max: number }
  /** Names that the author chooses, with a value each. */
  | { readonly kind: "map"; readonly names: TextShape; readonly of: Shape; readonly max: number }
  | RecordShape
  /** A short form, which is no record, beside the whole one. */
  | { readonly kind: "either"; readonly short: Shape; readonly long: RecordShape };

/** A text that must look like something. */
export interface TextShape {
  readonly kind: "text";
  /** What it is, with its article, such as `a time`. */
  readonly what: string;
  readonly pattern: RegExp;
  /** One that is right, for errors. */
  readonly example: string;
}

/** Known names, with a value each. */
export interface RecordShape {
  readonly kind: "record";
  readonly fields: Readonly<Record<string, FieldShape>>;
}

/** One name of a record. */
export interface FieldShape {
  readonly shape: Shape;
  /** One sentence for the reference and the editor. */
  readonly about: string;
  readonly isRequired?: boolean;
}

/** A text of any kind. */
export const TEXT: TextShape = { kind: "text", what: "a text", pattern: /^.+$/, example: "some text" };

/** The ends of a range such as `1..8`; undefined for what is none. */
export function parseSpan(text: string): { readonly min: number; readonly max: number } | undefined {
  const [, min, max] = /^(\d{1,9})\.\.(\d{1,9})$/.exec(text) ?? [];
  return min === undefined || Number(min) > Number(max) ? undefined : { min: Number(min), max: Number(max) };
}

/** A list of up to `max`. */
export function listOf(of: Shape, max: number, min = 0): Shape {
  return { kind: "list", of, min, max };
}

/** A record of fields. */
export function record(fields: RecordShape["fields"]): RecordShape {
  return { kind: "record", fields };
}
