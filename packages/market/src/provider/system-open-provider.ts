import { mkdir, readFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { type Clock, createLog, createNode, type LogSink, OrreryError, type Random } from "@orrery/core";
import { createHttpClient, createHttpDoor } from "@orrery/http";
import { lockFolder } from "@orrery/mesh/internal";
import { createDirectoryBlobs } from "@orrery/registry/blobs";
import type { LocalAccount } from "viem";
import { createAddonFacts } from "../addon/addon-facts.ts";
import { openAddons } from "../addon/system-addons.ts";
import { createProviderDesk } from "../admin/provider-desk.ts";
import { openAdminServer } from "../admin/system-admin-server.ts";
import { openAuditFile } from "../admin/system-audit-file.ts";
import type { Measurement } from "../attest/evidence.ts";
import { createPlainAttester } from "../attest/plain-attester.ts";
import type { Sealer } from "../attest/sealer.ts";
import { openPlainSealer } from "../attest/system-plain-sealer.ts";
import { openTpmAttester } from "../attest/system-tpm-attester.ts";
import { openTpmSealer } from "../attest/system-tpm-sealer.ts";
import { createBlobClient } from "../blobs/blob-client.ts";
import { createBlobService } from "../blobs/blob-service.ts";
import { createEvmLeaseChain } from "../chain/evm/evm-lease-chain.ts";
import { createEvmNode } from "../chain/evm/system-evm-node.ts";
import { BlobService } from "../gen/rpc/orrery/market/v1/blobs_pb.ts";
import { ProviderService } from "../gen/rpc/orrery/market/v1/provider_pb.ts";
import { openLeaseKeeper } from "../keeper/lease-keeper.ts";
import { openRecordFile } from "../keeper/system-record-file.ts";
import type { Account } from "../lease/terms.ts";
import { createLookupTexts } from "../ports/system-lookup-texts.ts";
import { openPodDoor } from "../ports/system-pod-door.ts";
import { createContainerRuntime } from "../runtime/system-container-runtime.ts";
import { createProcessRuntime } from "../runtime/system-process-runtime.ts";
import { createWalletDoor } from "../wallet/wallet-door.ts";
import type { ProviderConfig } from "./config/provider-config.ts";
import type { Intake } from "./intake.ts";
import { createProvider, type Provider } from "./provider.ts";
import type { ArtifactSource, PodSealer, ProviderOptions } from "./provider-options.ts";
import { openControlSocket } from "./system-control-socket.ts";
import { openLeaseFolders } from "./system-lease-folders.ts";

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
  const options = await optionsOf(open, { data, stack });
  const provider = await createProvider(options);
  stack.defer(() => provider.stop());
  const blobs = options.blobs;
  const node = createNode({ components: [provider.component, blobs.component], log });
  await node.start();
  stack.defer(() => node.stop());
  const audience = key.address.toLowerCase() as Account;
  const services = [ProviderService, BlobService];
  const door = createHttpDoor({
    node,
    services,
    authenticate: createWalletDoor({ audience, clock }),
    log,
  });
  const bound = await door.listen(config.listen.api);
  const url = `http://${config.address}:${new URL(bound).port || 80}`;
  stack.defer(() => door.close());
  const { chain, capacity, runtime, attester, ways } = options;
  const token = { symbol: "tokens", decimals: config.chain.decimals };
  const about = { runtime: runtime.kind, evidence: attester.kind, gateway: ways.gatewayUrl, token };
  const desk = createProviderDesk({ provider, chain, capacity, about });
  const audit = await openAuditFile(join(data, "audit.jsonl"));
  const addons = await openAddons({
    ...{ folder: join(data, "addons"), runtime, audit, clock, log: options.log },
    facts: createAddonFacts({
      provider,
      capacity,
      priceList: options.priceList,
      url,
      key,
      domain: chain.domain,
      clock,
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
    gateway: options.ways.gatewayUrl,
    adminUrl: admin.loginUrl,
    lacks: options.runtime.lacks,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** What a provider works with on this machine. */
async function optionsOf(
  open: OpenProviderOptions,
  { data, stack }: { readonly data: string; readonly stack: AsyncDisposableStack },
) {
  const { config, key, clock, random, log, version } = open;
  const { chain: at } = config;
  const runtime = await openRuntime(config, join(data, "pods"));
  stack.defer(() => runtime.close());
  const blobs = await createBlobService({ blobs: createDirectoryBlobs({ folder: join(data, "blobs"), clock }), clock });
  const ways = await openPodDoor({
    gateway: config.listen.gateway,
    ports: { host: config.listen.gateway.host, ...config.ports },
    publicHost: config.address,
    hosts: { free: config.freeHosts },
    ...{ lookup: createLookupTexts(), clock },
  });
  stack.defer(() => ways.close());
  const contracts = { leases: at.leases, token: at.token, registry: at.registry };
  const chain = createEvmLeaseChain({ node: createEvmNode({ url: at.url }), clock, chainId: at.id, contracts, key });
  const lines = createLog({ sink: log, now: () => clock.now(), fields: { provider: key.address.toLowerCase() } });
  return {
    ...{ key, chain, token: at.token, priceList: config.priceList, capacity: config.capacity, runtime, ways, blobs },
    ...(await proofOf(open, data)),
    folders: stack.use(await openLeaseFolders(join(data, "leases"))),
    intake: openRecordFile<Intake>(join(data, "intake.json")),
    artifacts: sourceOf(config, { read: blobs.read, clock }),
    ...{ openKeeper: openLeaseKeeper, clock, random, log: lines, version, address: config.address },
  } satisfies ProviderOptions & { readonly blobs: typeof blobs };
}

function openRuntime({ runtime }: ProviderConfig, data: string) {
  return runtime === "process" ? createProcessRuntime({ data }) : createContainerRuntime({ data });
}

/** What proves where pods run, and seals their keys. */
async function proofOf({ config, folder, random, base }: OpenProviderOptions, data: string) {
  const { evidence } = config;
  if (evidence.kind === "none") {
    const sealer = podSealer(await openPlainSealer({ folder: join(data, "sealer") }));
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
  const sealer = podSealer(await openTpmSealer(own));
  return { sealer, attester: { kind: "tpm2" as const, ...(await openTpmAttester({ ...own, certificates })) } };
}

/** Seals keys of pods, and nothing else opens as such. */
function podSealer(sealer: Sealer): PodSealer {
  return {
    seal: async (plain) => new TextEncoder().encode(await sealer.seal(plain, ABOUT)),
    open: (sealed) => sealer.open(new TextDecoder().decode(sealed), ABOUT),
  };
}

const ABOUT = "keys of a pod";

/** Its own store, and others that its file names. */
function sourceOf(
  { stores }: ProviderConfig,
  { read, clock }: { readonly read: ArtifactSource["read"]; readonly clock: Clock },
): ArtifactSource {
  return {
    stores,
    read,
    fetch: async (digest, store) => {
      const client = createHttpClient({ url: store });
      try {
        return await createBlobClient({ calls: client.client(BlobService), clock }).get(digest);
      } finally {
        client.close();
      }
    },
  };
}

function pathIn(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}
