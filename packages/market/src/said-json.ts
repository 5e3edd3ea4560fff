import { OrreryError } from "@orrery/core";

/** Reads JSON that others wrote, part by part. Each thing it refuses is an `invalid_argument` with its place, what is there and what would work. */
export interface SaidJson {
  /** @throws OrreryError for what is no JSON of an object, and for more letters than fit */
  parse(text: string): Readonly<Record<string, unknown>>;
  object(said: unknown, place: string): Readonly<Record<string, unknown>>;
  list(said: unknown, place: string, max: number): readonly unknown[];
  text(said: unknown, place: string, form: { readonly pattern: RegExp; readonly what: string }): string;
  /** A whole number of JSON. */
  whole(said: unknown, place: string, max: number): number;
  refusal(place: string, why: string, cause?: unknown): OrreryError;
  /** What is there, for an error. */
  shown(said: unknown): string;
}

/** Makes a reader of what is called so, such as `quote`, of up to so many letters. */
export function saidJson(what: string, lettersMax: number): SaidJson {
  const refusal: SaidJson["refusal"] = (place, why, cause) =>
    new OrreryError("invalid_argument", `Cannot read the ${what}: ${place === "" ? "it" : `"${place}"`} ${why}`, {
      cause,
    });
  const shown = (said: unknown) => (JSON.stringify(said) ?? "missing").slice(0, 100);
  const object: SaidJson["object"] = (said, place) => {
    if (typeof said === "object" && said !== null && !Array.isArray(said)) return said as Record<string, unknown>;
    throw refusal(place, `is ${shown(said)}: write an object`);
  };
  const parse = (text: string): unknown => {
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw refusal("", "is no JSON", cause);
    }
  };
  return {
    refusal,
    shown,
    object,
    parse: (text) => {
      if (text.length > lettersMax) throw refusal("", `has ${text.length} letters, up to ${lettersMax} fit`);
      return object(parse(text), "");
    },
    list: (said, place, max) => {
      if (Array.isArray(said) && said.length <= max) return said;
      throw refusal(place, `is ${shown(said)}: write a list of up to ${max}`);
    },
    text: (said, place, { pattern, what: form }) => {
      if (typeof said === "string" && pattern.test(said)) return said;
      throw refusal(place, `is ${shown(said)}: write ${form}`);
    },
    whole: (said, place, max) => {
      if (typeof said === "number" && Number.isInteger(said) && said >= 0 && said <= max) return said;
      throw refusal(place, `is ${shown(said)}: write a whole number from 0 to ${max}`);
    },
  };
}
