import type { ChainState, LeaseChain } from "../chain/lease-chain.ts";
import type { LeaseState } from "../lease/lease-state.ts";
import { totalOf } from "../meter/ledger.ts";
import { type Amounts, RESERVED, UNITS } from "../meter/prices.ts";
import type { Provider } from "../provider/provider.ts";
import { moveMoney } from "../provider/stake.ts";
import type { Tenant } from "../provider/tenants.ts";
import { ADMIN_ALERTS_SHOWN } from "./limits.ts";
import type { Overview, ProviderDesk, TenantLine } from "./overview.ts";

/** Options of `createProviderDesk`. */
export interface ProviderDeskOptions {
  /** What is looked at. */
  readonly provider: Provider;
  /** As the provider's account uses it. */
  readonly chain: LeaseChain;
  /** All that it has for pods. */
  readonly capacity: Amounts;
  /** What stays as it is while the provider runs. */
  readonly about: Pick<Overview, "runtime" | "evidence" | "gateway" | "token">;
}

/** What happened to a pod that its provider's operator should look at. */
const ALERTS = ["warned", "suspended", "kept", "failed", "killed"];

/** Puts together what the operator of a provider sees of it. A chain that is not known leaves out what it would tell. */
export function createProviderDesk({ provider, chain, capacity, about }: ProviderDeskOptions): ProviderDesk {
  return {
    overview: async () => {
      const tenants = provider.view.tenants().filter(({ record }) => record.state !== "deleted");
      const reading = await chain.read(
        { leases: tenants.map(({ lease }) => lease), accounts: [provider.account] },
        "latest",
      );
      const state = reading.kind === "known" ? reading.state : undefined;
      const pods = tenants.map((tenant, at) => lineOf(tenant, state?.leases[at]));
      return {
        ...about,
        account: provider.account,
        ...{ intake: provider.view.intake(), closed: provider.view.closed() },
        capacity: capacityOf(capacity, provider.view.free()),
        pods,
        stake: stakeOf(state),
        earnings: { paid: sum(pods.map(({ paid }) => paid)), owed: sum(pods.map(({ owed }) => owed)) },
        alerts: [
          ...(reading.kind === "unknown" ? [{ atMs: 0, text: `the chain is not known: ${reading.why}` }] : []),
          ...provider.view.lost.map((text) => ({ atMs: 0, text: `a lease could not be read at the start: ${text}` })),
          ...tenants.flatMap((tenant) => noticeAlerts(tenant, provider.view.noticeFault(tenant.lease))),
          ...tenants.flatMap(alertsOf).sort((one, other) => other.atMs - one.atMs),
        ].slice(0, ADMIN_ALERTS_SHOWN),
      };
    },
    pause: () => provider.take("paused"),
    resume: () => provider.take("open"),
    drain: () => provider.take("draining"),
    moveMoney: (move) => moveMoney(chain, move),
  };
}

function lineOf({ record, sealed, lease, keeper }: Tenant, state: LeaseState | undefined): TenantLine {
  const paid = state?.paid ?? 0n;
  const total = keeper === undefined ? 0n : totalOf(keeper.head());
  return {
    ...{ publisher: record.publisher, lease, name: sealed.pod.name, state: record.state, why: record.why },
    ...{ stage: state?.stage ?? "", copies: sealed.pod.replicas, fundsUntil: keeper?.fundsUntil() ?? 0 },
    ...{ endsAt: state?.endsAt ?? 0, settlesAt: state?.settlesAt ?? 0 },
    ...{ paid, owed: total > paid ? total - paid : 0n },
  };
}

function capacityOf(capacity: Amounts, free: Amounts): Overview["capacity"] {
  return RESERVED.filter((resource) => (capacity[resource] ?? 0n) > 0n).map((resource) => ({
    resource,
    unit: resource === "cpu" ? "millicores" : UNITS[resource],
    total: capacity[resource] ?? 0n,
    free: free[resource] ?? 0n,
  }));
}

function stakeOf(state: ChainState | undefined): Overview["stake"] {
  const own = state?.accounts[0];
  if (own === undefined) return undefined;
  const { free, locked, unbonding, unbondedAt } = own.stake;
  return { free, locked, unbonding, unbondedAt: unbonding === 0n ? 0 : unbondedAt, balance: own.balance };
}

function alertsOf({ history, sealed }: Tenant): Overview["alerts"] {
  return history
    .events()
    .filter(({ kind }) => ALERTS.includes(kind))
    .map(({ atMs, kind, text }) => ({ atMs, text: `${sealed.pod.name} ${kind}: ${text}` }));
}

function noticeAlerts({ sealed }: Tenant, fault: string | undefined): Overview["alerts"] {
  return fault === undefined
    ? []
    : [{ atMs: 0, text: `${sealed.pod.name} has no notice yet, and gets it again: ${fault}` }];
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
