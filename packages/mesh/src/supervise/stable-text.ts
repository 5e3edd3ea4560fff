/**
 * JSON of plain data, the same for two values that differ only in the order of their keys: these stand in the order of their UTF-16 codes, as
 * RFC 8785 has it, which whole numbers among them would not as keys of an object.
 */
export function stableText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stableText).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, one]) => `${JSON.stringify(name)}:${stableText(one)}`);
  return `{${fields.join(",")}}`;
}
