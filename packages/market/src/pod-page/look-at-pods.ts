import type { PodStatus } from "../gen/rpc/orrery/market/v1/provider_pb.ts";
import type { LeaseRecord } from "../publisher/lease-record.ts";
import type { PublisherLease } from "../publisher/publisher.ts";
import { POD_LOOK_MS, POD_PAGE_SHOWN_MAX } from "./limits.ts";
import type { PageWorld } from "./page-world.ts";

/** One pod, as far as it could be seen. */
export interface PodSight {
  readonly record: LeaseRecord;
  /** By the chain and the ledger; why not, where it was not read. */
  readonly lease: PublisherLease | string;
  /** As its provider says it; why not, where it does not. */
  readonly status: PodStatus | string;
}

/** What the wallet has. */
export interface Balances {
  readonly wallet: bigint;
  /** In the contract, outside of leases. */
  readonly held: bigint;
}

/** Looks at pods, each by itself: one whose provider is silent is shown by what is known. */
export async function lookAtPods(world: PageWorld, records: readonly LeaseRecord[]): Promise<readonly PodSight[]> {
  return await Promise.all(
    records
      .slice(-POD_PAGE_SHOWN_MAX)
      .toReversed()
      .map((record) => lookAtPod(world, record)),
  );
}

/** The same for one. */
export async function lookAtPod(world: PageWorld, record: LeaseRecord): Promise<PodSight> {
  const { publisher } = world;
  const [lease, status] = await Promise.all([
    orWhy(world, async () => (await publisher.look([record]))[0]),
    orWhy(world, async (signal) => {
      using door = await publisher.openFor(record);
      return (await door.calls.getPod({ lease: record.lease }, { signal })).pod;
    }),
  ]);
  return { record: typeof lease === "string" ? record : lease.record, lease, status };
}

/** What the wallet has; why not, where the chain does not answer. */
export async function readBalances(world: PageWorld): Promise<Balances | string> {
  return await orWhy(world, async () => {
    const [wallet, held] = await Promise.all([world.walletBalance(), world.publisher.held()]);
    return { wallet, held };
  });
}

/** What work gives, or why it gives nothing within a time. */
export async function orWhy<T>(
  { clock }: PageWorld,
  work: (signal: AbortSignal) => Promise<T | undefined>,
): Promise<T | string> {
  const end = new AbortController();
  const late = clock.sleep(POD_LOOK_MS, end.signal).then(
    () => "no answer in time",
    () => "no answer",
  );
  try {
    return (await Promise.race([work(end.signal), late])) ?? "no answer";
  } catch (error) {
    return (error as Error).message;
  } finally {
    end.abort();
  }
}
