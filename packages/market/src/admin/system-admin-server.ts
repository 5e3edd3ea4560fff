import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Clock } from "@orrery/core";
import { boundedText } from "../bounded-text.ts";
import { listenAt } from "../system-listen.ts";
import { adminPage, adminSections, loginPage } from "./admin-page.ts";
import { type AdminSessions, createAdminSessions } from "./admin-sessions.ts";
import type { AdminAudit } from "./audit.ts";
import { ADMIN_BODY_BYTES_MAX } from "./limits.ts";
import type { ProviderDesk } from "./overview.ts";
import { ownOfPod } from "./own-of-pod.ts";

/** Options of `openAdminServer`. */
export interface AdminServerOptions {
  /** What is looked at and done. */
  readonly desk: ProviderDesk;
  /** Keeps what was done. */
  readonly audit: AdminAudit;
  /** Tells when acts were. */
  readonly clock: Pick<Clock, "now" | "monotonic">;
  /** Port of the loopback; 0 for any that is free. */
  readonly port: number;
}

/** The admin page of a provider, on the loopback alone. Owns: its socket, and who is logged in. */
export interface AdminServer {
  /** With the token behind `#`, which no server is told: whoever has it is the operator. */
  readonly loginUrl: string;
  close(): Promise<void>;
}

const COOKIE = "orrery-admin";

/** One request, and what answers it. */
interface Turn {
  readonly request: IncomingMessage;
  readonly answer: ServerResponse;
  readonly session: string | undefined;
  readonly nonce: string;
}

/** Opens the admin page. */
export async function openAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const token = randomBytes(24).toString("base64url");
  const sessions = createAdminSessions({ token, draw: () => randomBytes(32), clock: options.clock });
  const server = createServer((request, answer) => {
    const turn = { request, answer, session: sessionOf(request), nonce: randomBytes(16).toString("base64url") };
    void serve(turn, { ...options, sessions }).catch(() =>
      send(turn, 500, "text/plain", "Cannot answer: see the log\n"),
    );
  });
  const { port, close } = await listenAt(server, { host: "127.0.0.1", port: options.port });
  return { loginUrl: `http://127.0.0.1:${port}/#${token}`, close };
}

async function serve(turn: Turn, options: AdminServerOptions & { readonly sessions: AdminSessions }): Promise<void> {
  const { request, session } = turn;
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  if (!isOfLoopback(request)) return send(turn, 421, "text/plain", "Cannot answer: this page is for 127.0.0.1 alone\n");
  if (request.method === "POST" && !isOfThisPage(request))
    return send(turn, 403, "text/plain", "Cannot take this: it comes from another page\n");
  if (request.method === "POST" && pathname === "/login") return login(turn, options);
  if (!options.sessions.isIn(session))
    return send(turn, pathname === "/" ? 200 : 401, "text/html", loginPage(turn.nonce));
  const own = ownOfPod(pathname);
  if (own !== undefined) {
    await note(options, `read ${own.what} of ${own.lease}`, "refused");
    return send(turn, 403, "text/plain", `Cannot read ${own.what} of a pod: they are its publisher's alone\n`);
  }
  if (request.method === "POST" && pathname === "/act") return act(turn, options);
  if (request.method !== "GET" || !["/", "/live"].includes(pathname))
    return send(turn, 404, "text/plain", "Cannot find this page\n");
  const said = pathname === "/" ? (new URL(request.url ?? "/", "http://localhost").searchParams.get("said") ?? "") : "";
  const view = {
    overview: await options.desk.overview(),
    acts: options.audit.newest(),
    nowMs: options.clock.now(),
    said: SAID[said] ?? "",
  };
  send(turn, 200, "text/html", pathname === "/" ? adminPage(view, turn.nonce) : adminSections(view));
}

/** What came of acts. */
const SAID: Readonly<Record<string, string>> = {
  pause: "Paused: no new pods are taken, what runs goes on.",
  resume: "Open again: new pods are taken.",
  drain: "Draining: notice is given, and pods run until their service ends.",
  failed: "That did not work: look at the alerts and the log.",
};

async function login(turn: Turn, { sessions, ...options }: AdminServerOptions & { readonly sessions: AdminSessions }) {
  const session = sessions.login((await formOf(turn.request)).get("token") ?? "");
  await note(options, "log in", session === undefined ? "refused" : "done");
  if (session === undefined) return send(turn, 403, "text/html", loginPage(turn.nonce, "This is not the token."));
  turn.answer.setHeader("set-cookie", `${COOKIE}=${session}; HttpOnly; SameSite=Strict; Path=/`);
  seeOther(turn, "/");
}

async function act(turn: Turn, { sessions, ...options }: AdminServerOptions & { readonly sessions: AdminSessions }) {
  const wanted = (await formOf(turn.request)).get("act") ?? "";
  if (wanted === "logout") {
    sessions.logout(turn.session ?? "");
    return seeOther(turn, "/");
  }
  const { desk } = options;
  const acts: Readonly<Record<string, () => unknown>> = { pause: desk.pause, resume: desk.resume, drain: desk.drain };
  const chosen = Object.hasOwn(acts, wanted) ? acts[wanted] : undefined;
  if (chosen === undefined) return send(turn, 400, "text/plain", "Cannot do this: there is no such act\n");
  try {
    await chosen();
    await note(options, wanted, "done");
    seeOther(turn, `/?said=${wanted}`);
  } catch {
    await note(options, wanted, "failed");
    seeOther(turn, "/?said=failed");
  }
}

async function note(
  { audit, clock }: Pick<AdminServerOptions, "audit" | "clock">,
  what: string,
  outcome: "done" | "refused" | "failed",
) {
  await audit.append({ atMs: clock.now(), who: "operator", what, outcome });
}

/** A name of the internet that leads to the loopback is not this page's: its scripts would be let in. */
function isOfLoopback({ headers: { host = "" } }: IncomingMessage): boolean {
  return /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host);
}

function isOfThisPage({ headers }: IncomingMessage): boolean {
  const { origin, host } = headers;
  return origin === undefined ? headers["sec-fetch-site"] === "same-origin" : origin === `http://${host}`;
}

function sessionOf({ headers: { cookie = "" } }: IncomingMessage): string | undefined {
  return cookie
    .split(/; */)
    .find((one) => one.startsWith(`${COOKIE}=`))
    ?.slice(COOKIE.length + 1);
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  return new URLSearchParams(await boundedText(request, ADMIN_BODY_BYTES_MAX));
}

function seeOther({ answer }: Turn, location: string): void {
  answer.writeHead(303, { location, "cache-control": "no-store" }).end();
}

function send({ answer, nonce }: Turn, status: number, type: string, text: string): void {
  const from = `'nonce-${nonce}'`;
  answer
    .writeHead(status, {
      "content-type": `${type}; charset=utf-8`,
      "cache-control": "no-store",
      "content-security-policy": `default-src 'none'; style-src ${from}; script-src ${from}; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
      "referrer-policy": "same-origin",
      "x-content-type-options": "nosniff",
    })
    .end(text);
}
