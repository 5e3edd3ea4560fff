import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createNode } from "@orrery/core";
import { createHttpClient, createHttpDoor } from "@orrery/http";
import { type Account, BlobService, createBlobClient, createBlobService, createWalletDoor } from "@orrery/market";
import { createDirectoryBlobs } from "@orrery/registry/blobs";
import { makeBenchWallet } from "./bench-wallet.ts";
import type { BenchWorld } from "./open-bench.ts";

/** A store of artifacts that all providers of a bench fetch from. */
export interface BenchStore extends AsyncDisposable {
  readonly url: string;
  /** Whom tokens of wallets are for. */
  readonly account: Account;
}

/** Opens a store: what is put there once is deployed anywhere. */
export async function openBenchStore({
  folder: parent,
  clock,
}: Pick<BenchWorld, "folder" | "clock">): Promise<BenchStore> {
  const folder = join(parent, "store");
  mkdirSync(folder, { mode: 0o700 });
  const { key } = await makeBenchWallet(folder, "wallet");
  const account = key.address.toLowerCase() as Account;
  await using stack = new AsyncDisposableStack();
  const blobs = await createBlobService({
    blobs: createDirectoryBlobs({ folder: join(folder, "blobs"), clock }),
    clock,
  });
  const node = createNode({ components: [blobs.component] });
  await node.start();
  stack.defer(() => node.stop({ timeoutMs: 0 }));
  const door = createHttpDoor({
    node,
    services: [BlobService],
    authenticate: createWalletDoor({ audience: account, clock }),
  });
  const url = await door.listen();
  stack.defer(() => door.close({ timeoutMs: 0 }));
  const owned = stack.move();
  return { url, account, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Fetches from a store as anybody may. */
export async function fetchFromStore(
  { real }: Pick<BenchWorld, "real">,
  { digest, store }: { readonly digest: string; readonly store: string },
): Promise<Uint8Array> {
  const client = createHttpClient({ url: store });
  try {
    return await createBlobClient({ calls: client.client(BlobService), clock: real }).get(digest);
  } finally {
    client.close();
  }
}
