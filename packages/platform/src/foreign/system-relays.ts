import { rmSync } from "node:fs";
import { connect, createServer, type LookupFunction, type Server, type Socket } from "node:net";
import type { Log } from "@orrery/core";
import type { UpstreamList } from "../bind/upstream-list.ts";
import { createGuardedLookup } from "../web/system-guarded-lookup.ts";
import { RELAY_CONNECTIONS_MAX } from "./limits.ts";
import { relayPath } from "./system-relay-path.ts";

/**
 * Sockets by which the processes of one app reach foreign programs that run elsewhere, although their cages have no network. Owns: the sockets. I1: a
 * socket leads to one address, whatever is said there, and only while a release that runs, or is about to, names it.
 */
export interface Relays {
  /** Leads to some more addresses. */
  add(urls: readonly string[]): void;
  /** Leads to these alone from now on; other connections are cut. */
  keep(urls: readonly string[]): void;
  close(): void;
}

/** Options of `createRelays`. */
export interface RelaysOptions {
  /** Folder of the app's sockets. */
  readonly folder: string;
  /** Servers that may be led to. Default: any. */
  readonly upstreams?: UpstreamList | undefined;
  /** Lets the app use a socket. */
  readonly lend: (path: string) => void;
  readonly log: Log;
}

interface Relay {
  readonly server: Server;
  readonly sockets: Set<Socket>;
}

/** Makes them; there are none at first. */
export function createRelays({ folder, upstreams, lend, log }: RelaysOptions): Relays {
  const relays = new Map<string, Relay>();
  const end = (origin: string) => {
    const relay = relays.get(origin);
    relays.delete(origin);
    relay?.server.close();
    for (const socket of relay?.sockets ?? []) socket.destroy();
  };
  return {
    add: (urls) => {
      for (const origin of originsOf(urls)) {
        if (relays.has(origin)) continue;
        if (upstreams?.has(origin) === false) {
          log.warn("a foreign program is not led to: its place is not allowed", { place: origin });
          continue;
        }
        const path = relayPath(folder, origin);
        rmSync(path, { force: true }); // Of a platform that was killed.
        const relay = openRelay(origin, upstreams, log);
        relays.set(origin, relay);
        relay.server.listen(path, () => lend(path));
      }
    },
    keep: (urls) => {
      const kept = originsOf(urls);
      for (const origin of [...relays.keys()]) if (!kept.has(origin)) end(origin);
    },
    close: () => {
      for (const origin of [...relays.keys()]) end(origin);
    },
  };
}

function originsOf(urls: readonly string[]): ReadonlySet<string> {
  return new Set(urls.map((url) => new URL(url).origin));
}

function openRelay(origin: string, upstreams: UpstreamList | undefined, log: Log): Relay {
  const { hostname, port, protocol } = new URL(origin);
  const at = port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
  const lookup: LookupFunction | undefined = upstreams && createGuardedLookup({ port: at, upstreams });
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({
      host: hostname.replace(/^\[|\]$/g, ""),
      port: at,
      allowHalfOpen: true,
      ...(lookup && { lookup }),
    });
    near.pipe(far);
    far.pipe(near);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.once("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  server.maxConnections = RELAY_CONNECTIONS_MAX;
  server.on("error", (error) => log.error("a relay failed", { place: origin, error: error.message }));
  return { server, sockets };
}
