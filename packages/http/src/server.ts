import { createServer, type Server } from "node:http";
import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import { type Clock, OrreryError } from "@orrery/core";
import {
  CONNECTIONS_MAX,
  HEADER_BYTES_MAX,
  HEADERS_MAX,
  HTTP2_IDLE_MS,
  HTTP2_STREAMS_MAX,
  KEEP_ALIVE_MS,
} from "./limits.ts";
import type { NodeRequest, NodeResponse } from "./request.ts";
import { isHttp2 } from "./sniff.ts";

/** What a listener is told at its making. */
export interface HttpListenerOptions {
  readonly clock: Clock;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** Takes every request; it must answer each. */
  readonly onRequest: (exchange: readonly [NodeRequest, NodeResponse], connection: Socket) => void;
  /** Told of every connection, before anything else is. */
  readonly onConnection?: (connection: Socket) => void;
  /** Hears of trouble with the port after it was opened, such as too many open files. */
  readonly onTrouble: (error: Error) => void;
  /** Writes the answer to bytes that are no request. */
  readonly answerRubbish: (code: string) => string;
}

/**
 * The one place that opens a port. Owns: the port, and every connection that came by it.
 * I1: HTTP/1.1 and HTTP/2 by prior knowledge share the port, told apart by the first bytes. I2: no connection outlives `close` by more
 * than the time it is given. I3: a connection that says nothing is closed after `headersTimeoutMs`.
 */
export interface HttpListener {
  /** With the port that the system chose filled in. */
  readonly address: string;
  /** Takes no new connection, lets requests finish for `timeoutMs`, then cuts every connection. */
  close(timeoutMs: number): Promise<void>;
}

/** Opens a port. @throws OrreryError `unavailable`, `permission_denied` or `invalid_argument`, with what would work. */
export async function listenHttp(options: HttpListenerOptions): Promise<HttpListener> {
  const listener = new SharedPort(options);
  await listener.open();
  return listener;
}

class SharedPort implements HttpListener {
  address = "";
  readonly #options: HttpListenerOptions;
  readonly #http1: Server;
  readonly #http2: Http2Server;
  readonly #sockets = new Set<Socket>();
  /** Those of HTTP/2, each with its connection. */
  readonly #sessions = new Map<ServerHttp2Session, Socket>();
  #closing = false;

