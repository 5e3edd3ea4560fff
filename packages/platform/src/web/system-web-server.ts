import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import {
  type Clock,
  createLog,
  createSystemClock,
  discardLog,
  type Log,
  type LogSink,
  OrreryError,
} from "@orrery/core";
import type { Authenticate, JsonCaller } from "@orrery/http";
import { listPages, type Meter, type Registry } from "@orrery/registry";
import { Hono } from "hono";
import { parseUpstreams } from "../bind/upstream-list.ts";
import type { Domains } from "../domains/domain-driver.ts";
import type { WebLogins } from "../login/web-logins.ts";
import type { Quotas } from "../quotas/quotas.ts";
import type { Certificates } from "../tls/certificates.ts";
import { createTlsFront, isEncrypted, type TlsFront } from "../tls/system-tls-front.ts";
import type { Answer, WebRequest } from "./answer.ts";
import { answerPlain, type PlainAnswering } from "./answer-plain.ts";
import { answerRequest } from "./answer-request.ts";
import { findWarm } from "./answer-warm.ts";
import type { Answering } from "./answering.ts";
import { type BindView, createBindKeeper } from "./bind-keeper.ts";
import type { BlobSource } from "./blob-source.ts";
import { createByteCache } from "./byte-cache.ts";
import { type ConnectionMeter, createConnectionMeter } from "./connection-meter.ts";
import { findWay } from "./find-way.ts";
import { createHeldBodies } from "./held-bodies.ts";
import {
  CACHED_BYTES_MAX,
  CLOSE_TIMEOUT_MS,
  CONNECTIONS_MAX,
  HEADER_BYTES_MAX,
  HEADERS_MAX,
  HEADERS_TIMEOUT_MS,
  HELD_BODY_BYTES_MAX,
  KEEP_ALIVE_MS,
  REQUEST_TIMEOUT_MS,
  STALL_TIMEOUT_MS,
  UPGRADES_MAX,
} from "./limits.ts";
import { createLookout, type Lookout } from "./lookout.ts";
import { asAsked, page } from "./page.ts";
import { createRates } from "./rates.ts";
import type { SpaceApps } from "./space-apps.ts";
import { isPlain, namesHostAgain, requestOf, SLASH } from "./system-incoming-request.ts";
import { PieceTooLate, type Sending, sendAnswer } from "./system-send-answer.ts";
import { passUpgrade, writeRaw } from "./system-upgrade.ts";
import { createUpstreams } from "./system-upstream.ts";
import { createWarmWays } from "./warm-ways.ts";

/** What of a registry a web server looks into. */
export type WebRegistry = Pick<Registry, "get" | "can" | "watch" | "revision" | "list" | "change">;

/** Options of a web server. */
export interface WebServerOptions {
  /** What the spaces, their binds, files and grants are in. */
  readonly registry: WebRegistry;
  /** Where the bytes of files and binds come from. */
  readonly blobs: BlobSource;
  /** In whose name it looks into the registry, an operator. What visitors see is what `anyone` may read. Default: `operator`. */
  readonly agent?: string;
  /** What calls services. Default: routes to services answer 502. */
  readonly caller?: JsonCaller;
  /** Apps that answer where the bind of a space does not. Default: there are none. */
  readonly apps?: SpaceApps;
  /**
   * Tells who sends a request to a service with a header `authorization`. Default: nobody is known, and whoever sends one is anybody.
   * @throws OrreryError `unauthenticated` to refuse it
   */
  readonly authenticate?: Authenticate;
  /** Hosts that lead to Spaces of other names. Default: each host is a Space. */
  readonly domains?: Pick<Domains, "spaceOf">;
  /** Certificates, for `listenTls`. Default: it takes no TLS. */
  readonly tls?: { readonly certificates: Certificates } & Pick<PlainAnswering, "answerTo">;
  /** Holds Spaces to the rates of their plans. Default: nothing does. */
  readonly quotas?: Pick<Quotas, "rates" | "refusals">;
  /** Lets visitors log in, where a bind asks for that. Default: what is for users is answered 503. */
  readonly logins?: WebLogins;
  /** Counts requests, and the bytes of connections, for what they lead to. Default: nobody does. */
  readonly meter?: Meter;
  /** Servers, `HOST:PORT`, that binds may pass requests on to. Default: none, whatever a bind says is answered 502. */
  readonly upstreams?: readonly string[];
  /** How long a visitor may take nothing of an answer that waits for him, in ms; then his connection is cut. Default: 60 s. */
  readonly stallTimeoutMs?: number;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Where log lines go. Default: nowhere. */
  readonly log?: LogSink;
}

