import { type Clock, isOrreryError, type Random } from "@orrery/core";
import type { WebSession, WebSessions } from "../accounts/accounts.ts";
import { createSources } from "../accounts/door-agent.ts";
import { isProven, proofOf } from "../accounts/system-proof.ts";
import { drawSecret } from "../accounts/token-text.ts";
import { type Answer, headerOf, type WebRequest } from "../web/answer.ts";
import type { LoginPath } from "../web/web-paths.ts";
import { readCookie, writeCookie } from "./cookies.ts";
import { FORM_LASTS_S } from "./limits.ts";
import { comeBack, leaveForIssuer } from "./log-in-by-issuer.ts";
import { loginPage, loginStyle, logoutPage, saidPage } from "./login-page.ts";
import type { Oidc } from "./oidc.ts";
import { readForm } from "./read-form.ts";

/**
 * Lets visitors of spaces log in. Owns: nothing; sessions are resources of their users. I1: what a browser shows is in a cookie that no script and no
 * other server sees. I2: a form of another site, or of another visitor, does nothing. I3: a wrong user is told as a wrong password, after as long.
 */
export interface WebLogins {
  /** The user of a request, of one list of users; else what to answer. */
  admit(request: WebRequest, of: string): Promise<{ readonly user: string } | { readonly answer: Answer }>;
  /** Answers a page of logins, for a space; undefined where it does not take the method of the request. */
  answer(request: WebRequest, page: LoginPath, space: string): Promise<Answer | undefined>;
}

/** What logins of browsers are made of. */
export interface WebLoginsOptions {
  readonly web: WebSessions;
  readonly clock: Pick<Clock, "now" | "monotonic">;
  /** Must be fit for secrets. */
  readonly random: Random;
  /** An issuer by which users of one list may log in. Default: by passwords alone. */
  readonly oidc?: Oidc;
}

/** Makes them. */
export function createWebLogins({ web, clock, random, oidc }: WebLoginsOptions): WebLogins {
  const take = createSources(clock);
  const userOf = async (request: WebRequest) => {
    const text = readCookie(request, "session");
    return text === undefined ? undefined : await web.user(text);
  };
  return {
    admit: async (request, of) => {
      const user = await userOf(request);
      if (user === undefined || !user.startsWith(`${of}:`)) return { answer: unknown(request, of) };
      const isRead = SAFE.has(request.method) && headerOf(request, "upgrade") === undefined;
      if (isRead || isOwnSite(request)) return { user };
      const text = "This was sent from another page. Send it from a page of this address.";
      return { answer: { ...saidPage(403, { title: "Not from here", text }), endsUpload: true } };
    },
    answer: async (request, page, space) => {
      const isRead = request.method === "GET" || request.method === "HEAD";
      const place = { space, random, oidc };
      switch (page) {
        case "login.css":
          return isRead ? loginStyle() : undefined;
        case "login":
          if (isRead) return showLogin(request, place);
          return request.method === "POST" ? await logIn(request, { ...place, web, take, clock }) : undefined;
        case "logout":
          if (isRead) return showLogout(request, { space, user: await userOf(request) });
          return request.method === "POST" ? await logOut(request, web) : undefined;
        case "oidc":
          return request.method === "GET" ? await goToIssuer(request, space, oidc) : undefined;
        case "oidc/back":
          if (request.method !== "GET" || oidc?.users.startsWith(`${space}:`) !== true) return undefined;
          return await comeBack(request, {
            oidc,
            web,
            begun: (session, to) => begun(request, { session, to: pathOf(to), clock }),
          });
      }
    },
  };
}

/** Methods that change nothing. */
const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Whoever reads a page goes to the form; a program is told. */
function unknown(request: WebRequest, of: string): Answer {
  const isPage = SAFE.has(request.method) && /\btext\/html\b/.test(headerOf(request, "accept") ?? "");
  if (!isPage) {
    const body = new TextEncoder().encode('{"code":"unauthenticated","message":"Cannot answer: log in first"}');
    return {
      status: 401,
      headers: [
        ["content-type", "application/json"],
        ["cache-control", "no-store"],
      ],
      body,
      endsUpload: true,
    };
  }
  const to = `${request.path}${request.query}`;
  const location = `/-/login?${new URLSearchParams({ of, to }).toString()}`;
  return {
    status: 303,
    headers: [
      ["location", location],
      ["cache-control", "no-store"],
    ],
  };
}

/** Whether a page of this very host sent the request: every browser says so where something is changed. */
function isOwnSite(request: WebRequest): boolean {
  const site = headerOf(request, "sec-fetch-site");
  if (site !== undefined && site !== "same-origin") return false;
  const origin = headerOf(request, "origin") ?? "";
  return URL.canParse(origin) && new URL(origin).host === request.host.toLowerCase();
}

interface Place {
  readonly space: string;
  readonly random: Random;
  readonly oidc: Oidc | undefined;
}

async function goToIssuer(request: WebRequest, space: string, oidc: Oidc | undefined): Promise<Answer> {
  const query = new URLSearchParams(request.query);
  const of = listOf(query.get("of") ?? "", space);
  return oidc === undefined || of !== oidc.users
    ? nowhere()
    : await leaveForIssuer(request, oidc, pathOf(query.get("to")));
}

