import { PATTERN_PARTS_MAX } from "./limits.ts";

/** Which paths of a web server are meant, read from text by `parsePathPattern`. */
export interface PathPattern {
  readonly text: string;
  /** The parts between slashes; the last one may be `""`, for a path that ends in `/`. */
  readonly parts: readonly PatternPart[];
}

/** A part of a path: this text, any one that is not empty, or all that is left. */
export type PatternPart =
  | { readonly form: "text"; readonly text: string }
  | { readonly form: "one"; readonly name: string }
  | { readonly form: "rest"; readonly name: string };

const PART = /^\{([a-z][A-Za-z0-9]*)(\*?)\}$/;

/**
 * Reads a path pattern:
 *
 *     pattern = "/" part { "/" part }
 *     part    = text | "{" name "}" | "{" name "*}"
 *
 * `{name}` is one part that is not empty; `{name*}`, as the last part only, is all that is left, slashes included, and may be empty. A
 * pattern means the whole path: `/files` does not mean `/files/`.
 * @returns the pattern, or why it is none
 */
export function parsePathPattern(text: string): PathPattern | string {
  if (!text.startsWith("/")) return `is "${text}", a path starts with "/": write "/${text}"`;
  const words = text.slice(1).split("/");
  if (words.length > PATTERN_PARTS_MAX) return `has ${words.length} parts, up to ${PATTERN_PARTS_MAX} are allowed`;
  const names = new Set<string>();
  const parts: PatternPart[] = [];
  for (const [index, word] of words.entries()) {
    const isLast = index === words.length - 1;
    const [, name, star] = PART.exec(word) ?? [];
    if (name === undefined) {
      const why = whyNoText(word, isLast);
      if (why !== undefined) return why;
      parts.push({ form: "text", text: word });
      continue;
    }
    if (star === "*" && !isLast) return `has "${word}" before its end: write {${name}} for one part`;
    if (names.has(name)) return `has two places named "${name}": give each a name of its own`;
    names.add(name);
    parts.push({ form: star === "*" ? "rest" : "one", name });
  }
  return { text, parts };
}

/** The names that a pattern catches. */
export function namesOf({ parts }: PathPattern): readonly string[] {
  return parts.flatMap((part) => (part.form === "text" ? [] : [part.name]));
}

function whyNoText(word: string, isLast: boolean): string | undefined {
  if (word === "" && !isLast) return 'has nothing between "/" and "/": leave one of them out';
  if (word === "." || word === "..") return `has "${word}", which no request reaches: write the whole way`;
  if (/[{}*]/.test(word)) return `has "${word}": a place is a whole part, such as {name} or, at the end, {rest*}`;
  if (/[?#]/.test(word)) return `has "${word}": a query is no part of a path, leave it out`;
  if (/%[0-9a-f]{2}/i.test(word)) return `has "${word}": write letters as they are, requests are compared unescaped`;
  return undefined;
}
