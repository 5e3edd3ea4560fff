import { OrreryError } from "@orrery/core";
import type { BlobStore } from "@orrery/registry/blobs";
import type { Account } from "../lease/terms.ts";
import { UPLOADS_MAX } from "./limits.ts";

/** A blob that a wallet has put, or puts. */
export interface BlobClaim {
  readonly wallet: Account;
  readonly digest: string;
  readonly size: number;
  /** Whether all of it is there. */
  isWhole: boolean;
}

/** How much may be claimed. */
export interface ClaimBounds {
  readonly walletBytesMax: number;
  readonly storeBytesMax: number;
}

/** Who has put what, by uploads that stay beside their blobs. I1: what is claimed in all, and by each wallet, keeps its bounds. */
export interface BlobClaims {
  find(id: string): BlobClaim | undefined;
  /** @throws OrreryError `resource_exhausted` where it would not fit */
  add(id: string, claim: BlobClaim): void;
  drop(id: string): void;
  /** Whether anybody claims a blob. */
  isClaimed(digest: string): boolean;
  /** Bytes of a wallet, or of all. */
  bytes(wallet?: Account): number;
}

/** Names the upload of a wallet. */
export function uploadId(wallet: Account, digest: string): string {
  return `${wallet.slice(2).toLowerCase()}-${digest.slice("sha256:".length)}`;
}

/** Reads who has put what. What is no upload of a wallet is left alone. */
export async function readClaims(blobs: BlobStore, bounds: ClaimBounds): Promise<BlobClaims> {
  const claims = new Map<string, BlobClaim>();
  for await (const { name } of blobs.list("uploads")) {
    const [, wallet, digits] = /^([0-9a-f]{40})-([0-9a-f]{64})$/.exec(name) ?? [];
    const upload = wallet === undefined ? undefined : await blobs.open(name);
    const size = Number(upload?.note);
    if (wallet === undefined || upload === undefined || !Number.isSafeInteger(size)) continue;
    const digest = `sha256:${digits}`;
    const isWhole = upload.offset === size && (await blobs.size(digest)) === size;
    claims.set(name, { wallet: `0x${wallet}`, digest, size, isWhole });
  }
  return claimsOver(claims, bounds);
}

function claimsOver(claims: Map<string, BlobClaim>, { walletBytesMax, storeBytesMax }: ClaimBounds): BlobClaims {
  const bytes = (wallet?: Account) => {
    const seen = new Set<string>();
    let sum = 0;
    for (const claim of claims.values()) {
      if (wallet === undefined ? seen.has(claim.digest) : claim.wallet !== wallet) continue;
      seen.add(claim.digest);
      sum += claim.size;
    }
    return sum;
  };
  return {
    bytes,
    find: (id) => claims.get(id),
    isClaimed: (digest) => claims.values().some((one) => one.digest === digest),
    drop: (id) => void claims.delete(id),
    add: (id, claim) => {
      const { wallet, digest, size } = claim;
      const open = claims.values().filter((one) => one.wallet === wallet && !one.isWhole);
      const failing = `Cannot put "${digest}" for wallet ${wallet}`;
      const full = (why: string) => new OrreryError("resource_exhausted", `${failing}: ${why}`);
      if (open.toArray().length >= UPLOADS_MAX) throw full(`${UPLOADS_MAX} uploads are under way, end some of them`);
      const own = bytes(wallet);
      if (own + size > walletBytesMax)
        throw full(`it has ${size} bytes, and ${walletBytesMax - own} of its ${walletBytesMax} are free; remove some`);
      const all = bytes();
      if (all + size > storeBytesMax) throw full(`it has ${size} bytes, and the store has ${storeBytesMax - all} free`);
      claims.set(id, claim);
    },
  };
}
