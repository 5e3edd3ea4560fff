/** The path of a request, split at its slashes. */
export interface RequestPath {
  /** As they came, percent escapes included. */
  readonly raw: readonly string[];
  /** Unescaped; none is `.` or `..`, nor holds a NUL. */
  readonly parts: readonly string[];
}

/** Why a path is not taken: 400 for what is no path, 404 for what leads elsewhere than it says. */
export type RefusedPath = { readonly status: 400 | 404 };

/**
 * Reads a request's path, which starts with `/`. `.` and `..` are refused, escaped or not, between slashes or backslashes: a client that
 * means well has resolved them.
 */
export function readRequestPath(path: string): RequestPath | RefusedPath {
  if (!path.startsWith("/")) return { status: 400 };
  const raw = path.slice(1).split("/");
  if (!UNUSUAL.test(path)) return { raw, parts: raw };
  const parts: string[] = [];
  for (const word of raw) {
    const part = unescaped(word);
    if (part === undefined) return { status: 400 };
    if (part.includes("\0") || part.split(/[/\\]/).some((name) => name === "." || name === ".."))
      return { status: 404 };
    parts.push(part);
  }
  return { raw, parts };
}

/** What only some paths have: an escape, a backslash, or a part that starts with a dot. */
const UNUSUAL = /[%\\\0]|\/\./;

function unescaped(word: string): string | undefined {
  try {
    return decodeURIComponent(word);
  } catch {
    return undefined;
  }
}
