import { ZmqError } from "./errors.ts";

/** A TCP address in its parts. `host` is as `node:net` takes it: without brackets. */
export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

const PATTERN = /^tcp:\/\/(?:\[([0-9a-fA-F:.%]+)\]|([^/:[\]\s]+)):(\d{1,5})$/;
const PORT_MAX = 65_535;

/**
 * Parses `tcp://HOST:PORT`. HOST is a name, an IPv4 address, an IPv6 address in brackets, or, to listen, `*` for all
 * of this machine; PORT is 0 to 65535, 0 only to listen.
 * @throws ZmqError `invalid_argument`.
 */
export function parseAddress(address: string, purpose: "listen" | "connect"): TcpAddress {
  const match = PATTERN.exec(address);
  const host = match?.[1] ?? match?.[2];
  if (match === null || host === undefined) throw invalid(address, "it is not of the form tcp://HOST:PORT");
  const port = Number(match[3]);
  if (port > PORT_MAX) throw invalid(address, `its port is over ${PORT_MAX}`);
  if (purpose === "listen") return { host: host === "*" ? "0.0.0.0" : host, port };
  if (port === 0) throw invalid(address, "port 0 can only be listened on, give the port of a listener");
  if (host === "*") throw invalid(address, "* can only be listened on, give the host of a listener");
  return { host, port };
}

/** Prints an address so that `parseAddress` reads it. */
export function printAddress({ host, port }: TcpAddress): string {
  return `tcp://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function invalid(address: string, why: string): ZmqError {
  return new ZmqError("invalid_argument", `Cannot parse address "${address}": ${why}`);
}
