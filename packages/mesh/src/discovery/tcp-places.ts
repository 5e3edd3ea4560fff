import type { HostAddresses } from "./system-network.ts";

const ADDRESS = /^(tcp|udp):\/\/(\[[^\]]*\]|[^:/?]+):(\d+)(\?.*)?$/;
const EVERYWHERE: ReadonlySet<string> = new Set(["0.0.0.0", "*", "[::]"]);
const LOOPBACK = /^(127\.[\d.]+|localhost|\[::1\])$/;

/**
 * The addresses at which others reach what was opened: one that is open on every interface has that of each. Where there is none but the
 * loopback, it stays on this host.
 */
export function reachableAddresses(opened: readonly string[], { reachable }: HostAddresses): readonly string[] {
  return opened.flatMap((address) => {
    const [, scheme = "", host = "", port = "", query = ""] = ADDRESS.exec(address) ?? [];
    if (!EVERYWHERE.has(host)) return [address];
    const hosts = reachable.length === 0 ? ["127.0.0.1"] : reachable;
    return hosts.map((one) => `${scheme}://${one}:${port}${query}`);
  });
}

/** Whether an address is of the loopback, so that no other host reaches it. */
export function isOfLoopback(address: string): boolean {
  return LOOPBACK.test(hostOf(address));
}

/** Whether an address is of this host; one of a Unix socket can be of no other. */
export function isOfThisHost(address: string, { all }: HostAddresses): boolean {
  if (address.startsWith("ipc://")) return true;
  return isOfLoopback(address) || all.has(hostOf(address).replace(/^\[|\]$/g, ""));
}

function hostOf(address: string): string {
  return ADDRESS.exec(address)?.[2] ?? "";
}
