import type { Target } from "./bind.ts";
import { METHODS } from "./bind-shape.ts";

/** The methods that a route answers: those it says, or those of its kind of target. HEAD comes with GET. */
export function methodsOf(said: readonly string[] | undefined, kind: Target["kind"]): readonly string[] {
  const methods = said ?? (kind === "files" ? ["GET"] : kind === "service" ? ["POST"] : METHODS);
  return methods.includes("GET") && !methods.includes("HEAD") ? [...methods, "HEAD"] : methods;
}
