import {
  type ClientNode,
  createLog,
  discardLog,
  type Log,
  type LogSink,
  OrreryError,
  type Service,
} from "@orrery/core";
import { failure, stackOf } from "@orrery/core/internal";
import { type CallAnswerer, createCallAnswerer, wrongVerb } from "./call-answerer.ts";
import { type Authenticate, anonymous } from "./call-options.ts";
import { type Cors, type CorsOptions, createCors, isPreflight } from "./cors.ts";
import { errorReply } from "./error-reply.ts";
import { createExposure, type Exposure } from "./exposure.ts";
import type { RequestFields } from "./header-fields.ts";
import { answerIndex } from "./index-page.ts";
import {
  BODY_BYTES_MAX,
  CLOSE_TIMEOUT_MS,
  HEADERS_TIMEOUT_MS,
  REQUEST_TIMEOUT_MS,
  REQUESTS_MAX,
  STALL_TIMEOUT_MS,
} from "./limits.ts";
import { isConnectClient, protocolOf } from "./protocol.ts";
import { cut, type DoorReply, htmlReply, jsonReply, sendReply, textReply } from "./reply.ts";
import { type DoorRequest, type Incoming, type NodeRequest, type NodeResponse, readRequest } from "./request.ts";
import { answerRubbish } from "./rubbish.ts";
import { type HttpListener, listenHttp } from "./server.ts";
import { traceOf, traceparentOf } from "./trace-context.ts";
import type { DoorWatch } from "./watch.ts";

/** Options of an HTTP door. */
export interface HttpDoorOptions {
  /** What calls the services: a node that runs them, or a client that finds them. The door does not stop it. */
  readonly node: ClientNode;
  /** Contracts to expose: from code, or learnt from a node by `describedServices`. */
  readonly services: readonly Service[];
  /** Tells on whose behalf a request comes. Default: everybody is `anonymous`. */
  readonly authenticate?: Authenticate;
  /** Bytes that a request's body may have, before and after unpacking. Default: 4 MiB. */
  readonly bodyBytesMax?: number;
  /** How long a connection may take to send a request's header, in ms. Default: 10 s. */
  readonly headersTimeoutMs?: number;
  /** How long a caller may take to send a request's body, in ms. Default: 30 s. */
  readonly requestTimeoutMs?: number;
  /** How long a caller may take nothing of an answer that waits for it, in ms; then its connection is cut. Default: 60 s. */
  readonly stallTimeoutMs?: number;
  /** Requests that may be under way at once; further ones are refused. Default: 10,000. */
  readonly requestsMax?: number;
  /** Pages of other sites that may call. Default: none. */
  readonly cors?: CorsOptions;
  /** Told of connections and of the calls on them, by whoever counts what is used. Default: nobody. */
  readonly watch?: DoorWatch;
  /** Paths that functions answer, such as those of webhooks: `/webhooks/stripe`. Default: none. */
  readonly pages?: Readonly<Record<string, DoorPage>>;
  /** Answers every path that belongs to no service, `/` included: for an application's own pages. Default: the door answers 404. */
  readonly fallback?: (request: NodeRequest, response: NodeResponse) => void | Promise<void>;
  /** Where log lines go. Default: nowhere. */
  readonly log?: LogSink;
}

/** What a page of a door is asked: the request, within the door's bounds. */
export interface DoorPageRequest {
  readonly method: string;
  readonly headers: RequestFields;
  /** Reads the whole body, within the door's bounds of size and time. */
  readBody(): Promise<Uint8Array<ArrayBuffer>>;
}

/** Answers a path of a door by a status and what is sent as JSON; an `OrreryError` that it throws is answered as that of a method. */
export type DoorPage = (request: DoorPageRequest) => Promise<{
  readonly status: number;
  readonly body: unknown;
  /** A page that is sent in the place of the JSON; it may have styles in it, and nothing else of its own or of others. */
  readonly html?: string;
  /** Text that is sent in the place of the JSON, as a type such as `text/plain; charset=utf-8`. */
  readonly text?: { readonly type: string; readonly content: string };
}>;

/** Where to listen. */
export interface ListenOptions {
  /** Name or address of this machine. Default: 127.0.0.1. */
  readonly host?: string;
  /** From 0 to 65,535; 0 lets the system choose. Default: 0. */
  readonly port?: number;
}

