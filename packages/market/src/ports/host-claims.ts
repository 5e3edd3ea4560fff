import { OrreryError } from "@orrery/core";
import { HOSTS_MAX } from "./limits.ts";

/** Which pod has which hosts. I1: a host is of one pod. I2: a claim is whole or nothing of it is. */
export interface HostClaims {
  /**
   * Claims hosts for a pod, in the place of those that it had.
   * @throws OrreryError `already_exists` for hosts of another pod, `resource_exhausted` where there are too many; nothing is changed then
   */
  claim(pod: string, hosts: readonly string[]): void;
  /** @throws OrreryError as `claim` would; changes nothing in any case */
  assertFree(hosts: readonly string[], pod?: string): void;
  /** Whose a host is. */
  ownerOf(host: string): string | undefined;
  /** Gives back all hosts of a pod. */
  release(pod: string): void;
}

/** Makes claims of nothing. */
export function createHostClaims(max: number = HOSTS_MAX): HostClaims {
  const owners = new Map<string, string>();
  const release = (pod: string) => {
    for (const [host, owner] of owners) if (owner === pod) owners.delete(host);
  };
  const assertFree = (hosts: readonly string[], pod?: string) => {
    const taken = hosts.filter((host) => owners.has(host) && owners.get(host) !== pod);
    if (taken.length > 0)
      throw new OrreryError("already_exists", `Cannot claim ${said(taken)}: host taken by another pod; choose another`);
    const fresh = hosts.filter((host) => !owners.has(host)).length;
    if (owners.size + fresh > max)
      throw new OrreryError(
        "resource_exhausted",
        `Cannot claim ${said(hosts)}: this provider has ${max} hosts, its most`,
      );
  };
  return {
    assertFree,
    claim: (pod, hosts) => {
      assertFree(hosts, pod); // I1, I2
      release(pod);
      for (const host of hosts) owners.set(host, pod);
    },
    ownerOf: (host) => owners.get(host),
    release,
  };
}

function said(hosts: readonly string[]): string {
  return hosts.map((host) => `"${host}"`).join(", ");
}
