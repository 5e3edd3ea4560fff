import type { UpstreamTarget } from "../bind/bind.ts";
import type { Caught } from "../bind/route-table.ts";
import { fillTemplate, type Template } from "../bind/template.ts";

/** Path and query that an upstream is asked for: those of the route, then the visitor's query. */
export function upstreamPath({ path }: UpstreamTarget, caught: Caught, query: string): string {
  const filled = fillTemplate(path, caught.raw);
  if (query.length <= 1) return filled;
  return filled.includes("?") ? `${filled}&${query.slice(1)}` : `${filled}${query}`;
}

/** Where a redirect leads: with the visitor's query, where it has none of its own. */
export function redirectTo(to: Template, caught: Caught, query: string): string {
  const place = fillTemplate(to, caught.raw);
  const filled = place.startsWith("/") ? place.replace(/^[/\\]+/, "/") : place; // "//" would lead to another host.
  if (filled.includes("?") || query.length <= 1) return filled;
  const hash = filled.indexOf("#");
  return hash === -1 ? `${filled}${query}` : `${filled.slice(0, hash)}${query}${filled.slice(hash)}`;
}
