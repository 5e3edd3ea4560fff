import { type Component, type Context, defineComponent, OrreryError } from "@orrery/core";
import { amountsJson } from "../amounts-json.ts";
import { ProviderService } from "../gen/rpc/orrery/market/v1/provider_pb.ts";
import type { Account, Digest } from "../lease/terms.ts";
import { printEntry } from "../meter/ledger-lines.ts";
import { type Amounts, RESERVED } from "../meter/prices.ts";
import { writeQuote } from "../quote/quote-json.ts";
import { deployPod } from "./deploy-pod.ts";
import { PODS_PAGE_MAX } from "./limits.ts";
import { makeQuote, proofOf } from "./make-quote.ts";
import { podStatus } from "./pod-status.ts";
import type { ProviderParts } from "./provider-parts.ts";
import { assertMay } from "./provider-rules.ts";
import { assertAlive, freeTenant, turn } from "./run-tenant.ts";
import { placeOf, podName, type Tenant } from "./tenants.ts";
import { updatePod } from "./update-pod.ts";

/** Messages that are answered at once. */
const INSTANCES = 64;

/** Makes the component of a provider's service. Each method begins by who may ask it. */
export function createProviderComponent(parts: ProviderParts, closed: () => string): Component {
  const { tenants } = parts;
  const may = (method: string, { agent }: Context, lease?: string) =>
    assertMay(method, {
      agent,
      ...(lease !== undefined && { lease }),
      publisherOf: (of) => tenants.find(of)?.record.publisher,
    });
  const tenantOf = (method: string, context: Context, lease: string): Tenant => {
    may(method, context, lease);
    return tenants.find(lease as Digest) as Tenant;
  };
  const walletOf = (method: string, context: Context) => may(method, context).wallet as Account;
  const status = (tenant: Tenant) => statusOf(parts, tenant);
  const handlers = {
    ...publicHandlers(parts, { may, closed }),
    ...readingHandlers(parts, tenantOf),
  };
  return defineComponent(
    ProviderService,
    () => ({
      ...handlers,
      deploy: async ({ quote, pod, keys }, context) => {
        const publisher = walletOf("deploy", context);
        return { pod: await status(await deployPod(parts, { quote, pod, keys, publisher })) };
      },
      update: async ({ lease, pod, keys, dryRun, deleteVolumes }, context) => {
        const tenant = tenantOf("update", context, lease);
        const asked = { pod, keys, isDryRun: dryRun, deleteVolumes };
        const changes = await parts.oneAtATime(tenant.lease, () => updatePod(parts, tenant, asked));
        return { changes: [...changes], pod: await status(tenant) };
      },
      restart: async ({ lease }, context) => {
        const tenant = tenantOf("restart", context, lease);
        await parts.oneAtATime(tenant.lease, () => restart(parts, tenant));
        return { pod: await status(tenant) };
      },
      delete: async ({ lease }, context) => {
        const tenant = tenantOf("delete", context, lease);
        await parts.oneAtATime(tenant.lease, async () => {
          if (tenant.record.state === "deleted") return;
          await freeTenant(parts, tenant);
          await turn(parts, tenant, { state: "deleted", why: "its publisher deleted it" });
        });
        return {};
      },
      getPod: async ({ lease }, context) => ({ pod: await status(tenantOf("getPod", context, lease)) }),
      listPods: async ({ after }, context) => {
        const own = tenants.list(walletOf("listPods", context));
        const rest = own.filter((one) => placeOf(one) > after);
        const pods = await Promise.all(rest.slice(0, PODS_PAGE_MAX).map(status));
        return { pods, more: rest.length > PODS_PAGE_MAX };
      },
      vouch: async ({ lease, total, upTo, signature }, context) => {
        const tenant = tenantOf("vouch", context, lease);
        if (tenant.keeper === undefined)
          throw new OrreryError("unavailable", `Cannot take a voucher of lease ${lease}: it has not begun; try again`);
        const held = await tenant.keeper.take(voucherOf(tenant.lease, { total, upTo, signature }));
        return { total: String(held) };
      },
    }),
    { instances: INSTANCES, streams: "beside" },
  );
}

type May = (method: string, context: Context, lease?: string) => unknown;
type TenantOf = (method: string, context: Context, lease: string) => Tenant;

/** What anybody may ask. */
function publicHandlers(parts: ProviderParts, { may, closed }: { readonly may: May; readonly closed: () => string }) {
  const { options } = parts;
  const account = options.key.address.toLowerCase() as Account;
  const stake = async () => {
    const reading = await options.chain.read({ accounts: [account] }, "latest");
    return reading.kind === "known" ? String(reading.state.accounts[0]?.stake.free ?? 0n) : "";
  };
  return {
    describe: async (_: unknown, context: Context) => {
      may("describe", context);
      const { chain, priceList, capacity, runtime, attester, artifacts, ways, address, version, token } = options;
      return {
        ...{ account, version, token, gateway: ways.gatewayUrl, address, closed: closed(), stake: await stake() },
        chainId: BigInt(chain.domain.chainId),
        contract: chain.domain.contract,
        prices: Object.fromEntries(Object.entries(priceList.prices).map(([name, price]) => [name, String(price)])),
        capacity: unitsOf(capacity),
        free: unitsOf(parts.capacity.free()),
        conditions: amountsJson(priceList.conditions),
        ...{ runtime: runtime.kind, evidence: attester.kind, stores: [...artifacts.stores] },
      };
    },
    quote: async (
      { pod, publisher, policy, nonce }: { pod: string; publisher: string; policy: string; nonce: string },
      context: Context,
    ) => {
      may("quote", context);
      const made = await makeQuote(parts, { pod, publisher, policy, nonce, asker: context.agent });
      return {
        quote: writeQuote(made.quote),
        evidence: made.evidence === undefined ? "" : JSON.stringify(made.evidence),
        stake: await stake(),
      };
    },
  };
}

