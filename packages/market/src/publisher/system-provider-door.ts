import { type Client, type Clock, OrreryError, type Random } from "@orrery/core";
import { createHttpClient } from "@orrery/http";
import type { LocalAccount } from "viem";
import { type BlobClient, createBlobClient } from "../blobs/blob-client.ts";
import { BlobService } from "../gen/rpc/orrery/market/v1/blobs_pb.ts";
import { type DescribeResponse, ProviderService } from "../gen/rpc/orrery/market/v1/provider_pb.ts";
import type { Account } from "../lease/terms.ts";
import { createWalletAuthorization } from "../wallet/wallet-authorization.ts";
import { ANSWER_TIMEOUT_MS } from "./limits.ts";
import type { UploadStore } from "./upload-pod.ts";

/** A provider, as a publisher asks it. */
export interface ProviderDoor extends Disposable {
  readonly url: string;
  readonly account: Account;
  /** What it says of itself. */
  readonly facts: DescribeResponse;
  /** Its service, as this wallet. */
  readonly calls: Client<typeof ProviderService>;
  /** Its store of artifacts, as this wallet. */
  readonly blobs: BlobClient;
}

/** Who asks. */
export interface ProviderDoorOptions {
  readonly key: LocalAccount;
  readonly clock: Clock;
  /** Must be fit for secrets. */
  readonly random: Random;
  /** Whom a lease is with: another provider at that address is not spoken to. Default: any. */
  readonly account?: Account;
}

/**
 * Opens the door of a provider, by its address alone.
 * @throws OrreryError `unavailable` where nobody answers; `permission_denied` where it is another provider; `invalid_argument` for no URL
 */
export async function openProviderDoor(url: string, options: ProviderDoorOptions): Promise<ProviderDoor> {
  const { key, clock, random } = options;
  const anonymous = createHttpClient({ url });
  try {
    const facts = await anonymous.client(ProviderService).describe({}, { timeoutMs: ANSWER_TIMEOUT_MS });
    const account = facts.account.toLowerCase() as Account;
    if (options.account !== undefined && options.account !== account)
      throw new OrreryError(
        "permission_denied",
        `Cannot use the provider at "${url}": it is ${account}, and the lease is with ${options.account}`,
      );
    const known = createHttpClient({
      url,
      authorization: createWalletAuthorization(key, { audience: account, clock, random }),
    });
    return {
      ...{ url, account, facts },
      calls: known.client(ProviderService),
      blobs: createBlobClient({ calls: known.client(BlobService), clock }),
      [Symbol.dispose]: () => known.close(),
    };
  } finally {
    anonymous.close();
  }
}

/** A store of artifacts or a key service, and whom tokens for it are for. */
export interface StorePlace {
  readonly url: string;
  readonly account: Account;
}

/** Opens the store that a provider is to fetch from: the one that is named, where the provider fetches from it, else its own. */
export function openStoreFor(
  door: ProviderDoor,
  { store, key, clock, random }: ProviderDoorOptions & { readonly store?: StorePlace },
): UploadStore & Disposable {
  if (store === undefined || !door.facts.stores.includes(store.url))
    return { url: door.url, blobs: door.blobs, [Symbol.dispose]: () => undefined };
  const authorization = createWalletAuthorization(key, { audience: store.account, clock, random });
  const client = createHttpClient({ url: store.url, authorization });
  const blobs = createBlobClient({ calls: client.client(BlobService), clock });
  return { url: store.url, blobs, [Symbol.dispose]: () => client.close() };
}