/**
 * Serves services over HTTP on one port: Connect, gRPC, gRPC-Web and plain JSON. Owns: the port, and the requests under way.
 * I1: every request is answered once, or its connection is cut. I2: a caller that leaves has its call cancelled.
 * I3: at most `requestsMax` requests are under way.
 */
export interface HttpDoor {
  /** Opens the port; gives the address, such as `http://127.0.0.1:8080`. @throws OrreryError `unavailable` when it is taken. */
  listen(options?: ListenOptions): Promise<string>;
  /** Where it listens; empty before `listen` and after `close`. */
  readonly address: string;
  /** Takes nothing new, lets requests finish for `timeoutMs` (default 10 s), then cuts every connection. */
  close(options?: { timeoutMs?: number }): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Makes a door; it does nothing before `listen`.
 * @throws OrreryError `invalid_argument` for an option or contract that is not supported, `already_exists` for a service named twice.
 * @example
 * const door = createHttpDoor({ node, services: [Weather] });
 * console.log(await door.listen({ port: 8080 }));
 */
export function createHttpDoor(options: HttpDoorOptions): HttpDoor {
  return new ServingDoor(options);
}

/** Paths of every door that belong to no service: what it exposes, and how it is. */
export const DOOR_PAGES = ["/", "/services", "/healthz"] as const;
const [ROOT, INDEX, HEALTH] = DOOR_PAGES;

class ServingDoor implements HttpDoor {
  readonly node: ClientNode;
  readonly log: Log;
  readonly bodyBytesMax: number;
  readonly #options: HttpDoorOptions;
  readonly #exposure: Exposure;
  readonly #cors: Cors;
  readonly #answerCall: CallAnswerer;
  readonly #headersTimeoutMs: number;
  readonly #requestTimeoutMs: number;
  readonly #stallTimeoutMs: number;
  readonly #requestsMax: number;
  #listener: Promise<HttpListener> | undefined;
  #address = "";
  #closed: Promise<void> | undefined;
  #open = 0;

  constructor(options: HttpDoorOptions) {
    const { node } = options;
    this.#options = options;
    this.node = node;
    this.log = createLog({ sink: options.log ?? discardLog, now: () => node.clock.now(), fields: { node: node.name } });
    this.bodyBytesMax = whole("bodyBytesMax", options.bodyBytesMax ?? BODY_BYTES_MAX);
    this.#headersTimeoutMs = whole("headersTimeoutMs", options.headersTimeoutMs ?? HEADERS_TIMEOUT_MS);
    this.#requestTimeoutMs = whole("requestTimeoutMs", options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS);
    this.#stallTimeoutMs = whole("stallTimeoutMs", options.stallTimeoutMs ?? STALL_TIMEOUT_MS);
    this.#requestsMax = whole("requestsMax", options.requestsMax ?? REQUESTS_MAX);
    this.#exposure = createExposure(options.services, node.name);
    this.#cors = createCors(options.cors);
    this.#answerCall = createCallAnswerer({
      ...{ node, log: this.log, exposure: this.#exposure, bodyBytesMax: this.bodyBytesMax },
      authenticate: options.authenticate ?? anonymous,
      isAllowedSite: (request) => this.#cors.allows(request),
      called: async ({ name }, { connection }, { message, agent }) => {
        if (connection !== undefined) await options.watch?.begin(connection, { name, message, agent });
      },
    });
  }

  get address(): string {
    return this.#address;
  }

