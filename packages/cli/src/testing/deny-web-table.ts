import type { WebPath } from "@orrery/platform";

/** What a space's host is asked, without the field `Host`. */
export interface WebAsk {
  readonly method: string;
  readonly path: string;
  readonly fields?: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
}

/**
 * What an outsider is told by a kind of path. `closed`: the same by a space in which all is, and by one in which nothing is. `published`: whoever wrote
 * the route says by it that it is there, and nothing else.
 */
export interface WebDenyCase {
  readonly kind: "closed" | "published";
  readonly asks: (space: string) => readonly WebAsk[];
}

const JSON_TYPE = ["Content-Type", "application/json"] as const;
const FORM_TYPE = ["Content-Type", "application/x-www-form-urlencoded"] as const;
const PREFLIGHT = [
  ["Origin", "https://evil.example"],
  ["Access-Control-Request-Method", "POST"],
] as const;
const UPGRADE = [
  ["Upgrade", "websocket"],
  ["Connection", "Upgrade"],
] as const;

const get = (path: string, ...fields: NonNullable<WebAsk["fields"]>): WebAsk => ({ method: "GET", path, fields });
const post = (path: string, body: string, ...fields: NonNullable<WebAsk["fields"]>): WebAsk => ({
  ...{ method: "POST", path, body },
  fields: fields.length === 0 ? [JSON_TYPE] : fields,
});
const closed = (asks: WebDenyCase["asks"]): WebDenyCase => ({ kind: "closed", asks });
const published = (asks: WebDenyCase["asks"]): WebDenyCase => ({ kind: "published", asks });
const form = (path: string, fields: Readonly<Record<string, string>>): WebAsk =>
  post(path, new URLSearchParams(fields).toString(), FORM_TYPE);

/** Reads a path in all ways, and asks it what else may be done. */
const everyWay = (path: string): readonly WebAsk[] => [
  get(path),
  get(path, ["Accept", "text/html"]),
  get(path, ["If-None-Match", "*"], ["Range", "bytes=0-1"]),
  get(path, ...UPGRADE),
  { method: "HEAD", path },
  { method: "OPTIONS", path },
  { method: "OPTIONS", path, fields: PREFLIGHT },
  { method: "DELETE", path },
  { method: "PROPFIND", path },
  post(path, "{}"),
  post(path, "{"),
  post(path, "a", ["Content-Type", "text/plain"]),
  post(path, "x".repeat(2_000)),
  post(path, "{}", JSON_TYPE, ["Connect-Protocol-Version", "1"]),
  post(path, "", ["Content-Type", "application/grpc-web"]),
];
const everyWayOf = (...paths: readonly string[]) => closed(() => paths.flatMap(everyWay));

/** What each kind of path at a space's host is asked; a kind that is missing does not compile. The app of the full space says the routes. */
export const WEB_DENY_TABLE: Readonly<Record<WebPath, WebDenyCase>> = {
  "/-/openapi.json": everyWayOf("/-/openapi.json"),
  "/-/descriptors.binpb": everyWayOf("/-/descriptors.binpb"),
  "/-/services": everyWayOf("/-/services"),
  "/-/login": closed((space) => [
    ...everyWay(`/-/login?of=${space}:users`),
    ...everyWay("/-/login"),
    form("/-/login", { of: `${space}:users`, name: "bob", password: "no password of anybody", csrf: "none" }),
  ]),
  "/-/login.css": everyWayOf("/-/login.css"),
  "/-/logout": closed(() => [...everyWay("/-/logout"), form("/-/logout", { csrf: "none" })]),
  "/-/oidc": closed((space) => everyWay(`/-/oidc?of=${space}:users&to=/`)),
  "/-/oidc/back": everyWayOf("/-/oidc/back?code=1&state=2"),
  "route to files": everyWayOf("/pages/orrery.yaml", "/pages/", "/pages/none.txt", "/pages/%2e%2e/a.txt"),
  "route to service": everyWayOf("/order", "/calls/say"),
  "route to mechtron": everyWayOf("/script/in"),
  "route to upstream": published(() => everyWay("/up/in")),
  "route to redirect": published(() => everyWay("/away")),
  "service by name": everyWayOf(
    ...["/test.sayer/say", "/test/sayer/say", "/test.sayer/nothing", "/sayer/say", "/sayer", "/guest/greet", "/guest"],
    "/orrery.registry.v1.RegistryService/Get",
  ),
  "/openapi.json": everyWayOf("/openapi.json"),
};
