import { type Component, OrreryError } from "@orrery/core";
import { createOneAtATime } from "@orrery/core/internal";
import { joinReads } from "../chain/join-reads.ts";
import type { Account, Digest } from "../lease/terms.ts";
import { createCapacity } from "../quote/capacity.ts";
import type { PodUsage } from "../runtime/pod-runtime.ts";
import { closedBy, type Intake } from "./intake.ts";
import { METRIC_EVERY_MS, METRIC_SPAN_MIN_MS } from "./limits.ts";
import { createNotices } from "./notices.ts";
import type { ProviderOptions } from "./provider-options.ts";
import type { ProviderParts } from "./provider-parts.ts";
import { createProviderComponent } from "./provider-service.ts";
import { createQuoteBook } from "./quote-book.ts";
import { trafficOf } from "./run-tenant.ts";
import { createTenants, type Tenant } from "./tenants.ts";
import { giveNotices, recoverTenants, tendTenants } from "./tend-tenants.ts";

/**
 * Sells what one machine has. Owns: pods by their leases, what they hold, and the records from which they are found again.
 *
 * I1. A pod runs for a lease that the chain says was opened by its quote, by whoever asks.
 * I2. What is held, claimed or opened for a pod is given back once, when its folder says so or nothing of it ran.
 * I3. Of an unknown chain nothing follows: pods run on, and nothing is taken away.
 * I4. Nobody but its publisher is told of a pod what its publisher alone knows.
 */
export interface Provider {
  readonly account: Account;
  /** Answers `orrery.market.v1.ProviderService`; who asks is the agent of a message. */
  readonly component: Component;
  /** What its operator may see. */
  readonly view: ProviderView;
  /**
   * Takes new pods, or none; or none, and gives notice for every lease that runs, again and again until all have it: pods run on until their service
   * ends. It is kept over restarts. Notice that was given stays. @throws OrreryError where it cannot be kept: nothing has changed then
   */
  take(intake: Intake["kind"]): Promise<void>;
  /** Ends what it does; pods run on where the runtime lets them, and are found again. */
  stop(): Promise<void>;
}

/** What an operator sees: no secret, variable, line or file of a pod. */
export interface ProviderView {
  /** Whether it takes new pods, takes none, or is drained. */
  intake(): Intake["kind"];
  /** Why it takes no new pods; empty where it does. */
  closed(): string;
  /** Why a lease has no notice yet of a provider that is being drained; undefined where nothing is known to be in the way. */
  noticeFault(lease: Digest): string | undefined;
  free(): Readonly<Record<string, bigint>>;
  tenants(): readonly Tenant[];
  /** Quotes that can be taken. */
  quotes(): number;
  /** Leases whose folders could not be read at the start. */
  readonly lost: readonly string[];
}

/** Opens a provider, with all the pods that it had before. */
export async function createProvider(options: ProviderOptions): Promise<Provider> {
  return await openWith({ ...options, chain: joinReads(options.chain) }); // Each lease has a keeper, which looks by itself.
}

async function openWith(options: ProviderOptions): Promise<Provider> {
  let intake: Intake = (await options.intake.read()) ?? { version: 1, kind: "open" };
  const closed = () => closedBy(intake);
  const isDraining = () => intake.kind === "draining";
  const tenants = createTenants();
  const notices = createNotices({ options, tenants }, isDraining);
  const parts: ProviderParts = {
    ...{ options, tenants, notices, isDraining },
    capacity: createCapacity(options.capacity),
    book: createQuoteBook(options.clock),
    oneAtATime: createOneAtATime(),
    assertOpen: () => {
      if (closed() === "") return;
      throw new OrreryError("unavailable", `Cannot take new pods: ${closed()}; ask another provider`);
    },
  };
  const end = new AbortController();
  const lost = await recoverTenants(parts);
  const tending = [tendTenants(parts, end.signal), measureTenants(parts, end.signal)];
  return {
    account: options.key.address.toLowerCase() as Account,
    component: createProviderComponent(parts, closed),
    view: {
      intake: () => intake.kind,
      ...{ closed, noticeFault: notices.faultOf },
      free: () => parts.capacity.free() as Readonly<Record<string, bigint>>,
      tenants: () => parts.tenants.list(),
      quotes: () => parts.book.count(),
      lost,
    },
    take: async (kind) => {
      const wanted = { version: 1, kind } as const;
      await options.intake.write(wanted);
      intake = wanted;
      if (kind === "draining") giveNotices(parts);
    },
    stop: async () => {
      end.abort();
      await Promise.all(tending);
      await Promise.all(parts.tenants.list().map(({ keeper }) => keeper?.stop()));
      await Promise.all(parts.tenants.list().map(({ history }) => history.close()));
    },
  };
}

/** Writes down what pods use, again and again. */
async function measureTenants(parts: ProviderParts, signal: AbortSignal): Promise<void> {
  const { clock } = parts.options;
  const loads = new Map<Digest, ProcessorLoad>();
  while (!signal.aborted) {
    for (const tenant of parts.tenants.list()) {
      const found = await trafficOf(parts, tenant).catch(() => undefined);
      if (found?.usage === undefined) {
        loads.delete(tenant.lease);
        continue;
      }
      const { usage, egressBytes, ingressBytes } = found;
      const load = loadOf(usage, loads.get(tenant.lease));
      loads.set(tenant.lease, load);
      const { memoryBytes, storageBytes, copies } = usage;
      const { cpu } = load;
      tenant.history.measure({ atMs: clock.now(), cpu, memoryBytes, egressBytes, ingressBytes, storageBytes, copies });
    }
    await clock.sleep(METRIC_EVERY_MS, signal).catch(() => undefined);
  }
}

/** What a pod took of the processor, in thousandths of one, up to when it was read. */
interface ProcessorLoad {
  readonly cpu: number;
  readonly until: Pick<PodUsage, "cpuMs" | "atMs">;
}

/** By the time that pods run by, which may go on while the provider's clock stands. Where little of it has passed, what was known before. */
function loadOf(usage: PodUsage, before: ProcessorLoad = { cpu: 0, until: usage }): ProcessorLoad {
  const passedMs = usage.atMs - before.until.atMs;
  if (passedMs < METRIC_SPAN_MIN_MS) return before;
  const spentMs = Math.max(0, usage.cpuMs - before.until.cpuMs);
  return { cpu: Math.round((spentMs * 1_000) / passedMs), until: usage };
}