/** Where a web server listens. */
export interface WebListenOptions {
  /** Name or address of this machine. Default: 127.0.0.1. */
  readonly host?: string;
  /** From 0 to 65,535; 0 lets the system choose. Default: 0. */
  readonly port?: number;
}

/**
 * Answers for every space of a registry by the space's bind, over HTTP/1.1. Owns: the port, the requests under way, what it found.
 * I1: every request is answered once, or its connection is cut. I2: once warm, a request asks no database.
 */
export interface WebServer {
  /** Loads the binds that there are, and opens the port; gives the address. @throws OrreryError `unavailable` when it is taken */
  listen(options?: WebListenOptions): Promise<string>;
  /**
   * Opens a port for TLS; gives the address. Whoever comes to the other one is sent here then.
   * @throws OrreryError `failed_precondition` where it has no certificates, `unavailable` when the port is taken
   */
  listenTls(options?: WebListenOptions): Promise<string>;
  /** How the binds are that were loaded. */
  binds(): readonly BindView[];
  /** Takes nothing new, lets requests finish for `timeoutMs` (default 10 s), then cuts every connection. */
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Makes a web server; it answers nothing before `listen`. @throws OrreryError `invalid_argument` for an upstream that is no `HOST:PORT` */
export function createWebServer(options: WebServerOptions): WebServer {
  return new SystemWebServer(options);
}

class SystemWebServer implements WebServer {
  readonly #options: WebServerOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #answering: Answering;
  readonly #sending: Sending;
  readonly #lookout: Lookout;
  readonly #server: Server;
  readonly #meter: ConnectionMeter | undefined;
  readonly #upgraded = new Set<Duplex>();
  #front: TlsFront | undefined;
  #plain: PlainAnswering | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: WebServerOptions) {
    const { registry, blobs, agent = "operator", clock = createSystemClock() } = options;
    const mayPassTo = parseUpstreams(options.upstreams ?? []);
    this.#options = options;
    this.#clock = clock;
    this.#log = createLog({ sink: options.log ?? discardLog, now: () => clock.now(), fields: {} });
    const log = this.#log;
    const binds = createBindKeeper({ registry, agent, blobs, log, lookout: () => this.#lookout });
    this.#lookout = createLookout({ registry, agent, clock, log, onChange: (change) => binds.take(change) });
    this.#answering = {
      binds,
      lookout: this.#lookout,
      warm: { files: createWarmWays(this.#lookout), calls: createWarmWays(this.#lookout) },
      rates: createRates(() => clock.monotonic()),
      quotas: options.quotas,
      reading: { blobs, cache: createByteCache(CACHED_BYTES_MAX) },
      mayPassTo,
      upstreams: createUpstreams({ clock, log, named: mayPassTo }),
      caller: options.caller,
      apps: options.apps,
      logins: options.logins,
      authenticate: options.authenticate,
      domains: options.domains,
      bodies: createHeldBodies(HELD_BODY_BYTES_MAX),
      clock,
      log,
    };
    this.#sending = {
      clock,
      stallTimeoutMs: options.stallTimeoutMs ?? STALL_TIMEOUT_MS,
      onStall: ({ url = "" }) => log.info("a visitor took nothing of an answer", { url }),
      isClosing: () => this.#closed !== undefined,
    };
    this.#meter = options.meter === undefined ? undefined : createConnectionMeter(options.meter);
    this.#server = this.#makeServer();
  }

  binds(): readonly BindView[] {
    return this.#answering.binds.views();
  }

  async listen({ host = "127.0.0.1", port = 0 }: WebListenOptions = {}): Promise<string> {
    await this.#loadBinds();
    const server = this.#server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port }, () => {
        server
          .off("error", reject)
          .on("error", (error) => this.#log.error("the port failed", { error: error.message }));
        resolve();
      });
    }).catch((cause: NodeJS.ErrnoException) => {
      const why = cause.code === "EADDRINUSE" ? "port is taken, choose another" : cause.message;
      throw new OrreryError("unavailable", `Cannot listen at ${host}:${port}: ${why}`, { cause });
    });
    const bound = server.address();
    const at = typeof bound === "object" && bound !== null ? bound.port : port;
    return `http://${host.includes(":") ? `[${host}]` : host}:${at}`;
  }

  async listenTls({ host = "127.0.0.1", port = 0 }: WebListenOptions = {}): Promise<string> {
    const { tls } = this.#options;
    if (tls === undefined)
      throw new OrreryError("failed_precondition", "Cannot take TLS: this web server has no certificates");
    const meter = this.#meter;
    const onConnection = meter === undefined ? () => undefined : (socket: Duplex) => meter.open(socket);
    this.#front = createTlsFront(this.#server, { ...tls, options: SERVER_OPTIONS, onConnection });
    const address = await this.#front.listen({ host, port });
    this.#plain = { tlsPort: Number(new URL(address).port || 443), answerTo: tls.answerTo };
    return address;
  }

  close({ timeoutMs = CLOSE_TIMEOUT_MS }: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#closed ??= this.#close(timeoutMs);
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(timeoutMs: number): Promise<void> {
    const server = this.#server;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    const fronted = this.#front?.close();
    for (const socket of this.#upgraded) socket.destroy();
    const timer = this.#clock.timer(timeoutMs, () => {
      server.closeAllConnections();
      this.#front?.closeAllConnections();
    });
    await Promise.all([closed, fronted]);
    timer.cancel();
    await this.#answering.upstreams.close();
    await this.#lookout.close();
    await this.#answering.binds.settled();
  }

  async #loadBinds(): Promise<void> {
    const { registry, agent = "operator" } = this.#options;
    for await (const { resources } of listPages(registry, "*<Space>", { agent }))
      for (const { address, properties } of resources)
        if (properties["bind"] !== undefined) await this.#answering.binds.of(address);
  }

  #makeServer(): Server {
    const app = new Hono<{ Bindings: HttpBindings }>();
    app.all("*", async ({ env }) => {
      await this.#serve(env.incoming, env.outgoing);
      return RESPONSE_ALREADY_SENT;
    });
    const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
    const server = createServer(SERVER_OPTIONS, (incoming, outgoing) => {
      if (namesHostAgain(incoming))
        return void this.#send([incoming, outgoing], requestOf(incoming, outgoing), () => SEVERAL_HOSTS);
      const plain = this.#plain;
      if (plain !== undefined && !isEncrypted(incoming)) {
        const { headers, url = "/" } = incoming;
        const request = requestOf(incoming, outgoing);
        return void this.#send([incoming, outgoing], request, () =>
          answerPlain({ host: headers.host ?? "", url }, plain),
        );
      }
      if (this.#serveWarm(incoming, outgoing)) return;
      void (isPlain(incoming) ? this.#serve(incoming, outgoing) : listener(incoming, outgoing));
    });
    const meter = this.#meter;
    if (meter !== undefined) server.on("connection", (socket) => meter.open(socket));
    server.maxHeadersCount = HEADERS_MAX;
    server.maxConnections = CONNECTIONS_MAX;
    server.on("upgrade", (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
      void this.#upgrade(incoming, socket, head);
    });
    return server;
  }

  /** Serves a request at once where it can, if one like it was answered before. */
  #serveWarm(incoming: IncomingMessage, outgoing: ServerResponse): boolean {
    if (incoming.url?.charCodeAt(0) !== SLASH) return false;
    const request = requestOf(incoming, outgoing);
    const answer = findWarm(request, this.#answering);
    if (answer === undefined) return false;
    void this.#send([incoming, outgoing], request, answer);
    return true;
  }

  #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const request = requestOf(incoming, outgoing);
    return this.#send([incoming, outgoing], request, () => answerRequest(request, this.#answering));
  }

  async #send(
    exchange: readonly [IncomingMessage, ServerResponse],
    request: WebRequest,
    make: () => Answer | Promise<Answer>,
  ): Promise<void> {
    const [incoming, outgoing] = exchange;
    outgoing.on("error", ignore);
    const requests = this.#options.apps?.requests;
    const startMs = requests?.isOn === true ? this.#clock.monotonic() : undefined;
    try {
      const made = make();
      const whole = made instanceof Promise ? await made : made;
      const answer = whole.said === undefined ? whole : asAsked(whole, request);
      if (answer.used !== undefined) this.#meter?.begin(incoming.socket, answer.used);
      const sent = sendAnswer(exchange, answer, this.#sending);
      if (sent !== undefined) await sent;
      this.#meter?.end(incoming.socket);
      if (startMs === undefined || answer.used === undefined) return;
      const durationMs = this.#clock.monotonic() - startMs;
      requests?.tell(answer.used.address, { request, status: answer.status, durationMs });
    } catch (error) {
      if (outgoing.headersSent || outgoing.destroyed) return void outgoing.destroy(); // I1
      if (!request.signal.aborted)
        this.#log.error("a request failed", { url: incoming.url ?? "", error: String(error) });
      const failed = error instanceof PieceTooLate ? page(504, "The answer took too long.") : page(500, "It failed.");
      try {
        await sendAnswer(exchange, asAsked(failed, request), this.#sending);
      } catch {
        outgoing.destroy();
      }
    }
  }

  async #upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on("error", () => socket.destroy());
    this.#upgraded.add(socket);
    socket.once("close", () => this.#upgraded.delete(socket));
    try {
      if (this.#upgraded.size > UPGRADES_MAX) return writeRaw(socket, page(503, "Too many WebSockets are open."));
      const request = requestOf(incoming);
      if (namesHostAgain(incoming)) return writeRaw(socket, asAsked(SEVERAL_HOSTS, request));
      const way = await findWay(request, this.#answering);
      if ("answer" in way) return writeRaw(socket, asAsked(way.answer, request));
      const { route, caught } = way;
      this.#meter?.begin(incoming.socket, { address: way.space, messages: 1 });
      if (route.target.kind !== "upstream") {
        const answer = (await way.nothing?.()) ?? page(400, "There is no WebSocket at this address.");
        return writeRaw(socket, asAsked(answer, request));
      }
      const { clock, log, mayPassTo: named } = this.#answering;
      await passUpgrade({ request, socket, head }, { route, target: route.target, caught }, { clock, log, named });
    } catch (error) {
      this.#log.error("a WebSocket failed", { url: incoming.url ?? "", error: String(error) });
      socket.destroy();
    }
  }
}

const SEVERAL_HOSTS: Answer = {
  ...page(400, "The request names several hosts."),
  endsUpload: true,
};

/** What holds for all connections, with TLS or without. */
const SERVER_OPTIONS = {
  maxHeaderSize: HEADER_BYTES_MAX,
  headersTimeout: HEADERS_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  keepAliveTimeout: KEEP_ALIVE_MS,
  shouldUpgradeCallback: ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === "websocket",
};

function ignore(): void {}
