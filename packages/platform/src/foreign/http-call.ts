import { OrreryError } from "@orrery/core";

/** How a method is called by plain HTTP. */
export interface HttpMethod {
  readonly verb: string;
  /** With fields of the request as places: `/guests/{name}`. */
  readonly path: string;
}

/** One call by plain HTTP. */
export interface HttpCall {
  readonly verb: string;
  /** With its query. */
  readonly path: string;
  /** JSON; undefined for a method that has no body. */
  readonly body: string | undefined;
}

const METHOD = /^(GET|POST|PUT|PATCH|DELETE) (\/[^\s?#]{0,1000})$/;
const PLACE = /\{([A-Za-z_]\w*)\}/g;

/** Reads `VERB /path`; undefined for what is none. */
export function parseHttpMethod(text: string): HttpMethod | undefined {
  const [, verb, path] = METHOD.exec(text) ?? [];
  return verb === undefined || path === undefined ? undefined : { verb, path };
}

/** Names of the places of a path. */
export function placesIn({ path }: HttpMethod): readonly string[] {
  return [...path.matchAll(PLACE)].map(([, name]) => name ?? "");
}

/**
 * Makes the call of a request: fields that the path has places for go there, and of a method without a body all others into the query, each
 * item of a list by itself; else the others are the body.
 * @throws OrreryError `invalid_argument` where a place has no value
 */
export function httpCallOf({ verb, path }: HttpMethod, request: Readonly<Record<string, unknown>>): HttpCall {
  const used = new Set<string>();
  const filled = path.replace(PLACE, (_, name: string) => {
    used.add(name);
    const value = request[name];
    if (typeof value !== "object" && value !== undefined && value !== "") return encodeURIComponent(String(value));
    throw new OrreryError("invalid_argument", `Cannot call "${verb} ${path}": "${name}" is empty, give it a value`);
  });
  const left = Object.entries(request).filter(([name]) => !used.has(name));
  if (verb !== "GET" && verb !== "DELETE")
    return { verb, path: filled, body: JSON.stringify(Object.fromEntries(left)) };
  const query = new URLSearchParams();
  for (const [name, value] of left)
    for (const one of Array.isArray(value) ? (value as readonly unknown[]) : [value])
      query.append(name, typeof one === "object" ? JSON.stringify(one) : String(one));
  return { verb, path: query.size === 0 ? filled : `${filled}?${query.toString()}`, body: undefined };
}
