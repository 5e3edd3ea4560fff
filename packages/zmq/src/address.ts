import { ZmqError } from "./errors.ts";

/** A TCP address in its parts. `host` is as `node:net` takes it: without brackets. */
export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

/** An address of this host's file system: the path of a Unix socket. */
export interface IpcAddress {
  readonly path: string;
}

/** Where a socket can be. */
export type SocketAddress = TcpAddress | IpcAddress;

const PATTERN = /^tcp:\/\/(?:\[([0-9a-fA-F:.%]+)\]|([^/:[\]\s]+)):(\d{1,5})$/;
const PORT_MAX = 65_535;
const IPC = "ipc://";

/** Bytes of the path of a Unix socket: what Linux holds, less the zero at the end. */
export const IPC_PATH_BYTES_MAX = 107;

/**
 * Parses `tcp://HOST:PORT` or `ipc://PATH`. HOST is a name, an IPv4 address, an IPv6 address in brackets, or, to listen, `*` for all
 * of this machine; PORT is 0 to 65535, 0 only to listen. PATH is of at most 107 bytes, and names a file.
 * @throws ZmqError `invalid_argument`.
 */
export function parseAddress(address: string, purpose: "listen" | "connect"): SocketAddress {
  if (address.startsWith(IPC)) return parseIpc(address);
  const match = PATTERN.exec(address);
  const host = match?.[1] ?? match?.[2];
  if (match === null || host === undefined)
    throw invalid(address, "it is not of the form tcp://HOST:PORT or ipc://PATH");
  const port = Number(match[3]);
  if (port > PORT_MAX) throw invalid(address, `its port is over ${PORT_MAX}`);
  if (purpose === "listen") return { host: host === "*" ? "0.0.0.0" : host, port };
  if (port === 0) throw invalid(address, "port 0 can only be listened on, give the port of a listener");
  if (host === "*") throw invalid(address, "* can only be listened on, give the host of a listener");
  return { host, port };
}

/** Prints an address so that `parseAddress` reads it. */
export function printAddress(address: SocketAddress): string {
  if ("path" in address) return `${IPC}${address.path}`;
  const { host, port } = address;
  return `tcp://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function parseIpc(address: string): IpcAddress {
  const path = address.slice(IPC.length);
  if (path === "" || path.endsWith("/") || path.includes("\0"))
    throw invalid(address, "behind ipc:// stands the path of a file");
  // libzmq takes these for an abstract socket, and for a path of its own choice.
  if (path.startsWith("@") || path === "*")
    throw invalid(address, "only paths of files are supported, write ipc://PATH");
  const bytes = new TextEncoder().encode(path).length;
  if (bytes > IPC_PATH_BYTES_MAX)
    throw invalid(address, `its path has ${bytes} bytes, the limit is ${IPC_PATH_BYTES_MAX}, choose a shorter one`);
  return { path };
}

function invalid(address: string, why: string): ZmqError {
  return new ZmqError("invalid_argument", `Cannot parse address "${address}": ${why}`);
}
