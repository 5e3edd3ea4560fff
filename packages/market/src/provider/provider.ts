import { type Component, OrreryError } from "@orrery/core";
import { createOneAtATime } from "@orrery/core/internal";
import type { Account, Digest } from "../lease/terms.ts";
import { createCapacity } from "../quote/capacity.ts";
import { METRIC_EVERY_MS } from "./limits.ts";
import type { ProviderOptions } from "./provider-options.ts";
import type { ProviderParts } from "./provider-parts.ts";
import { createProviderComponent } from "./provider-service.ts";
import { createQuoteBook } from "./quote-book.ts";
import { trafficOf } from "./run-tenant.ts";
import { createTenants, type Tenant } from "./tenants.ts";
import { recoverTenants, tendTenants } from "./tend-tenants.ts";

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
  /** Takes no new pods from now on, or again where no reason is given. */
  close(why?: string): void;
  /** Gives notice for every lease that runs. Pods run on until their service ends. @returns how each ended, by its lease */
  giveNotice(): Promise<ReadonlyMap<Digest, string>>;
  /** Ends what it does; pods run on where the runtime lets them, and are found again. */
  stop(): Promise<void>;
}

/** What an operator sees: no secret, variable, line or file of a pod. */
export interface ProviderView {
  /** Why it takes no new pods; empty where it does. */
  closed(): string;
  free(): Readonly<Record<string, bigint>>;
  tenants(): readonly Tenant[];
  /** Quotes that can be taken. */
  quotes(): number;
  /** Leases whose folders could not be read at the start. */
  readonly lost: readonly string[];
}

/** Opens a provider, with all the pods that it had before. */
export async function createProvider(options: ProviderOptions): Promise<Provider> {
  let closed = "";
  const parts: ProviderParts = {
    options,
    capacity: createCapacity(options.capacity),
    book: createQuoteBook(options.clock),
    tenants: createTenants(),
    oneAtATime: createOneAtATime(),
    assertOpen: () => {
      if (closed !== "") throw new OrreryError("unavailable", `Cannot take new pods: ${closed}; ask another provider`);
    },
  };
  const end = new AbortController();
  const lost = await recoverTenants(parts);
  const tending = [tendTenants(parts, end.signal), measureTenants(parts, end.signal)];
  return {
    account: options.key.address.toLowerCase() as Account,
    component: createProviderComponent(parts, () => closed),
    view: {
      closed: () => closed,
      free: () => parts.capacity.free() as Readonly<Record<string, bigint>>,
      tenants: () => parts.tenants.list(),
      quotes: () => parts.book.count(),
      lost,
    },
    close: (why = "") => {
      closed = why;
    },
    giveNotice: async () => {
      const ends = new Map<Digest, string>();
      for (const { lease, keeper } of parts.tenants.list()) {
        const sent = await keeper?.close();
        if (sent !== undefined)
          ends.set(
            lease,
            sent.kind === "mined"
              ? "notice given"
              : sent.kind === "refused"
                ? sent.message
                : `${sent.kind}: look again`,
          );
      }
      return ends;
    },
    stop: async () => {
      end.abort();
      await Promise.all(tending);
      await Promise.all(parts.tenants.list().map(({ keeper }) => keeper?.stop()));
    },
  };
}

/** Writes down what pods use, again and again. */
async function measureTenants(parts: ProviderParts, signal: AbortSignal): Promise<void> {
  const { clock } = parts.options;
  const last = new Map<Digest, { readonly cpuMs: number; readonly atMs: number }>();
  while (!signal.aborted) {
    for (const tenant of parts.tenants.list()) {
      const found = await trafficOf(parts, tenant).catch(() => undefined);
      if (found?.usage === undefined) {
        last.delete(tenant.lease);
        continue;
      }
      const { usage, egressBytes, ingressBytes } = found;
      const [before, atMs] = [last.get(tenant.lease), clock.monotonic()];
      const spentMs = before === undefined ? 0 : Math.max(0, usage.cpuMs - before.cpuMs);
      const passedMs = before === undefined ? 1 : Math.max(1, atMs - before.atMs);
      last.set(tenant.lease, { cpuMs: usage.cpuMs, atMs });
      const { memoryBytes, storageBytes, copies } = usage;
      const cpu = Math.round((spentMs * 1_000) / passedMs);
      tenant.history.measure({ atMs: clock.now(), cpu, memoryBytes, egressBytes, ingressBytes, storageBytes, copies });
    }
    await clock.sleep(METRIC_EVERY_MS, signal).catch(() => undefined);
  }
}