  constructor(options: HttpListenerOptions) {
    this.#options = options;
    this.#http1 = makeHttp1(options);
    this.#http2 = makeHttp2();
    const onRequest = (request: NodeRequest, response: NodeResponse) => this.#take(request, response);
    for (const event of ["request", "checkContinue"]) {
      this.#http1.on(event, onRequest);
      this.#http2.on(event, onRequest);
    }
    const [takeHttp1] = this.#http1.listeners("connection");
    this.#http1.removeAllListeners("connection");
    this.#http1.on("connection", (socket: Socket) =>
      this.#greet(socket, (ready) => takeHttp1?.call(this.#http1, ready)),
    );
  }

  open(): Promise<void> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      const onError = (error: NodeJS.ErrnoException) => reject(whyNotOpen(error, urlOf(host, port)));
      this.#http1.once("error", onError);
      this.#http1.listen({ host, port }, () => {
        this.#http1.off("error", onError).on("error", this.#options.onTrouble);
        const bound = this.#http1.address();
        this.address = urlOf(host, typeof bound === "object" && bound !== null ? bound.port : port);
        resolve();
      });
    });
  }

  async close(timeoutMs: number): Promise<void> {
    this.#closing = true;
    const closed = new Promise<void>((resolve) => this.#http1.close(() => resolve()));
    for (const session of this.#sessions.keys()) session.close();
    const timer = this.#options.clock.timer(timeoutMs, () => {
      for (const socket of this.#sockets) socket.destroy(); // I2
    });
    this.#http1.closeIdleConnections();
    await closed;
    timer.cancel();
  }

  #take(request: NodeRequest, response: NodeResponse): void {
    request.on("error", ignore);
    response.on("error", ignore);
    response.once("close", () => {
      if (this.#closing) this.#http1.closeIdleConnections();
    });
    const session = "stream" in request ? (request.stream.session as ServerHttp2Session) : undefined;
    const connection = (session && this.#sessions.get(session)) ?? request.socket;
    this.#options.onRequest([request, response], connection);
  }

  #greet(socket: Socket, takeHttp1: (socket: Socket) => void): void {
    this.#sockets.add(socket);
    this.#options.onConnection?.(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    socket.on("error", ignore);
    const late = this.#options.clock.timer(this.#options.headersTimeoutMs, () => socket.destroy()); // I3
    const stop = () => late.cancel();
    socket.once("close", stop);
    isHttp2(socket, (yes) => {
      socket.off("close", stop);
      stop();
      if (!yes) {
        takeHttp1(socket);
        socket.resume();
        return;
      }
      socket.allowHalfOpen = false; // A session that its caller has left ends at once, also with bytes still to send.
      this.#http2.once("session", (session) => this.#keep(session, socket)); // Made at once.
      this.#http2.emit("connection", socket); // I1. It reads by itself: a resumed connection would lose the preface.
    });
  }

  #keep(session: ServerHttp2Session, socket: Socket): void {
    this.#sessions.set(session, socket);
    let open = 0;
    session.on("error", ignore);
    session.on("stream", (stream) => {
      open++;
      stream.on("error", ignore);
      stream.once("close", () => open--);
    });
    session.setTimeout(HTTP2_IDLE_MS, () => {
      if (open === 0) session.close();
    });
    session.once("close", () => this.#sessions.delete(session));
    if (this.#closing) session.close();
  }
}

function makeHttp1(options: HttpListenerOptions): Server {
  const { headersTimeoutMs, requestTimeoutMs } = options;
  const server = createServer({
    headersTimeout: headersTimeoutMs,
    // The door itself times the body; this is the second lock, for a request that it never reads.
    requestTimeout: headersTimeoutMs + requestTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: Math.ceil(Math.min(headersTimeoutMs, 10_000) / 2),
    maxHeaderSize: HEADER_BYTES_MAX,
  });
  server.maxHeadersCount = HEADERS_MAX;
  server.maxConnections = CONNECTIONS_MAX;
  const answering = new WeakSet<object>();
  server.on("request", (_request, response) => {
    const { socket } = response;
    if (socket === null) return;
    answering.add(socket);
    response.once("close", () => answering.delete(socket));
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || answering.has(socket)) socket.destroy();
    else socket.end(options.answerRubbish(error.code ?? ""), () => socket.destroy());
  });
  return server;
}

function makeHttp2(): Http2Server {
  const server = createHttp2Server({
    maxHeaderListPairs: HEADERS_MAX,
    settings: { maxConcurrentStreams: HTTP2_STREAMS_MAX, maxHeaderListSize: HEADER_BYTES_MAX },
  });
  server.on("sessionError", ignore);
  return server;
}

function whyNotOpen(error: NodeJS.ErrnoException, url: string): OrreryError {
  const fail = (code: "unavailable" | "permission_denied" | "invalid_argument", why: string) =>
    new OrreryError(code, `Cannot listen at ${url}: ${why}`, { cause: error });
  switch (error.code) {
    case "EADDRINUSE":
      return fail("unavailable", "port is taken, choose another with --port");
    case "EACCES":
      return fail("permission_denied", "this user may not open the port, choose one from 1024 on with --port");
    case "EADDRNOTAVAIL":
      return fail("invalid_argument", "this machine has no such address, choose another with --host");
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return fail("invalid_argument", "the host name is not known, choose another with --host");
    default:
      return fail("unavailable", error.message);
  }
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function ignore(): void {}
