import type { MessageInitShape } from "@bufbuild/protobuf";
import type { PodStatusSchema } from "../gen/rpc/orrery/market/v1/provider_pb.ts";
import type { LeaseState } from "../lease/lease-state.ts";
import { totalOf } from "../meter/ledger.ts";
import { perHourOf } from "../quote/quote.ts";
import type { ProviderOptions } from "./provider-options.ts";
import { podName, type Tenant } from "./tenants.ts";

/** How a pod stands, as its publisher is told. @param state of its lease; undefined while the chain is not known */
export function podStatus(
  tenant: Tenant,
  { options, state }: { readonly options: ProviderOptions; readonly state?: LeaseState | undefined },
): MessageInitShape<typeof PodStatusSchema> {
  const { record, sealed, quote, keeper } = tenant;
  const running = options.runtime.look(podName(tenant.lease));
  return {
    lease: tenant.lease,
    name: sealed.pod.name,
    state: record.state,
    why: record.why,
    manifest: sealed.digest,
    images: { ...sealed.images },
    addresses: record.state === "deleted" ? [] : record.addresses.map((one) => ({ ...one })),
    replicas: (running?.copies ?? []).map((one) => ({
      number: one.copy,
      container: one.container,
      state: one.state,
      restarts: one.restarts,
      lastEnd: one.lastEnd ?? "",
      startedAt: BigInt(Math.floor(one.startedAtMs / 1_000)),
    })),
    healthy: running?.isWell ?? false,
    hourly: String(perHourOf(quote.terms).reserved),
    total: keeper === undefined ? "0" : String(totalOf(keeper.head())),
    fundsUntil: BigInt(keeper?.fundsUntil() ?? 0),
    leaseStage: state?.stage ?? "",
    endsAt: BigInt(state?.endsAt ?? 0),
  };
}
