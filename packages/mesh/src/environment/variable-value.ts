import type { VariableSpec, VariableValue } from "./manifest-types.ts";
import { parseDuration } from "./units.ts";

/** What a text is as a value of a type, or what it should be. */
export type ReadValue =
  | { readonly kind: "fits"; readonly value: VariableValue }
  | { readonly kind: "misfits"; readonly wanted: string };

/** Reads the text of a variable, as the environment or a file has it. */
export function readValue(text: string, spec: VariableSpec): ReadValue {
  switch (spec.type) {
    case "string":
      return { kind: "fits", value: text };
    case "integer":
    case "number":
      return readNumber(text, spec);
    case "boolean":
      return text === "true" || text === "false" ? fits(text === "true") : misfits("true or false");
    case "url":
      return /^[a-z][a-z0-9+.-]*:/i.test(text) && URL.canParse(text) ? fits(text) : misfits("a URL");
    case "duration": {
      const durationMs = parseDuration(text);
      return durationMs === undefined ? misfits("a time such as 500ms, 30s or 2m") : fits(durationMs);
    }
    case "one-of":
      return spec.values.includes(text) ? fits(text) : misfits(spec.values.join(" or "));
  }
}

/** Writes a value as the environment of a process has it; a duration in the form in which it is read. */
export function printValue(value: VariableValue, spec: VariableSpec): string {
  return spec.type === "duration" ? `${value}ms` : String(value);
}

function readNumber(text: string, { type, min, max }: VariableSpec): ReadValue {
  const value = Number(text);
  const isNumber = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) && (type === "number" || Number.isSafeInteger(value));
  if (isNumber && value >= (min ?? value) && value <= (max ?? value)) return fits(value);
  const bounds = [min === undefined ? "" : ` from ${min}`, max === undefined ? "" : ` up to ${max}`].join("");
  return misfits(`${type === "integer" ? "a whole number" : "a number"}${bounds}`);
}

function fits(value: VariableValue): ReadValue {
  return { kind: "fits", value };
}

function misfits(wanted: string): ReadValue {
  return { kind: "misfits", wanted };
}
