import type { Clock } from "@orrery/core";
import type { Account } from "../lease/terms.ts";
import type { Pod } from "../pod/pod.ts";
import { createHostClaims } from "./host-claims.ts";
import { type HostRules, type LookupTexts, proveHosts } from "./host-proof.ts";
import { openHttpGateway } from "./system-http-gateway.ts";
import { OpenPod, type OpenPodOptions, type PortRange, type PublicAddress } from "./system-open-pod.ts";
import type { Counted, Place } from "./system-reach-pod.ts";

/** Options of a door. */
export interface PodDoorOptions {
  /** Where requests of HTTP come in; port 0 for any that is free. */
  readonly gateway: Place;
  /** Where ports of TCP and UDP are opened. */
  readonly ports: PortRange;
  /** What people reach this machine by. Default: the host of `ports`. */
  readonly publicHost?: string;
  /** Which hosts need no proof. */
  readonly hosts: HostRules;
  /** Finds proofs in DNS. */
  readonly lookup: LookupTexts;
  /** Tells when senders of datagrams have been quiet. */
  readonly clock: Pick<Clock, "monotonic" | "timer">;
}

/** Leads what comes from outside to pods. Owns: the provider's public sockets. I1: a host is of one pod. I2: what a pod had stays until it is shut. */
export interface PodDoor {
  readonly gatewayUrl: string;
  /** @throws OrreryError `already_exists` where another pod has one of the hosts; `permission_denied` where DNS does not give it to the publisher */
  assertClaimable(hosts: readonly string[], publisher: Account, name?: string): Promise<void>;
  /**
   * Opens the ports of a pod, or brings what is open to what the pod has now; ports that stay keep their addresses.
   * @throws OrreryError `already_exists` for a host of another pod, `resource_exhausted` without a free port; what was open stays so
   */
  open(name: string, options: OpenPodOptions): Promise<readonly PublicAddress[]>;
  /** Closes what a pod has, and gives its hosts back. */
  shut(name: string): Promise<void>;
  /** What went through to a pod since it was opened first. */
  counted(name: string): Counted;
  close(): Promise<void>;
}

/** The hosts of a pod. */
export function hostsOf(pod: Pod): readonly string[] {
  return pod.containers.flatMap(({ ports }) => ports.flatMap((port) => (port.protocol === "http" ? [port.host] : [])));
}

/** Opens the gateway. */
export async function openPodDoor(options: PodDoorOptions): Promise<PodDoor> {
  const { clock, hosts: rules, lookup, ports: range, publicHost = range.host } = options;
  const claims = createHostClaims();
  const pods = new Map<string, OpenPod>();
  const gateway = await openHttpGateway({
    at: options.gateway,
    find: (host) => {
      const own = pods.get(claims.ownerOf(host) ?? "");
      return own && { reach: own.reach, places: () => own.placesOfHost(host) };
    },
  });
  const say = (one: PublicAddress): PublicAddress => {
    const behind = gateway.port === 80 ? "" : `:${gateway.port}`;
    return {
      ...one,
      address: one.protocol === "http" ? `http://${one.address}${behind}` : `${publicHost}:${one.address}`,
    };
  };
  const shut = async (name: string) => {
    const own = pods.get(name);
    pods.delete(name);
    claims.release(name);
    await own?.close();
  };
  return {
    gatewayUrl: `http://${publicHost}:${gateway.port}`,
    assertClaimable: async (wanted, publisher, name) => {
      claims.assertFree(wanted, name); // I1
      await proveHosts(wanted, { publisher, rules, lookup });
    },
    open: async (name, wanted) => {
      const known = pods.get(name);
      claims.claim(name, hostsOf(wanted.pod)); // I1
      const own = known ?? new OpenPod(wanted, { range, clock });
      try {
        const addresses = await own.bring(wanted);
        pods.set(name, own);
        return addresses.map(say);
      } catch (error) {
        if (known === undefined) claims.release(name);
        else claims.claim(name, hostsOf(known.pod)); // I2
        throw error;
      }
    },
    shut,
    counted: (name) => pods.get(name)?.reach.counted() ?? { egressBytes: 0, ingressBytes: 0 },
    close: async () => {
      await gateway.close();
      await Promise.all([...pods.keys()].map(shut));
    },
  };
}
