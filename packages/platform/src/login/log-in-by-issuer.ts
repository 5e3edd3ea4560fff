import { isOrreryError } from "@orrery/core";
import type { WebSession, WebSessions } from "../accounts/accounts.ts";
import { type Answer, headerOf, type WebRequest } from "../web/answer.ts";
import { isSecure, readCookie, writeCookie } from "./cookies.ts";
import { OIDC_LASTS_S } from "./limits.ts";
import { saidPage } from "./login-page.ts";
import type { Oidc, OidcKept } from "./oidc.ts";

/** Sends a browser to the issuer; what must come back with it is in a cookie of this browser. */
export async function leaveForIssuer(request: WebRequest, oidc: Oidc, to: string): Promise<Answer> {
  try {
    const { url, kept } = await oidc.begin(backOf(request));
    const value = Buffer.from(JSON.stringify({ ...kept, to })).toString("base64url");
    const cookie = writeCookie(request, { cookie: "oidc", value, lastsS: OIDC_LASTS_S });
    return { status: 303, headers: [["location", url], ["cache-control", "no-store"], cookie] };
  } catch (error) {
    return refused(error);
  }
}

/** Takes a browser that came back; `begun` makes the answer that logs it in, and brings it where it wanted to go. */
export async function comeBack(
  request: WebRequest,
  {
    oidc,
    web,
    begun,
  }: { readonly oidc: Oidc; readonly web: WebSessions; readonly begun: (session: WebSession, to: string) => Answer },
): Promise<Answer> {
  const kept = readKept(readCookie(request, "oidc"));
  if (kept === undefined)
    return saidPage(401, {
      title: "Not logged in",
      text: "The login took too long, or was begun in another browser. Begin it anew.",
    });
  try {
    const user = await oidc.finish(`${backOf(request)}${request.query}`, kept);
    const client = (headerOf(request, "user-agent") ?? "a browser").slice(0, 200);
    const answer = begun(await web.openFor({ user, client }), kept.to);
    return { ...answer, headers: [...answer.headers, writeCookie(request, { cookie: "oidc", value: "", lastsS: 0 })] };
  } catch (error) {
    return refused(error);
  }
}

function backOf(request: WebRequest): string {
  return `${isSecure(request) ? "https" : "http"}://${request.host}/-/oidc/back`;
}

function readKept(text: string | undefined): (OidcKept & { readonly to: string }) | undefined {
  try {
    const kept = JSON.parse(Buffer.from(text ?? "", "base64url").toString("utf8")) as Record<string, unknown>;
    const { state, nonce, verifier, to } = kept;
    const all = [state, nonce, verifier, to];
    return all.every((one) => typeof one === "string" && one !== "") ? (kept as never) : undefined;
  } catch {
    return undefined;
  }
}

function refused(error: unknown): Answer {
  if (!isOrreryError(error)) throw error;
  if (error.code === "unavailable")
    return saidPage(502, { title: "Not logged in", text: "Who knows the users does not answer. Try again later." });
  if (error.code !== "unauthenticated") throw error;
  return saidPage(401, { title: "Not logged in", text: "Nobody here is known by that login." });
}
