import type { Route } from "./bind.ts";
import type { PathPattern } from "./path-pattern.ts";
import type { RequestPath } from "./request-path.ts";

/** What a request was matched to. */
export type Matched =
  | { readonly kind: "route"; readonly route: Route; readonly caught: Caught }
  /** The path is known, by other methods. */
  | { readonly kind: "method"; readonly allow: readonly string[] }
  | { readonly kind: "none" };

/** What the places of a pattern caught, by name: unescaped, and as it came. */
export interface Caught {
  value(name: string): string;
  raw(name: string): string;
}

/** The routes of a bind by their paths. */
export interface RouteTable {
  match(method: string, path: RequestPath): Matched;
}

/** One place of all patterns together: those that have come so far by the same parts. */
interface Branch {
  readonly texts: Map<string, Branch>;
  one?: Branch;
  /** Routes whose pattern ends here, and those that take all that is left. */
  ends: Route[];
  rests: Route[];
}

/**
 * Makes the table of some routes. The most exact path wins: at the first part in which two differ, text goes before one part, and that
 * before all that is left. Methods are looked at afterwards. A match visits each branch of the table at most once.
 */
export function createRouteTable(routes: readonly Route[]): RouteTable {
  const root = branch();
  for (const route of routes) {
    let at = root;
    let isRest = false;
    for (const part of route.path.parts) {
      if (part.form === "rest") isRest = true;
      else at = part.form === "text" ? below(at, part.text) : belowAny(at);
    }
    (isRest ? at.rests : at.ends).push(route);
  }
  return {
    match: (method, path) => {
      const found = find(root, path.parts, 0);
      if (found === undefined) return { kind: "none" };
      const route = found.find(({ methods }) => methods.includes(method));
      if (route !== undefined) return { kind: "route", route, caught: caughtBy(route.path, path) };
      return { kind: "method", allow: [...new Set(found.flatMap(({ methods }) => methods))].sort() };
    },
  };
}

function branch(): Branch {
  return { texts: new Map(), ends: [], rests: [] };
}

function below({ texts }: Branch, text: string): Branch {
  const known = texts.get(text);
  if (known !== undefined) return known;
  const made = branch();
  texts.set(text, made);
  return made;
}

function belowAny(at: Branch): Branch {
  at.one ??= branch();
  return at.one;
}

/** The routes of the most exact pattern; a branch lies at one depth, so that none is visited twice. */
function find(at: Branch, parts: readonly string[], depth: number): readonly Route[] | undefined {
  const part = parts[depth];
  if (part === undefined) return at.ends.length > 0 ? at.ends : undefined;
  const text = at.texts.get(part);
  const found = text && find(text, parts, depth + 1);
  if (found !== undefined) return found;
  const one = part === "" ? undefined : at.one && find(at.one, parts, depth + 1);
  return one ?? (at.rests.length > 0 ? at.rests : undefined);
}

function caughtBy({ parts }: PathPattern, path: RequestPath): Caught {
  const pick = (from: readonly string[], name: string) => {
    const index = parts.findIndex((part) => part.form !== "text" && part.name === name);
    return parts[index]?.form === "rest" ? from.slice(index).join("/") : (from[index] ?? "");
  };
  return { value: (name) => pick(path.parts, name), raw: (name) => pick(path.raw, name) };
}
