import { execFileSync } from "node:child_process";
import { getuid } from "node:process";

/** Two hosts that reach each other. */
export interface TwoHosts {
  readonly kind: "network namespaces" | "loopback addresses";
  /** IP addresses. */
  readonly addresses: readonly [string, string];
  /** Words to put before a command, for it to run on the first or the second host. */
  on(host: 0 | 1): readonly string[];
  /** Pulls the cable out. On loopback addresses there is none: gives false. */
  cut(): boolean;
  remove(): void;
}

/** Makes two hosts: network namespaces joined by a cable where this user may make them, else two addresses of this machine. */
export function createTwoHosts(name: string): TwoHosts {
  const names = [`${name}-a`, `${name}-b`] as const;
  const remove = () => {
    for (const host of names) quietly(["netns", "del", host]);
  };
  if (getuid?.() !== 0 || !plug(names)) {
    remove();
    return {
      kind: "loopback addresses",
      addresses: ["127.0.0.1", "127.0.0.2"],
      on: () => [],
      cut: () => false,
      remove: () => undefined,
    };
  }
  return {
    kind: "network namespaces",
    addresses: ["10.77.0.1", "10.77.0.2"],
    on: (host) => ["ip", "netns", "exec", names[host]],
    cut: () => quietly(["-n", names[0], "link", "set", "cable", "down"]),
    remove,
  };
}

function plug(names: readonly [string, string]): boolean {
  const [a, b] = names;
  const steps = [
    ["netns", "add", a],
    ["netns", "add", b],
    ["-n", a, "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", b],
    ...names.flatMap((host, index) => [
      ["-n", host, "link", "set", "lo", "up"],
      ["-n", host, "addr", "add", `10.77.0.${index + 1}/24`, "dev", "cable"],
      ["-n", host, "link", "set", "cable", "up"],
    ]),
  ];
  return steps.every(quietly);
}

function quietly(words: readonly string[]): boolean {
  try {
    execFileSync("ip", words, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
