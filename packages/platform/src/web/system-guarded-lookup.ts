import { lookup as lookUp } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import type { UpstreamList } from "../bind/upstream-list.ts";

/** Addresses of this machine and its link, which nobody means by a name: what a name means may be changed by whoever owns it. */
const OWN = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["224.0.0.0", 3],
] as const) {
  OWN.addSubnet(network, bits, "ipv4");
  OWN.addSubnet(`::ffff:${network}`, 96 + bits, "ipv6");
  OWN.addSubnet(`64:ff9b::${network}`, 96 + bits, "ipv6");
}
for (const [network, bits] of [
  ["::", 127],
  ["fe80::", 10],
  ["ff00::", 8],
] as const)
  OWN.addSubnet(network, bits, "ipv6");

/** Options of a lookup. */
export interface GuardedLookupOptions {
  /** Port that is connected to. */
  readonly port: number;
  /** Upstreams that are named. */
  readonly upstreams: UpstreamList;
  /** Finds the addresses of names. Default: the machine's resolver. */
  readonly resolve?: typeof lookUp;
}

/**
 * Makes what finds the addresses of an upstream's name. Addresses of this machine and of its link are left out, unless they are named as
 * upstreams themselves; `localhost` names this machine. Where none is left it fails.
 */
export function createGuardedLookup({ port, upstreams, resolve = lookUp }: GuardedLookupOptions): LookupFunction {
  const mayBe = (address: string) => {
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    return (
      !OWN.check(address, family) || upstreams.has(`http://${family === "ipv6" ? `[${address}]` : address}:${port}`)
    );
  };
  return (name, options, callback) => {
    resolve(name, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, "", 0);
      const addresses = name === "localhost" ? found : found.filter(({ address }) => mayBe(address));
      const [first] = addresses;
      if (first === undefined) {
        const all = found.map(({ address }) => address).join(", ");
        return callback(new Error(`"${name}" is ${all}, of this machine or its link, which is no upstream`), "", 0);
      }
      if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
