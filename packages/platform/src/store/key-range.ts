/** The first text behind all that begin with a prefix, in the order of bytes; nothing where there is none. */
export function keyBehind(prefix: string): string | undefined {
  const points = [...prefix].map((one) => one.codePointAt(0) ?? 0);
  while (points.at(-1) === 0x10ffff) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1); // What is between is half of a character.
}
