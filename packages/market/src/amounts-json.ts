/** JSON of plain data in which amounts of money are decimal text: its numbers hold none of them. */
export function amountsJson(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) => (typeof part === "bigint" ? String(part) : part));
}