function showLogin(request: WebRequest, { space, random, oidc }: Place): Answer {
  const query = new URLSearchParams(request.query);
  const of = listOf(query.get("of") ?? "", space);
  if (of === undefined) return nowhere();
  return form(200, { request, space, random, oidc, of, to: pathOf(query.get("to")) });
}

interface Form extends Place {
  readonly request: WebRequest;
  readonly of: string;
  readonly to: string;
  readonly name?: string;
  readonly trouble?: string;
}

/** The form, and the cookie that shows that it was this browser which got it. */
function form(status: number, { request, random, oidc, ...page }: Form, headers: Answer["headers"] = []): Answer {
  const csrf = readCookie(request, "form") ?? drawSecret(random);
  const cookie = writeCookie(request, { cookie: "form", value: csrf, lastsS: FORM_LASTS_S });
  const issuer = oidc?.users === page.of ? oidc.name : undefined;
  return loginPage(status, { ...page, issuer, csrf: proofOf(csrf) }, [cookie, ...headers]);
}

interface LoggingIn extends Place {
  readonly web: WebSessions;
  readonly take: (source: string) => void;
  readonly clock: Pick<Clock, "now">;
}

async function logIn(request: WebRequest, { space, web, take, random, clock, oidc }: LoggingIn): Promise<Answer> {
  const fields = await readForm(request);
  const of = listOf(fields.get("of") ?? "", space);
  const [name, to] = [(fields.get("name") ?? "").trim(), pathOf(fields.get("to"))];
  if (of === undefined) return nowhere();
  const page = { request, space, random, oidc, of, to, name };
  const nonce = readCookie(request, "form");
  const isOwn = nonce !== undefined && isProven(nonce, fields.get("csrf")) && !isFromElsewhere(request);
  if (!isOwn)
    return form(403, { ...page, trouble: "The form was open for too long, or is of another page. Try again." });
  if (!/^[a-z0-9][a-z0-9._-]{0,62}$/.test(name)) return form(401, { ...page, trouble: WRONG });
  try {
    take(request.client);
    const client = (headerOf(request, "user-agent") ?? "a browser").slice(0, 200);
    const session = await web.open({ user: `${of}:${name}`, password: fields.get("password") ?? "", client });
    return begun(request, { session, to, clock });
  } catch (error) {
    return refused(error, page);
  }
}

/** Gives the browser its session, and brings it where it wanted to go. */
function begun(
  request: WebRequest,
  { session, to, clock }: { readonly session: WebSession; readonly to: string; readonly clock: Pick<Clock, "now"> },
): Answer {
  const lastsS = Math.floor((session.lastMs - clock.now()) / 1_000);
  const cookies = [
    writeCookie(request, { cookie: "session", value: session.text, lastsS }),
    writeCookie(request, { cookie: "form", value: "", lastsS: 0 }),
  ];
  return { status: 303, headers: [["location", to], ["cache-control", "no-store"], ...cookies] };
}

function refused(error: unknown, page: Form): Answer {
  if (!isOrreryError(error)) throw error;
  if (error.code === "unauthenticated" || error.code === "invalid_argument")
    return form(401, { ...page, trouble: WRONG });
  if (error.code === "failed_precondition")
    return form(401, {
      ...page,
      trouble: "That secret is for one login by command: orrery login. It sets a password.",
    });
  if (error.code !== "resource_exhausted") throw error;
  const waitS = Math.max(1, Math.ceil(Number(error.details["retryAfterMs"] ?? 1_000) / 1_000));
  const trouble = `Too many tries. Wait ${waitS} s, then try again.`;
  return form(429, { ...page, trouble }, [["retry-after", String(waitS)]]);
}

const WRONG = "The name or the password is another.";

function showLogout(request: WebRequest, { space, user }: { space: string; user: string | undefined }): Answer {
  const text = readCookie(request, "session");
  if (user !== undefined && text !== undefined) return logoutPage({ space, user, csrf: csrfOf(text) });
  return saidPage(200, { title: "Logged out", text: `Nobody is logged in to ${space} in this browser.` });
}

async function logOut(request: WebRequest, web: WebSessions): Promise<Answer> {
  const fields = await readForm(request);
  const text = readCookie(request, "session") ?? "";
  if (!isProven(`form ${text}`, fields.get("csrf")) || isFromElsewhere(request))
    return saidPage(403, { title: "Not from here", text: "Open /-/logout, and log out there." });
  await web.close(text);
  const cookie = writeCookie(request, { cookie: "session", value: "", lastsS: 0 });
  return saidPage(200, { title: "Logged out", text: "The session has ended." }, [cookie]);
}

/** What shows that a form was made for a session: nobody learns the session from it. */
function csrfOf(text: string): string {
  return proofOf(`form ${text}`);
}

function isFromElsewhere(request: WebRequest): boolean {
  const site = headerOf(request, "sec-fetch-site");
  return site !== undefined && site !== "same-origin" && site !== "none";
}

/** A list of users of this space: at no other place are their passwords asked for. */
function listOf(text: string, space: string): string | undefined {
  return text.length <= 500 && text.startsWith(`${space}:`) && /^[a-z0-9.:-]+$/.test(text) ? text : undefined;
}

/** Where to go then: a path of this host, whatever somebody put into a link. */
function pathOf(text: string | null): string {
  return text !== null && /^\/(?![/\\])[\x21-\x7e]{0,4000}$/.test(text) ? text : "/";
}

function nowhere(): Answer {
  return saidPage(404, { title: "No login", text: "Open the page that you want to see: it leads to the login." });
}
