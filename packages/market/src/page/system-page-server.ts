import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Clock } from "@orrery/core";
import { listenAt } from "../system-listen.ts";
import { PAGE_LOGIN_BYTES_MAX, PAGE_STREAMS_MAX } from "./limits.ts";
import type { PageAnswer, PageEvent, PageForm, PageTurn } from "./page-answer.ts";
import { frame, loginBody, type PageFacts } from "./page-frame.ts";
import { createPageSessions, type PageSessions } from "./page-sessions.ts";
import { readForm } from "./read-form.ts";

/** Options of `openPageServer`. */
export interface PageServerOptions extends PageFacts {
  /** Begin of the name of its cookie. */
  readonly cookie: string;
  /** Served as it is, to anybody. */
  readonly style: string;
  readonly script: string;
  /** Tells when sessions end. */
  readonly clock: Pick<Clock, "monotonic">;
  /** Port of the loopback; 0 for any that is free. */
  readonly port: number;
  /** Most bytes of what is sent. */
  readonly bodyBytesMax: number;
  /** Told of who tried to log in. Default: nobody. */
  readonly onLogin?: (isIn: boolean) => Promise<void>;
  /** Answers whoever is logged in. Where it throws, no more is said than that. */
  readonly answer: (turn: PageTurn) => Promise<PageAnswer>;
}

/** A page on the loopback alone. Owns: its socket, and who is logged in. */
export interface PageServer {
  /** With the token behind `#`, which no server is told: whoever has it may do what the page does. */
  readonly loginUrl: string;
  close(): Promise<void>;
}

/** One request, and what answers it. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Name of the cookie: browsers give cookies of one port to others, where other such pages may be. */
  readonly cookie: string;
}

interface Served extends PageServerOptions {
  readonly sessions: PageSessions;
  readonly streams: Set<ServerResponse>;
}

/** Opens a page. I1: without login it gives its style, its script and a form. I2: it takes nothing from other pages, and answers to no name but the loopback's. */
export async function openPageServer(options: PageServerOptions): Promise<PageServer> {
  const token = randomBytes(24).toString("base64url");
  const sessions = createPageSessions({ token, draw: () => randomBytes(32), clock: options.clock });
  const served: Served = { ...options, sessions, streams: new Set() };
  const server = createServer((request, response) => {
    const exchange = { request, response, cookie: `${options.cookie}-${request.socket.localPort}` };
    void serve(exchange, served).catch(() => tell(exchange, 500, "Cannot answer: see the log\n"));
  });
  const { port, close } = await listenAt(server, { host: "127.0.0.1", port: options.port });
  return { loginUrl: `http://127.0.0.1:${port}/#${token}`, close };
}

async function serve(exchange: Exchange, served: Served): Promise<void> {
  const { request } = exchange;
  const { pathname: path, searchParams: query } = new URL(request.url ?? "/", "http://localhost");
  const { method = "GET" } = request;
  if (!isOfLoopback(request)) return tell(exchange, 421, "Cannot answer: this page is for 127.0.0.1 alone\n");
  if (method === "POST" && !isOfThisPage(request))
    return tell(exchange, 403, "Cannot take this: it comes from another page\n");
  if (method === "GET" && path === "/page.css")
    return send(exchange, { status: 200, type: "text/css", text: served.style });
  if (method === "GET" && path === "/page.js")
    return send(exchange, { status: 200, type: "text/javascript", text: served.script });
  if (method === "POST" && path === "/login") return login(exchange, served);
  const session = sessionOf(exchange);
  if (!served.sessions.isIn(session)) return sendLogin(exchange, { status: path === "/" ? 200 : 401, why: "" }, served);
  if (method === "POST" && path === "/logout") {
    served.sessions.logout(session ?? "");
    return give(exchange, { kind: "redirect", to: "/" }, served);
  }
  if (method !== "GET" && method !== "POST") return tell(exchange, 405, "Cannot do this: a page is got or posted to\n");
  const form = method === "POST" ? await readForm(request, served.bodyBytesMax) : noForm;
  if (form === undefined)
    return tell(exchange, 413, `Cannot take this: it has more than ${served.bodyBytesMax} bytes, or is no form\n`);
  const end = new AbortController();
  exchange.response.once("close", () => end.abort());
  give(
    exchange,
    await served.answer({ method, path, query, form, signal: end.signal, header: (name) => headerOf(request, name) }),
    served,
  );
}

