import { OrreryError } from "@orrery/core";
import type { OpenPodOptions, PublicAddress } from "../../ports/system-open-pod.ts";
import { hostsOf } from "../../ports/system-pod-door.ts";
import type { PodWays } from "../../provider/pod-ways.ts";

/** Ways in memory: hosts and ports are given as a machine would, and nothing goes through. */
export class MemoryWays implements PodWays {
  readonly gatewayUrl = "http://gateway.test:8080";
  readonly traffic = { egressBytes: 0, ingressBytes: 0 };
  readonly #open = new Map<string, { readonly wanted: OpenPodOptions; readonly addresses: readonly PublicAddress[] }>();
  #next = 20_000;

  async assertClaimable(hosts: readonly string[], _publisher: string, name?: string): Promise<void> {
    for (const [owner, { wanted }] of this.#open)
      for (const host of hosts)
        if (owner !== name && hostsOf(wanted.pod).includes(host))
          throw new OrreryError("already_exists", `Cannot claim "${host}": host taken by another pod; choose another`);
  }

  async open(name: string, wanted: OpenPodOptions): Promise<readonly PublicAddress[]> {
    await this.assertClaimable(hostsOf(wanted.pod), "", name);
    const before = this.#open.get(name)?.addresses ?? wanted.before ?? [];
    const addresses = wanted.pod.containers.flatMap(({ name: container, ports }) =>
      ports.map((one): PublicAddress => {
        const { port, protocol } = one;
        if (one.protocol === "http") return { container, port, protocol, address: `http://${one.host}:8080` };
        const same = before.find(
          (old) => old.container === container && old.port === port && old.protocol === protocol,
        );
        return same ?? { container, port, protocol, address: `provider.test:${this.#next++}` };
      }),
    );
    this.#open.set(name, { wanted, addresses });
    return addresses;
  }

  async shut(name: string): Promise<void> {
    this.#open.delete(name);
  }

  counted() {
    return this.traffic;
  }

  /** Where a request to a host goes. */
  placesOf(host: string): readonly string[] {
    const found = [...this.#open.values()].find(({ wanted }) => hostsOf(wanted.pod).includes(host));
    return (found?.wanted.reach() ?? []).flatMap(({ at }) => at.map((one) => `${one.host}:${one.port}`));
  }
}
