import type { IncomingMessage, ServerResponse } from "node:http";
import { isEncrypted } from "../tls/system-tls-front.ts";
import type { WebRequest } from "./answer.ts";

/** What the address of a request begins with, unless it is a whole URL. */
export const SLASH = 47;

/** Whether a request is to a host as nearly all are, so that Hono would find nothing wrong with it. */
export function isPlain({ url, headers }: IncomingMessage): boolean {
  return url?.charCodeAt(0) === SLASH && PLAIN_HOST.test(headers.host ?? "");
}

const PLAIN_HOST = /^[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?(?::[1-9]\d{0,4})?$/;

/** Whether a request names several hosts, of which one server may take this for it and another that: RFC 9112, 3.2. */
export function namesHostAgain({ rawHeaders }: IncomingMessage): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? "";
    if (name.length === HOST.length && name.toLowerCase() === HOST) hosts++;
  }
  return hosts > 1;
}

const HOST = "host";

/** Ends when the visitor leaves. */
function leavingOf(outgoing: ServerResponse | undefined): AbortController {
  const leaving = new AbortController();
  const leave = () => {
    if (!outgoing?.writableFinished) leaving.abort();
  };
  if (outgoing?.destroyed) leave();
  else outgoing?.once("close", leave);
  return leaving;
}

/** A request as it came. A class, since a getter in a literal makes V8 lay out each object anew, and keep that until all is collected. */
class IncomingRequest implements WebRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: WebRequest["headers"];
  readonly host: string;
  readonly client: string;
  readonly body: IncomingMessage;
  readonly isSecure: boolean;
  readonly bodyBytes: number | undefined;
  readonly #outgoing: ServerResponse | undefined;
  #leaving: AbortController | undefined;

  constructor(incoming: IncomingMessage, outgoing: ServerResponse | undefined) {
    const { method = "GET", url = "/", headers, socket } = incoming;
    const [, authority, rest = ""] = (url.charCodeAt(0) !== SLASH && /^https?:\/\/([^/?]*)(.*)$/i.exec(url)) || [];
    const target = authority === undefined ? url : rest.startsWith("/") ? rest : `/${rest}`;
    const at = target.indexOf("?");
    this.method = method;
    this.path = at === -1 ? target : target.slice(0, at);
    this.query = at === -1 ? "" : target.slice(at);
    this.headers = headers;
    this.host = authority ?? headers.host ?? "";
    this.client = socket.remoteAddress ?? "";
    this.body = incoming;
    this.isSecure = isEncrypted(incoming);
    this.bodyBytes = headers["transfer-encoding"] !== undefined ? undefined : Number(headers["content-length"] ?? 0);
    this.#outgoing = outgoing;
  }

  get signal(): AbortSignal {
    this.#leaving ??= leavingOf(this.#outgoing); // Most requests are answered before anybody asks.
    return this.#leaving.signal;
  }

  giveUp(): void {
    this.#leaving ??= leavingOf(this.#outgoing);
    this.#leaving.abort();
  }
}

/** Reads a request as Node has it; without an `outgoing` nobody is told that its visitor left. */
export function requestOf(incoming: IncomingMessage, outgoing?: ServerResponse): WebRequest {
  return new IncomingRequest(incoming, outgoing);
}
