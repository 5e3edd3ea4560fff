/** The message of what was thrown: code may throw anything, also what has no text, such as an object without a prototype. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  try {
    return String(thrown);
  } catch {
    return `something of type ${typeof thrown} without a text`;
  }
}

/** The stack of what was thrown, for logs; its message where it has none. */
export function stackOf(thrown: unknown): string {
  return thrown instanceof Error && thrown.stack !== undefined ? thrown.stack : messageOf(thrown);
}
