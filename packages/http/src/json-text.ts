import { failure } from "@orrery/core/internal";
import { findJsonFault } from "./json-fault.ts";

/** An integer of JSON text that a double cannot hold exactly, as it was written. */
export class ExactInteger {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const INTEGER = /^-?\d+$/;
/** Only text with so many digits in a row can hold an integer that a double cannot. */
const MANY_DIGITS = /\d{16}/;

/**
 * Reads JSON in UTF-8. With `place`, integers beyond the safe range come as `ExactInteger` instead of as the wrong number, and `place`
 * puts right a value that may hold some.
 * @throws OrreryError `malformed` with line and column; `name` is the method's, for its text.
 */
export function parseJson(bytes: Uint8Array, name: string, place?: (value: unknown) => unknown): unknown {
  const text = decode(bytes, name);
  try {
    return place !== undefined && MANY_DIGITS.test(text) ? place(JSON.parse(text, keepExact)) : JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof RangeError ? "it is nested too deeply" : whyNot(text);
    throw failure("malformed", `Cannot read the body of "${name}": ${why}`, { cause });
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function decode(bytes: Uint8Array, name: string): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw failure("malformed", `Cannot read the body of "${name}": it is not UTF-8`, { cause });
  }
}

function whyNot(text: string): string {
  if (text.trim() === "") return "it is empty, send at least {}";
  const fault = findJsonFault(text);
  if (fault === undefined) return "it is no JSON";
  const { expected, found, line, column } = fault;
  return `expected ${expected}, found ${found} at line ${line}, column ${column}`;
}

function keepExact(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  return INTEGER.test(context?.source ?? "") ? new ExactInteger(context?.source ?? "") : value;
}
