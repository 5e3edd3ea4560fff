import { OrreryError } from "@orrery/core";

/** Servers that binds may pass requests on to; all others are closed to them. */
export interface UpstreamList {
  /** Whether an origin, such as `http://127.0.0.1:9000`, is named. */
  has(origin: string): boolean;
}

/** Reads entries of the form `HOST:PORT`. @throws OrreryError `invalid_argument` */
export function parseUpstreams(entries: readonly string[]): UpstreamList {
  const named = new Set(entries.map(readEntry));
  return { has: (origin) => named.has(placeOf(new URL(origin))) };
}

/** Host and port of an origin, as an entry names it. */
export function placeOf({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port === "" ? (protocol === "https:" ? 443 : 80) : Number(port)}`;
}

// Read as an address of HTTP, so that the same host has one spelling here and in binds: 127.1 is 127.0.0.1, and EXAMPLE.test is example.test.
function readEntry(entry: string): string {
  const [, host = "", port = ""] = /^(\[[0-9a-f:.]+\]|[\p{L}\p{N}._-]+):(\d{1,5})$/iu.exec(entry) ?? [];
  if (host === "" || Number(port) < 1 || !URL.canParse(`http://${host}:${port}/`))
    throw new OrreryError(
      "invalid_argument",
      `Cannot allow the upstream "${entry}": write host and port such as 127.0.0.1:9000, api.example.com:443 or [::1]:9000`,
    );
  return placeOf(new URL(`http://${host}:${port}/`));
}
