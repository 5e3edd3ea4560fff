import { headerOf, type WebRequest } from "../web/answer.ts";

/** Names that cookies of logins have: on TLS such that no other host can set them. */
const SESSION = "orrery-session";
const FORM = "orrery-form";
const OIDC = "orrery-oidc";

/** Which cookie is meant. */
export type LoginCookie = "session" | "form" | "oidc";

function nameOf(cookie: LoginCookie, isSecure: boolean): string {
  return `${isSecure ? "__Host-" : ""}${{ session: SESSION, form: FORM, oidc: OIDC }[cookie]}`;
}

/** Whether the visitor came by TLS, here or at what stands before this server. */
export function isSecure(request: Pick<WebRequest, "headers">): boolean {
  return headerOf(request, "x-forwarded-proto")?.split(",")[0]?.trim().toLowerCase() === "https";
}

/** What a cookie of logins says; undefined where there is none. */
export function readCookie(request: Pick<WebRequest, "headers">, cookie: LoginCookie): string | undefined {
  const said = headerOf(request, "cookie");
  if (said === undefined) return undefined;
  const start = `${nameOf(cookie, isSecure(request))}=`;
  const found = said.split(/; */).find((one) => one.startsWith(start));
  return found?.slice(start.length);
}

/** Writes a cookie that scripts do not see; one that lasts 0 s goes. */
export function writeCookie(
  request: Pick<WebRequest, "headers">,
  { cookie, value, lastsS }: { readonly cookie: LoginCookie; readonly value: string; readonly lastsS: number },
): readonly ["set-cookie", string] {
  const safe = isSecure(request);
  const site = cookie === "form" ? "Strict" : "Lax"; // Whoever follows a link from elsewhere is still logged in.
  const parts = [`${nameOf(cookie, safe)}=${value}`, "Path=/", `Max-Age=${lastsS}`, "HttpOnly", `SameSite=${site}`];
  return ["set-cookie", [...parts, ...(safe ? ["Secure"] : [])].join("; ")];
}

/** A header field `cookie` without those of logins, which are for this server alone; undefined where nothing is left. */
export function withoutLogin(said: string): string | undefined {
  const others = said.split(/; */).filter((one) => !/^(__Host-)?orrery-(session|form|oidc)=/.test(one));
  return others.length === 0 ? undefined : others.join("; ");
}
