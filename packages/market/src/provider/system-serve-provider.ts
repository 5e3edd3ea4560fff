import { join } from "node:path";
import { type Clock, createNode, type LogSink } from "@orrery/core";
import { createHttpClient, createHttpDoor } from "@orrery/http";
import { createDirectoryBlobs } from "@orrery/registry/blobs";
import type { Overview, ProviderDesk } from "../admin/overview.ts";
import { createProviderDesk } from "../admin/provider-desk.ts";
import type { Sealer } from "../attest/sealer.ts";
import { createBlobClient } from "../blobs/blob-client.ts";
import { createBlobService } from "../blobs/blob-service.ts";
import { BlobService } from "../gen/rpc/orrery/market/v1/blobs_pb.ts";
import { ProviderService } from "../gen/rpc/orrery/market/v1/provider_pb.ts";
import { openRecordFile } from "../keeper/system-record-file.ts";
import type { Account } from "../lease/terms.ts";
import { createWalletDoor } from "../wallet/wallet-door.ts";
import type { Intake } from "./intake.ts";
import { createProvider, type Provider } from "./provider.ts";
import type { ArtifactSource, PodSealer, ProviderOptions } from "./provider-options.ts";
import { openLeaseFolders } from "./system-lease-folders.ts";

/** Options of `serveProvider`: what it keeps itself is made of `data`. */
export interface ServeProviderOptions extends Omit<ProviderOptions, "folders" | "intake" | "sealer" | "artifacts"> {
  /** Folder of its store, and of its records. One process has it at a time. */
  readonly data: string;
  /** Seals keys of pods. */
  readonly sealer: Sealer;
  /** URLs of stores that it fetches from beside its own. */
  readonly stores: readonly string[];
  /** Where publishers reach it; port 0 for any that is free. */
  readonly at: { readonly host: string; readonly port: number };
  /** What its operator is told beside what changes. */
  readonly about: Pick<Overview, "gateway" | "token">;
  /** Paces what waits for others. Default: its clock. */
  readonly pace?: Clock;
  /** Where lines of its service go. Default: nowhere. */
  readonly sink?: LogSink;
  /** How long calls that are under way may take at its end, in ms. Default: as long as doors and nodes let them. */
  readonly stopMs?: number;
}

/** A provider that is served. */
export interface ServedProvider extends AsyncDisposable {
  readonly provider: Provider;
  readonly desk: ProviderDesk;
  /** Where it listens. */
  readonly url: string;
  /** Answers publishers no more; all else runs on. */
  closeDoor(): Promise<void>;
}

/**
 * Makes a provider with its store and records in a folder, finds the pods that it had, and serves it over HTTP. Runtime and ways are whoever's opened them.
 * @throws OrreryError `failed_precondition` where the folder cannot be used, or nothing can listen there
 */
export async function serveProvider(options: ServeProviderOptions): Promise<ServedProvider> {
  const { data, sealer, stores, at, about, clock, pace = clock, sink, stopMs, ...rest } = options;
  const { key, chain, capacity, runtime, attester } = rest;
  await using stack = new AsyncDisposableStack();
  const blobs = await createBlobService({ blobs: createDirectoryBlobs({ folder: join(data, "blobs"), clock }), clock });
  const provider = await createProvider({
    ...{ ...rest, clock, sealer: podSealer(sealer) },
    folders: stack.use(await openLeaseFolders(join(data, "leases"))),
    intake: openRecordFile<Intake>(join(data, "intake.json")),
    artifacts: { stores, read: blobs.read, fetch: (digest, store) => fetchFrom(store, { digest, clock: pace }) },
  });
  stack.defer(() => provider.stop());
  const log = sink === undefined ? {} : { log: sink };
  const end = stopMs === undefined ? {} : { timeoutMs: stopMs };
  const node = createNode({ components: [provider.component, blobs.component], ...log });
  await node.start();
  stack.defer(() => node.stop(end));
  const audience = key.address.toLowerCase() as Account;
  const services = [ProviderService, BlobService];
  const door = createHttpDoor({ node, services, authenticate: createWalletDoor({ audience, clock }), ...log });
  const url = await door.listen(at);
  let closing: Promise<void> | undefined;
  const closeDoor = () => {
    closing ??= door.close(end);
    return closing;
  };
  stack.defer(closeDoor);
  const facts = { ...about, runtime: runtime.kind, evidence: attester.kind };
  const owned = stack.move();
  return {
    ...{ provider, url, closeDoor },
    desk: createProviderDesk({ provider, chain, capacity, about: facts }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Seals keys of pods, and nothing else opens as such. */
function podSealer(sealer: Sealer): PodSealer {
  return {
    seal: async (plain) => new TextEncoder().encode(await sealer.seal(plain, ABOUT)),
    open: (sealed) => sealer.open(new TextDecoder().decode(sealed), ABOUT),
  };
}

const ABOUT = "keys of a pod";

/** Fetches from a store as anybody may. */
async function fetchFrom(
  store: string,
  { digest, clock }: { readonly digest: string; readonly clock: Clock },
): ReturnType<ArtifactSource["fetch"]> {
  const client = createHttpClient({ url: store });
  try {
    return await createBlobClient({ calls: client.client(BlobService), clock }).get(digest);
  } finally {
    client.close();
  }
}
