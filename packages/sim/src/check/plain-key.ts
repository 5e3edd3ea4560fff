/**
 * Gives a text that is the same for two values exactly if they are equal plain data, whatever the order of their properties.
 * Undefined for what is no plain data, such as a `Map`, a function or an object of a class: nothing is known of its equality.
 */
export function plainKey(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
      return Object.is(value, -0) ? "0" : String(value);
    case "boolean":
    case "undefined":
      return String(value);
    case "bigint":
      return `${value}n`;
    case "object":
      return value === null ? "null" : objectKey(value);
    default:
      return undefined;
  }
}

function objectKey(value: object): string | undefined {
  if (Array.isArray(value)) return listKey(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  const parts: string[] = [];
  for (const [name, inner] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const key = plainKey(inner);
    if (key === undefined) return undefined;
    parts.push(`${JSON.stringify(name)}:${key}`);
  }
  return `{${parts.join()}}`;
}

function listKey(list: readonly unknown[]): string | undefined {
  const parts: string[] = [];
  for (const inner of list) {
    const key = plainKey(inner);
    if (key === undefined) return undefined;
    parts.push(key);
  }
  return `[${parts.join()}]`;
}

/** Tells whether two values are equal plain data. */
export function samePlain(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object") return a === b;
  const key = plainKey(a);
  return key !== undefined && key === plainKey(b);
}