/** What a publisher reads of its pod. */
function readingHandlers(parts: ProviderParts, tenantOf: TenantOf) {
  const { options } = parts;
  return {
    readLog: async function* (
      asked: { lease: string; container: string; sinceMs: bigint; tail: number; follow: boolean },
      context: Context,
    ) {
      const tenant = tenantOf("readLog", context, asked.lease);
      const lines = options.runtime.lines(podName(tenant.lease), {
        container: asked.container === "" ? undefined : asked.container,
        sinceMs: asked.sinceMs === 0n ? undefined : Number(asked.sinceMs),
        tail: asked.tail === 0 ? undefined : asked.tail,
        follow: asked.follow,
        signal: context.signal,
      });
      for await (const { atMs, container, copy, stream, text } of lines)
        yield { atMs: BigInt(Math.floor(atMs)), container, replica: copy, stream, text };
    },
    getMetrics: async ({ lease, sinceMs }: { lease: string; sinceMs: bigint }, context: Context) => {
      const points = tenantOf("getMetrics", context, lease).history.points(Number(sinceMs));
      return {
        points: points.map((one) => ({
          atMs: BigInt(Math.floor(one.atMs)),
          cpu: BigInt(one.cpu),
          memoryBytes: BigInt(one.memoryBytes),
          egressBytes: BigInt(one.egressBytes),
          ingressBytes: BigInt(one.ingressBytes),
          storageBytes: BigInt(one.storageBytes),
          replicas: one.copies,
        })),
      };
    },
    listEvents: async ({ lease }: { lease: string }, context: Context) => {
      const events = tenantOf("listEvents", context, lease).history.events();
      return { events: events.map(({ atMs, ...rest }) => ({ atMs: BigInt(Math.floor(atMs)), ...rest })) };
    },
    attest: async ({ lease, nonce }: { lease: string; nonce: string }, context: Context) => {
      const tenant = tenantOf("attest", context, lease);
      if (nonce === "")
        throw new OrreryError(
          "invalid_argument",
          "Cannot attest without a nonce: write 1 to 128 letters that were never used",
        );
      return { evidence: JSON.stringify(await proofOf(parts, { ...tenant, nonce })) };
    },
    readLedger: async ({ lease, after }: { lease: string; after: bigint }, context: Context) => {
      const { keeper } = tenantOf("readLedger", context, lease);
      const lines = (await keeper?.linesAfter(Number(after))) ?? [];
      const shown = keeper?.beat();
      const more = keeper !== undefined && lines.length > 0 && (lines.at(-1)?.number ?? 0) < keeper.head().number;
      return {
        lines: lines.map((line) => printEntry(line).trimEnd()),
        more,
        beat: shown === undefined ? "" : JSON.stringify(shown),
      };
    },
  };
}

/** How a pod stands, with the stage of its lease where the chain is known. */
async function statusOf({ options }: ProviderParts, tenant: Tenant) {
  const reading = await options.chain.read({ leases: [tenant.lease] }, "latest");
  return podStatus(tenant, { options, state: reading.kind === "known" ? reading.state.leases[0] : undefined });
}

async function restart(parts: ProviderParts, tenant: Tenant): Promise<void> {
  assertAlive(tenant, "restart");
  const { state, why } = tenant.record;
  if (state === "suspended" || state === "kept")
    throw new OrreryError(
      "failed_precondition",
      `Cannot restart the pod of lease ${tenant.lease}: it is ${state}: ${why}`,
    );
  await parts.options.runtime.restart(podName(tenant.lease));
  tenant.history.tell("restarted", "its publisher asked for it");
}

function voucherOf(lease: Digest, said: { readonly total: string; readonly upTo: bigint; readonly signature: string }) {
  if (!/^(0|[1-9]\d{0,38})$/.test(said.total))
    throw new OrreryError(
      "invalid_argument",
      `Cannot take a voucher of "${said.total.slice(0, 80)}": write base units in digits`,
    );
  if (!/^0x[0-9a-f]{130}$/i.test(said.signature))
    throw new OrreryError("invalid_argument", "Cannot take the voucher: its signature is not 65 bytes in hex");
  const signature = said.signature as `0x${string}`;
  return { lease, total: BigInt(said.total), upTo: Number(said.upTo), signature };
}

function unitsOf(amounts: Amounts): Record<string, bigint> {
  return Object.fromEntries(RESERVED.map((name) => [name, amounts[name] ?? 0n]));
}
