import type { CarrierPlan } from "@orrery/core";

/** What a plan of Unix sockets needs to know. */
export interface UnixPlanOptions {
  /** Folder of the sockets. */
  readonly folder: string;
  /** Whether a TCP address is of this host. */
  readonly isOfThisHost: (address: string) => boolean;
}

const ADDRESS = /^tcp:\/\/(\[[^\]]*\]|[^:/?]+):(\d+)(\?.*)?$/;
const EVERYWHERE: ReadonlySet<string> = new Set(["0.0.0.0", "*", "[::]"]);
/** Bytes of the path of a Unix socket. */
const PATH_BYTES_MAX = 107;

/**
 * The plan by which nodes of one host talk over Unix sockets: a node that listens at a TCP address opens a socket whose name says which,
 * and who connects to an address of this host finds it by that name.
 */
export function createUnixPlan({ folder, isOfThisHost }: UnixPlanOptions): CarrierPlan {
  const addressesOf = (names: readonly string[], query = "") =>
    names
      .map((name) => `${folder}/${name}.sock`)
      .filter((path) => Buffer.byteLength(path) <= PATH_BYTES_MAX)
      .map((path) => `ipc://${path}${query}`);
  return {
    nearer(address) {
      const [, host = "", port = "", query] = ADDRESS.exec(address) ?? [];
      // One port is listened at either everywhere or at single addresses.
      return port !== "" && isOfThisHost(address) ? addressesOf([nameOf(host, port), port], query) : [];
    },
    beside(address) {
      const [, host = "", port = ""] = ADDRESS.exec(address) ?? [];
      if (port === "" || Number(port) === 0) return [];
      return addressesOf([EVERYWHERE.has(host) ? port : nameOf(host, port)]);
    },
  };
}

function nameOf(host: string, port: string): string {
  const plain = host === "localhost" ? "127.0.0.1" : host.replace(/[^0-9A-Za-z.-]/g, "_");
  return `${plain}-${port}`;
}
