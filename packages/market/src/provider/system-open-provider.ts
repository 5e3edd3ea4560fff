import { mkdir, readFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { type Clock, createLog, type LogSink, OrreryError, type Random } from "@orrery/core";
import { lockFolder } from "@orrery/mesh/internal";
import type { LocalAccount } from "viem";
import { createAddonFacts } from "../addon/addon-facts.ts";
import { openAddons } from "../addon/system-addons.ts";
import { openAdminServer } from "../admin/system-admin-server.ts";
import { openAuditFile } from "../admin/system-audit-file.ts";
import type { Measurement } from "../attest/evidence.ts";
import { createPlainAttester } from "../attest/plain-attester.ts";
import type { Sealer } from "../attest/sealer.ts";
import { openPlainSealer } from "../attest/system-plain-sealer.ts";
import { openTpmAttester } from "../attest/system-tpm-attester.ts";
import { openTpmSealer } from "../attest/system-tpm-sealer.ts";
import { createEvmLeaseChain } from "../chain/evm/evm-lease-chain.ts";
import { createEvmNode } from "../chain/evm/system-evm-node.ts";
import { openLeaseKeeper } from "../keeper/lease-keeper.ts";
import { createLookupTexts } from "../ports/system-lookup-texts.ts";
import { openPodDoor } from "../ports/system-pod-door.ts";
import { createContainerRuntime } from "../runtime/system-container-runtime.ts";
import { createProcessRuntime } from "../runtime/system-process-runtime.ts";
import type { ProviderConfig } from "./config/provider-config.ts";
import type { Provider } from "./provider.ts";
import { openControlSocket } from "./system-control-socket.ts";
import { serveProvider } from "./system-serve-provider.ts";

/** What a provider needs of whoever starts it. */
export interface OpenProviderOptions {
  /** What it is run by. */
  readonly config: ProviderConfig;
  /** Folder that the file's paths begin at. */
  readonly folder: string;
  /** Of its account. */
  readonly key: LocalAccount;
  /** The machine's, for what waits. */
  readonly clock: Clock;
  /** The machine's: it draws secrets. */
  readonly random: Random;
  /** Of this program. */
  readonly version: string;
  /** What it runs on, as `measureBase` has it: evidence shows it, and a TPM opens keys of pods to the same alone. */
  readonly base: readonly Measurement[];
  /** Where log lines go. */
  readonly log: LogSink;
}

/** A provider that runs on this machine. */
export interface OpenedProvider extends AsyncDisposable {
  readonly provider: Provider;
  /** Where publishers reach it. */
  readonly url: string;
  readonly gateway: string;
  /** With the token of its operator. */
  readonly adminUrl: string;
  /** What pods are not held to on this machine. */
  readonly lacks: readonly string[];
}

/**
 * Runs a provider on this machine by its file: its service and store, gateway, ports, admin page, and the pods that it had.
 * @throws OrreryError `failed_precondition` where another has its folder, or the machine cannot run pods, with what would help
 */
export async function openProvider(open: OpenProviderOptions): Promise<OpenedProvider> {
  const { config, key, clock, log } = open;
  await using stack = new AsyncDisposableStack();
  const data = pathIn(open.folder, config.data);
  await mkdir(data, { recursive: true, mode: 0o700 });
  stack.use(
    await lockFolder(data, {
      purpose: "provider",
      refusal: (pid) =>
        `Cannot start the provider of "${data}": it runs already${pid === undefined ? "" : `, process ${pid}`}`,
    }),
  );
  const runtime = await openRuntime(config, join(data, "pods"));
  stack.defer(() => runtime.close());
  const ways = await openPodDoor({
    gateway: config.listen.gateway,
    ports: { host: config.listen.gateway.host, ...config.ports },
    publicHost: config.address,
    hosts: { free: config.freeHosts },
    ...{ lookup: createLookupTexts(), clock },
  });
  stack.defer(() => ways.close());
  const options = { ...(await optionsOf(open, data)), runtime, ways };
  const about = { gateway: ways.gatewayUrl, token: { symbol: "tokens", decimals: config.chain.decimals } };
  const served = stack.use(await serveProvider({ ...options, about, sink: log }));
  const { provider, desk } = served;
  const url = `http://${config.address}:${new URL(served.url).port || 80}`;
  const audit = await openAuditFile(join(data, "audit.jsonl"));
  const addons = await openAddons({
    ...{ folder: join(data, "addons"), runtime, audit, clock, log: options.log },
    facts: createAddonFacts({
      ...{ provider, url, key, clock },
      ...{ capacity: config.capacity, priceList: config.priceList, domain: options.chain.domain },
    }),
  });
  stack.defer(() => addons.close());
  stack.use(await openControlSocket({ data, desk, audit, addons, clock }));
  const admin = await openAdminServer({ desk, audit, clock, port: config.listen.admin.port });
  stack.defer(() => admin.close());
  const owned = stack.move();
  return {
    provider,
    url,
    gateway: ways.gatewayUrl,
    adminUrl: admin.loginUrl,
    lacks: runtime.lacks,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** What a provider is served by, as its file says it. */
async function optionsOf(open: OpenProviderOptions, data: string) {
  const { config, key, clock, random, log, version } = open;
  const { chain: at, priceList, capacity, stores, address } = config;
  const contracts = { leases: at.leases, token: at.token, registry: at.registry };
  const chain = createEvmLeaseChain({ node: createEvmNode({ url: at.url }), clock, chainId: at.id, contracts, key });
  const lines = createLog({ sink: log, now: () => clock.now(), fields: { provider: key.address.toLowerCase() } });
  return {
    ...{ key, chain, token: at.token, priceList, capacity, stores, address, data, clock, random, version },
    ...(await proofOf(open, data)),
    ...{ openKeeper: openLeaseKeeper, log: lines, at: config.listen.api },
  };
}

function openRuntime({ runtime }: ProviderConfig, data: string) {
  return runtime === "process" ? createProcessRuntime({ data }) : createContainerRuntime({ data });
}

/** What proves where pods run, and seals their keys. */
async function proofOf({ config, folder, random, base }: OpenProviderOptions, data: string) {
  const { evidence } = config;
  if (evidence.kind === "none") {
    const sealer: Sealer = await openPlainSealer({ folder: join(data, "sealer") });
    return { sealer, attester: { kind: "none" as const, ...createPlainAttester({ base, random }) } };
  }
  const pem = await readFile(pathIn(folder, evidence.certificates), "utf8");
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (certificates.length === 0)
    throw new OrreryError(
      "failed_precondition",
      `Cannot attest: there is no certificate in "${evidence.certificates}"`,
    );
  const own = { tcti: evidence.tcti, folder: join(data, "tpm"), base };
  const sealer: Sealer = await openTpmSealer(own);
  return { sealer, attester: { kind: "tpm2" as const, ...(await openTpmAttester({ ...own, certificates })) } };
}

function pathIn(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}
