import { JSON_DEPTH_MAX } from "./limits.ts";
import { failure } from "./orrery-error.ts";

/** Characters of a place that an error tells: a circle's is as long as there are levels. */
const PLACE_SHOWN_MAX = 58;

/**
 * Copies plain JSON data, with the meaning JSON gives it: fields that are undefined are left out, -0 is 0.
 * @throws OrreryError `malformed` at the first value that JSON cannot carry, with its place.
 */
export function copyPlainData(value: unknown, place = "body", depth = 0): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (!Number.isFinite(value)) throw unfit(place, `${value} is no JSON number`);
      return value === 0 ? 0 : value;
    case "object":
      if (value === null) return null;
      if (depth >= JSON_DEPTH_MAX) throw unfit(place, `nested deeper than ${JSON_DEPTH_MAX} levels, or in a circle`);
      return Array.isArray(value) ? copyArray(value, place, depth) : copyObject(value, place, depth);
    case "undefined":
      throw unfit(place, "undefined is not plain data, pass null");
    case "bigint":
      throw unfit(place, "a bigint is not plain data, pass it as a string");
    default:
      throw unfit(place, `a ${typeof value} is not plain data`);
  }
}

function copyArray(value: readonly unknown[], place: string, depth: number): unknown[] {
  const copy: unknown[] = new Array(value.length);
  for (let i = 0; i < value.length; i++) {
    const item = value[i];
    copy[i] = isLeaf(item) ? item : copyPlainData(item, `${place}[${i}]`, depth + 1);
  }
  return copy;
}

function copyObject(value: object, place: string, depth: number): Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    const name = (value as { constructor?: { name?: string } }).constructor?.name ?? "object with a prototype";
    throw unfit(place, `a ${name} is not plain data, pass its fields`);
  }
  // A spread copies several times faster than a loop that adds field after field; what is more than a leaf is then replaced.
  const copy: Record<string, unknown> = { ...value };
  let undefinedFields = Object.getOwnPropertySymbols(copy).length; // A spread takes them along, with what they hold.
  for (const key in copy) {
    const item = copy[key];
    if (isLeaf(item)) continue;
    if (item === undefined) undefinedFields++;
    else if (Object.hasOwn(copy, key)) setField(copy, key, copyPlainData(item, `${place}.${key}`, depth + 1));
  }
  return undefinedFields === 0 ? copy : definedFields(copy);
}

function definedFields(fields: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(fields)) if (item !== undefined) setField(kept, key, item);
  return kept;
}

function setField(fields: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(fields, key, { value, enumerable: true, configurable: true, writable: true });
  else fields[key] = value;
}

// The place of a value is only built when there is something to say about it.
function isLeaf(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value) && value !== 0;
  return typeof value === "string" || typeof value === "boolean" || value === null;
}

function unfit(place: string, why: string) {
  const shown = place.length > PLACE_SHOWN_MAX ? `${place.slice(0, PLACE_SHOWN_MAX)}…` : place;
  return failure("malformed", `Cannot send "${shown}": ${why}`);
}
