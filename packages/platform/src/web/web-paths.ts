import { TARGETS } from "../bind/bind-shape.ts";

/** Pages below `/-/` that tell what may be called in a Space. */
export const CONTRACT_PAGES = ["openapi.json", "descriptors.binpb", "services"] as const;
/** Pages below `/-/` by which visitors of a Space log in and out. */
export const LOGIN_PAGES = ["login", "login.css", "logout", "oidc", "oidc/back"] as const;
/** All that a Space answers below `/-/`. */
export const OWN_PAGES = [...CONTRACT_PAGES, ...LOGIN_PAGES] as const;

/** One of them. */
export type OwnPage = (typeof OWN_PAGES)[number];
/** One by which visitors log in or out. */
export type LoginPath = (typeof LOGIN_PAGES)[number];

/** The page of a Space's own that a path is; undefined for any other path. */
export function ownPageOf(path: string): OwnPage | undefined {
  return OWN_PAGES.find((page) => path.startsWith("/-/") && path.slice("/-/".length) === page);
}

/** Whether a page is one by which visitors log in or out. */
export function isLoginPath(page: OwnPage): page is LoginPath {
  return (LOGIN_PAGES as readonly OwnPage[]).includes(page);
}

/**
 * Every kind of path that a Space's host can answer: pages of its own, what routes lead to, methods of services by their names, and the
 * document of those at the top. What is served is looked up in the lists that this is made of, so that no kind is missing here.
 */
export const WEB_PATHS = [
  ...OWN_PAGES.map((page) => `/-/${page}` as const),
  ...TARGETS.map((target) => `route to ${target}` as const),
  "service by name",
  "/openapi.json",
] as const;

/** One of them. */
export type WebPath = (typeof WEB_PATHS)[number];