const noForm: PageForm = { text: () => "", texts: () => [] };

function give(exchange: Exchange, answer: PageAnswer, served: Served): void {
  switch (answer.kind) {
    case "page":
      send(exchange, { status: answer.status ?? 200, type: "text/html", text: frame(answer, served) });
      break;
    case "part":
      send(exchange, { status: 200, type: "text/html", text: answer.body.html });
      break;
    case "text":
      tell(exchange, answer.status, answer.text);
      break;
    case "redirect":
      exchange.response.writeHead(303, { location: answer.to, "cache-control": "no-store" }).end();
      break;
    default:
      stream(exchange, answer.events, served);
  }
}

function stream(exchange: Exchange, events: AsyncIterable<PageEvent>, { streams }: Served): void {
  const { response } = exchange;
  const hasRoom = streams.size < PAGE_STREAMS_MAX;
  if (!hasRoom) tell(exchange, 503, "Cannot follow more at once: close other tabs of this page\n");
  if (!hasRoom) return;
  streams.add(response);
  response.once("close", () => streams.delete(response));
  response.writeHead(200, headersOf("text/event-stream")).flushHeaders();
  void pour(response, events)
    .catch(() => undefined)
    .finally(() => response.end());
}

async function pour(response: ServerResponse, events: AsyncIterable<PageEvent>): Promise<void> {
  for await (const { id, event, data } of events) {
    const head = `${id === undefined ? "" : `id: ${id}\n`}${event === undefined ? "" : `event: ${event}\n`}`;
    const hasRoom = response.write(`${head}data: ${JSON.stringify(data)}\n\n`);
    if (response.destroyed) return;
    if (!hasRoom) await new Promise((resolve) => response.once("drain", resolve).once("close", resolve));
  }
}

async function login(exchange: Exchange, served: Served): Promise<void> {
  const form = await readForm(exchange.request, PAGE_LOGIN_BYTES_MAX);
  const session = served.sessions.login(form?.text("token") ?? "");
  await served.onLogin?.(session !== undefined);
  if (session === undefined) return sendLogin(exchange, { status: 403, why: "This is not the token." }, served);
  exchange.response.setHeader("set-cookie", `${exchange.cookie}=${session}; HttpOnly; SameSite=Strict; Path=/`);
  give(exchange, { kind: "redirect", to: "/" }, served);
}

function sendLogin(
  exchange: Exchange,
  { status, why }: { readonly status: number; readonly why: string },
  served: Served,
): void {
  give(exchange, { kind: "page", status, title: "Log in", body: loginBody(served, why) }, served);
}

/** A name of the internet that leads to the loopback is not this page's: its scripts would be let in. */
function isOfLoopback({ headers: { host = "" } }: IncomingMessage): boolean {
  return /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host);
}

function isOfThisPage({ headers }: IncomingMessage): boolean {
  const { origin, host } = headers;
  return origin === undefined ? headers["sec-fetch-site"] === "same-origin" : origin === `http://${host}`;
}

function sessionOf({ request: { headers }, cookie }: Exchange): string | undefined {
  return (headers.cookie ?? "")
    .split(/; */)
    .find((one) => one.startsWith(`${cookie}=`))
    ?.slice(cookie.length + 1);
}

function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : undefined;
}

function tell(exchange: Exchange, status: number, text: string): void {
  send(exchange, { status, type: "text/plain", text });
}

function send(
  { response }: Exchange,
  { status, type, text }: { readonly status: number; readonly type: string; readonly text: string },
): void {
  if (response.headersSent) return void response.end();
  response.writeHead(status, headersOf(type)).end(text);
}

function headersOf(type: string) {
  return {
    "content-type": `${type}; charset=utf-8`,
    "cache-control": "no-store",
    "content-security-policy":
      "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
  };
}