  async listen({ host = "127.0.0.1", port = 0 }: ListenOptions = {}): Promise<string> {
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      throw new OrreryError("invalid_argument", `Cannot listen at port ${port}: write a whole number from 0 to 65535`);
    }
    if (this.#listener !== undefined || this.#closed !== undefined) {
      const why = this.#closed === undefined ? `it listens at ${this.#address || "another port"}` : "it was closed";
      throw new OrreryError("failed_precondition", `Cannot open the door again: ${why}, make another`);
    }
    this.#listener = listenHttp({
      clock: this.node.clock,
      host,
      port,
      headersTimeoutMs: this.#headersTimeoutMs,
      requestTimeoutMs: this.#requestTimeoutMs,
      onRequest: (exchange, connection) => void this.#serve({ exchange, connection }),
      onConnection: (connection) => this.#options.watch?.open(connection),
      onTrouble: (error) => this.log.error("port failed", { error: error.message }),
      answerRubbish,
    });
    try {
      this.#address = (await this.#listener).address;
    } catch (error) {
      this.#listener = undefined;
      throw error;
    }
    return this.#address;
  }

  close({ timeoutMs = CLOSE_TIMEOUT_MS } = {}): Promise<void> {
    this.#closed ??= this.#close(timeoutMs);
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(timeoutMs: number): Promise<void> {
    const listener = await this.#listener?.catch(() => undefined);
    await listener?.close(timeoutMs);
    this.#address = "";
  }

  async #serve(incoming: Incoming): Promise<void> {
    const [request, response] = incoming.exchange;
    const leaving = new AbortController();
    this.#open++;
    response.once("close", () => {
      this.#open--;
      // A stream of HTTP/2 that its caller resets counts as finished, but not as ended.
      if (!response.writableEnded || !response.writableFinished) leaving.abort(); // I2
    });
    try {
      const reading = {
        clock: this.node.clock,
        bodyBytesMax: this.bodyBytesMax,
        requestTimeoutMs: this.#requestTimeoutMs,
      };
      const read = readRequest(incoming, reading, leaving.signal);
      if (this.#isForFallback(read)) return await this.#options.fallback?.(request, response);
      const reply = await this.#answer(read).catch((thrown: unknown) => errorReply(thrown, read.headers, this.log));
      this.#dress(reply, read);
      await sendReply([request, response], reply, {
        clock: this.node.clock,
        stallTimeoutMs: this.#stallTimeoutMs,
        closing: this.#closed !== undefined,
      });
      this.#options.watch?.end(incoming.connection);
    } catch (thrown) {
      this.log.error("request failed", { error: stackOf(thrown) });
      cut(response); // I1
    }
  }

  async #answer(request: DoorRequest): Promise<DoorReply> {
    if (request.path === HEALTH) return this.#health(request);
    if (this.#closed !== undefined) throw failure("draining", "Cannot take the request: the door is closing");
    if (this.#open > this.#requestsMax) {
      const text = `Cannot take the request: ${this.#requestsMax} are under way, wait for some`; // I3
      throw failure("overloaded", text, { where: this.node.name });
    }
    const page = this.#page(request.path);
    if (page !== undefined) {
      const { status, body, html, text } = await page(request);
      if (text !== undefined) return textReply(status, text);
      if (html !== undefined) return htmlReply(status, html);
      return jsonReply(status, body, { "cache-control": "no-store" });
    }
    if (isPreflight(request)) return this.#cors.preflight(request);
    if (isIndex(request)) return answerIndex(request, this.#exposure, this.node.name);
    return this.#answerCall(request);
  }

  #health({ method }: DoorRequest): DoorReply {
    if (method !== "GET" && method !== "HEAD") throw wrongVerb(HEALTH, method, "GET");
    return this.#closed === undefined
      ? jsonReply(200, { status: "ok" }, { "cache-control": "no-store" })
      : jsonReply(503, { status: "closing" }, { "cache-control": "no-store" });
  }

  #page(path: string): DoorPage | undefined {
    const { pages = {} } = this.#options;
    return Object.hasOwn(pages, path) ? pages[path] : undefined;
  }

  #isForFallback({ path, headers }: DoorRequest): boolean {
    if (this.#page(path) !== undefined) return false;
    if (this.#options.fallback === undefined || path === HEALTH || path === INDEX) return false;
    if (protocolOf(headers) !== "http" || isConnectClient(headers)) return false; // A program that missed its service.
    return !this.#exposure.has(path);
  }

  #dress({ headers }: DoorReply, request: DoorRequest): void {
    for (const [name, value] of Object.entries(this.#cors.headers(request))) {
      if (name === "vary") headers.append(name, value);
      else headers.set(name, value);
    }
    headers.set("x-content-type-options", "nosniff");
    const trace = traceOf(request.headers);
    if (trace !== undefined) headers.set("traceparent", traceparentOf(trace));
  }
}

function isIndex({ method, path }: DoorRequest): boolean {
  if (path !== ROOT && path !== INDEX) return false;
  if (method === "GET" || method === "HEAD") return true;
  throw wrongVerb(path, method, "GET");
}

function whole(option: string, value: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= 0x7fff_ffff) return value;
  const text = `Cannot make an HTTP door: ${option} is ${value}, write a whole number from 1 to ${0x7fff_ffff}`;
  throw new OrreryError("invalid_argument", text);
}
