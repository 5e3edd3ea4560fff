import type { IncomingMessage, Server } from "node:http";
import { createServer } from "node:https";
import type { Socket } from "node:net";
import { createSecureContext, type SecureContext } from "node:tls";
import { OrreryError } from "@orrery/core";
import { spaceOf } from "../web/host-name.ts";
import type { Certificates } from "./certificates.ts";
import type { Certificate } from "./system-certificate.ts";

/** Takes connections of TLS for a server of plain HTTP. */
export interface TlsFront {
  /** Opens a port; gives the address. @throws OrreryError `unavailable` when it is taken */
  listen(at: { readonly host: string; readonly port: number }): Promise<string>;
  /** Takes nothing new. */
  close(): Promise<void>;
  /** Cuts every connection. */
  closeAllConnections(): void;
}

/** Options of `createTlsFront`. */
export interface TlsFrontOptions {
  readonly certificates: Certificates;
  /** As of the server. */
  readonly options: object;
  /** Told of each connection that is open. */
  readonly onConnection: (socket: Socket) => void;
}

/** Whether a request came by TLS. */
export function isEncrypted({ socket }: Pick<IncomingMessage, "socket">): boolean {
  return "encrypted" in socket && socket.encrypted === true;
}

/** Contexts of certificates, as long as these are used. */
const CONTEXTS = new WeakMap<Certificate, SecureContext>();

/**
 * Makes a front for a server, with the certificate of the host that each connection names, from TLS 1.2 on. Whoever names none, or one for which
 * there is none, gets no connection. What comes in goes on to the server as if it had come there.
 */
export function createTlsFront(server: Server, { certificates, options, onConnection }: TlsFrontOptions): TlsFront {
  const front = createServer({
    ...options,
    minVersion: "TLSv1.2",
    ALPNProtocols: ["http/1.1"],
    SNICallback: (name, answer) => {
      contextOf(name, certificates).then(
        (context) =>
          context === undefined ? answer(new Error(`there is no certificate for "${name}"`)) : answer(null, context),
        (error: Error) => answer(error),
      );
    },
  });
  for (const event of ["request", "upgrade"] as const)
    front.on(event, (incoming: IncomingMessage, ...rest: readonly unknown[]) => {
      incoming.headers["x-forwarded-proto"] = "https";
      server.emit(event, incoming, ...rest);
    });
  front.on("secureConnection", onConnection);
  front.on("tlsClientError", (_error, socket) => socket.destroy());
  front.maxConnections = server.maxConnections;
  front.maxHeadersCount = server.maxHeadersCount;
  return {
    listen: async ({ host, port }) => {
      await new Promise<void>((resolve, reject) => {
        front.once("error", reject).listen({ host, port }, () => resolve(void front.off("error", reject)));
      }).catch((cause: NodeJS.ErrnoException) => {
        const why = cause.code === "EADDRINUSE" ? "port is taken, choose another" : cause.message;
        throw new OrreryError("unavailable", `Cannot listen at ${host}:${port} for TLS: ${why}`, { cause });
      });
      const bound = front.address();
      const at = typeof bound === "object" && bound !== null ? bound.port : port;
      return `https://${host.includes(":") ? `[${host}]` : host}:${at}`;
    },
    close: () =>
      new Promise((resolve) => {
        front.close(() => resolve());
        front.closeIdleConnections();
      }),
    closeAllConnections: () => front.closeAllConnections(),
  };
}

async function contextOf(name: string, certificates: Certificates): Promise<SecureContext | undefined> {
  const host = spaceOf(name);
  const certificate = host === undefined ? undefined : await certificates.of(host);
  if (certificate === undefined) return undefined;
  const known = CONTEXTS.get(certificate);
  if (known !== undefined) return known;
  const context = createSecureContext({ cert: certificate.chain, key: certificate.key, minVersion: "TLSv1.2" });
  CONTEXTS.set(certificate, context);
  return context;
}
