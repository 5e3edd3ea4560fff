import { OrreryError } from "@orrery/core";
import type { LeaseKeeper } from "../keeper/lease-keeper.ts";
import type { Account, Digest } from "../lease/terms.ts";
import type { SealedPod } from "../pod/pod.ts";
import type { Quote } from "../quote/quote.ts";
import { PODS_MAX } from "./limits.ts";
import type { PodHistory } from "./pod-history.ts";
import type { PodRecord } from "./pod-record.ts";
import type { PodSession } from "./pod-session.ts";

/** A pod that a provider has, or had, by a lease. */
export interface Tenant {
  readonly lease: Digest;
  readonly quote: Quote;
  readonly session: PodSession;
  readonly history: PodHistory;
  /** What is kept of it on disk. */
  record: PodRecord;
  /** What runs. */
  sealed: SealedPod;
  keeper: LeaseKeeper | undefined;
  /** Bytes that were told to the keeper. */
  told: { readonly egressBytes: number; readonly ingressBytes: number };
}

/** All pods of a provider. I1: a lease has one; a name one among those of its publisher that are not deleted. */
export interface Tenants {
  find(lease: Digest): Tenant | undefined;
  /** By their names, of one publisher or all. */
  list(publisher?: Account): readonly Tenant[];
  /** @throws OrreryError `already_exists` for a name that is taken, `resource_exhausted` beyond the bound */
  add(tenant: Tenant): void;
  drop(lease: Digest): void;
}

/** Makes one without pods. */
export function createTenants(): Tenants {
  const all = new Map<Digest, Tenant>();
  return {
    find: (lease) => all.get(lease),
    list: (publisher) =>
      [...all.values()]
        .filter(({ record }) => publisher === undefined || record.publisher === publisher)
        .sort((one, other) => compare(placeOf(one), placeOf(other))),
    add: (tenant) => {
      const { name } = tenant.sealed.pod;
      if (all.size >= PODS_MAX)
        throw new OrreryError("resource_exhausted", `Cannot take another pod: ${PODS_MAX} are the most`);
      const same = [...all.values()].find(
        ({ record, sealed }) =>
          record.publisher === tenant.record.publisher && sealed.pod.name === name && record.state !== "deleted",
      );
      if (same !== undefined)
        throw new OrreryError(
          "already_exists",
          `Cannot deploy pod "${name}": you have one of that name here, by lease ${same.lease}; update or delete it`,
        );
      all.set(tenant.lease, tenant); // I1
    },
    drop: (lease) => void all.delete(lease),
  };
}

/** Where a pod stands in a list: after its name, for names are of their publishers. */
export function placeOf({ sealed, lease }: Pick<Tenant, "sealed" | "lease">): string {
  return `${sealed.pod.name} ${lease}`;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

/** Name under which the runtime has the pod of a lease. */
export function podName(lease: Digest): string {
  return `pod-${lease.slice(2, 34)}`;
}
