import type { OrreryError } from "@orrery/core";
import { JSON_DEPTH_MAX, QUOTED_MAX, TEXT_MAX } from "./limits.ts";

/** JSON that is being put together. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** An object of it. */
export interface JsonObject {
  [key: string]: Json;
}

/** JSON as somebody wrote it: an integer that a double cannot hold is a bigint. */
export type ExactJson = null | boolean | number | bigint | string | readonly ExactJson[] | ExactObject;

/** An object of it. */
export interface ExactObject {
  readonly [key: string]: ExactJson;
}

/** Makes the error for what somebody wrote; it knows where that stands, the caller says why it will not do. */
export type Refuse = (why: string) => OrreryError;

/**
 * Parses JSON text and loses no digit of an integer; undefined when it is no JSON. Of a key that stands twice, the last counts.
 * @throws what `refuse` makes when the text is too long or nested too deep.
 */
export function parseExact(text: string, refuse: Refuse): ExactJson | undefined {
  if (text.length > TEXT_MAX) throw refuse(`it has ${text.length} characters, the limit is ${TEXT_MAX}`);
  let json: ExactJson;
  try {
    json = JSON.parse(text, keepExact) as ExactJson;
  } catch (cause) {
    if (cause instanceof RangeError) throw tooDeep(refuse); // The stack ended.
    return undefined;
  }
  assertDepth(json, refuse);
  return json;
}

function keepExact(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value) || !Number.isFinite(value)) return value;
  const source = context?.source ?? "";
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}

/** Refuses JSON that is nested deeper than `JSON_DEPTH_MAX`. @throws what `refuse` makes. */
export function assertDepth(json: ExactJson, refuse: Refuse, depth = 0): void {
  if (typeof json !== "object" || json === null) return;
  if (depth >= JSON_DEPTH_MAX) throw tooDeep(refuse);
  for (const item of Object.values(json)) assertDepth(item, refuse, depth + 1);
}

function tooDeep(refuse: Refuse): OrreryError {
  return refuse(`it is nested deeper than ${JSON_DEPTH_MAX} levels`);
}

/**
 * Gives exact JSON as plain JSON, where no contract says what its numbers are.
 * @throws what `refuse` makes for a number that would not stay what it is.
 */
export function plainJson(json: ExactJson, refuse: Refuse): Json {
  if (typeof json === "bigint") {
    if (isLossless(json)) return Number(json);
    throw refuse(`${json} loses digits as a JSON number, write it as a string`);
  }
  if (typeof json === "number" && !Number.isFinite(json)) throw refuse("a number is out of range of JSON");
  if (typeof json !== "object" || json === null) return json;
  if (isList(json)) return json.map((item, index) => plainJson(item, within(refuse, String(index))));
  const plain: JsonObject = {};
  for (const [key, item] of Object.entries(json)) setOwn(plain, key, plainJson(item, within(refuse, key)));
  return plain;
}

/** Tells whether an integer is the same when it went through a double: it is that value, or is printed by the same digits. */
export function isLossless(integer: bigint): boolean {
  const double = Number(integer);
  return Number.isFinite(double) && (BigInt(double) === integer || String(double) === String(integer));
}

/** Refuses with the place inside a value that is to blame, such as `lines.0.sku`. */
export function within(refuse: Refuse, key: string): Refuse {
  return (why) => refuse(why.startsWith("at ") ? `at ${key}.${why.slice(3)}` : `at ${key}: ${why}`);
}

/** Sets a property, also one that JavaScript keeps for itself, such as `__proto__`. */
export function setOwn<T>(object: Record<string, T>, key: string, value: T): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Tells whether JSON is a list. */
export function isList<T>(json: T): json is Extract<T, readonly unknown[]> {
  return Array.isArray(json);
}

/** Tells whether JSON is an object and no list. */
export function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

/** Tells whether exact JSON is an object and no list. */
export function isExactObject(json: ExactJson): json is ExactObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

/** Quotes what somebody typed for an error, without all of it. */
export function quote(text: string): string {
  return JSON.stringify(text.length > QUOTED_MAX ? `${text.slice(0, QUOTED_MAX)}…` : text);
}

/** Says in an error what JSON is, without saying all of it. */
export function describe(json: ExactJson): string {
  if (typeof json === "string") return quote(json);
  if (typeof json === "object" && json !== null) return isList(json) ? "a list" : "an object";
  return String(json);
}
