import type { Amounts } from "../meter/prices.ts";
import type { Pod } from "./pod.ts";

/** What a provider holds for a pod: of each copy what its containers take, and once what all copies share. */
export function reservedBy({ containers, volumes, replicas, addresses }: Pod): Amounts {
  const sum = (of: readonly number[]) => of.reduce((total, one) => total + BigInt(one), 0n);
  const copies = BigInt(replicas);
  return {
    cpu: sum(containers.map(({ cpu }) => cpu)) * copies,
    memory: sum(containers.map(({ memoryMiB }) => memoryMiB)) * copies,
    gpu: sum(containers.map(({ gpus }) => gpus)) * copies,
    storage: sum(volumes.map(({ sizeMiB }) => sizeMiB)),
    ip: BigInt(addresses),
  };
}

/** The most of each that it may use in an hour. */
export function usedAtMostBy({ traffic }: Pod): Amounts {
  return { egress: BigInt(traffic.egressKiB), ingress: BigInt(traffic.ingressKiB) };
}
