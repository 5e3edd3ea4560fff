import { type Clock, type Component, defineComponent, OrreryError } from "@orrery/core";
import { createOneAtATime } from "@orrery/core/internal";
import type { BlobStore, BlobUpload } from "@orrery/registry/blobs";
import { isArtifactDigest } from "../artifact/artifact.ts";
import { BlobService } from "../gen/rpc/orrery/market/v1/blobs_pb.ts";
import type { Account } from "../lease/terms.ts";
import { assertWallet } from "../wallet/assert-wallet.ts";
import { type BlobClaims, readClaims, uploadId } from "./blob-claims.ts";
import {
  BLOB_BYTES_MAX,
  MISSING_MAX,
  PART_BYTES_MAX,
  STORE_BYTES_DEFAULT,
  SWEEP_EVERY_MS,
  UPLOAD_REST_MS,
  WALLET_BYTES_DEFAULT,
} from "./limits.ts";

/** Options of `createBlobService`. */
export interface BlobServiceOptions {
  /** Where blobs are kept; nobody else uses it. */
  readonly blobs: BlobStore;
  /** Tells how long uploads rest. */
  readonly clock: Pick<Clock, "now" | "monotonic">;
  /** Bytes that one wallet may have. Default: 10 GiB. */
  readonly walletBytesMax?: number;
  /** Bytes of all. Default: 100 GiB. */
  readonly storeBytesMax?: number;
  /** Says why a wallet may put nothing; undefined where it may. Default: each may. */
  readonly whyNot?: (wallet: Account) => Promise<string | undefined>;
}

/** Keeps encrypted artifacts by their digests. Owns: which wallet has put what. */
export interface BlobKeeper {
  /** Answers `orrery.market.v1.BlobService`. Agents are wallets, by `walletAgent`; whoever is none may read. */
  readonly component: Component;
  /** The bytes of a blob; undefined where it is not there. */
  read(digest: string): Promise<Uint8Array | undefined>;
  /** Forgets uploads that nothing came for in a day; tells how many. It does so by itself, too, before others begin. */
  sweep(): Promise<number>;
}

/**
 * Opens a store of artifacts. I1: a blob is what its digest says, or not there. I2: what is under way goes on where it ended, after a restart, too.
 * I3: what a wallet has put only that wallet takes back.
 */
export async function createBlobService(options: BlobServiceOptions): Promise<BlobKeeper> {
  const { blobs, walletBytesMax = WALLET_BYTES_DEFAULT, storeBytesMax = STORE_BYTES_DEFAULT } = options;
  const claims = await readClaims(blobs, { walletBytesMax, storeBytesMax });
  const putting = createPutting({ ...options, claims });
  const component = defineComponent(
    BlobService,
    () => ({
      missing: async ({ digests }) => {
        if (digests.length > MISSING_MAX)
          throw new OrreryError("invalid_argument", `Cannot look for ${digests.length} blobs: ask for ${MISSING_MAX}`);
        const found = await Promise.all(digests.map((digest) => blobs.size(assertDigest(digest))));
        return { digests: digests.filter((_, at) => found[at] === undefined) };
      },
      put: async ({ digest, size, offset, part }, { agent }) => {
        const wallet = assertWallet(agent, "put blobs");
        const asked = { wallet, digest: assertDigest(digest), size: Number(size), offset: Number(offset), part };
        return { offset: BigInt(await putting.put(asked)) };
      },
      get: async ({ digest, offset }) => {
        const size = await blobs.size(assertDigest(digest));
        if (size === undefined) throw new OrreryError("not_found", `Cannot get "${digest}": it is not here`);
        const from = Number(offset);
        const length = Math.min(PART_BYTES_MAX, Math.max(0, size - from));
        for await (const part of blobs.read(digest, { offset: from, length })) return { size: BigInt(size), part };
        return { size: BigInt(size), part: new Uint8Array() };
      },
      remove: async ({ digest }, { agent }) => {
        await putting.remove(assertWallet(agent, "remove blobs"), assertDigest(digest));
        return {};
      },
    }),
    { instances: 4 },
  );
  return {
    component,
    sweep: putting.sweep,
    read: async (digest) => {
      const size = await blobs.size(assertDigest(digest));
      if (size === undefined) return undefined;
      const bytes = Buffer.allocUnsafeSlow(size);
      let at = 0;
      for await (const part of blobs.read(digest)) {
        bytes.set(part, at);
        at += part.length;
      }
      return bytes;
    },
  };

  function assertDigest(digest: string): string {
    if (isArtifactDigest(digest)) return digest;
    const why = "a digest is sha256: and 64 digits of 0-9a-f";
    throw new OrreryError("invalid_argument", `Cannot use ${JSON.stringify(digest.slice(0, 80))}: ${why}`);
  }
}

/** A part on its way in. */
interface PutPart {
  readonly wallet: Account;
  readonly digest: string;
  readonly size: number;
  readonly offset: number;
  readonly part: Uint8Array;
}

interface Putting {
  /** Where the next part begins. */
  put(asked: PutPart): Promise<number>;
  remove(wallet: Account, digest: string): Promise<void>;
  sweep(): Promise<number>;
}

function createPutting(options: BlobServiceOptions & { readonly claims: BlobClaims }): Putting {
  const { blobs, clock, claims, whyNot = async () => undefined } = options;
  const oneAtATime = createOneAtATime();
  let sweptAt = clock.monotonic() - SWEEP_EVERY_MS;
  const sweep = async () => {
    sweptAt = clock.monotonic();
    let count = 0;
    for await (const { name, at } of blobs.list("uploads")) {
      const claim = claims.find(name);
      const before = clock.now() - UPLOAD_REST_MS;
      if (claim === undefined || claim.isWhole || at > before) continue;
      await oneAtATime(claim.digest, async () => {
        if (claim.isWhole || !(await (await blobs.open(name))?.abandon(before))) return;
        claims.drop(name);
        count++;
      });
    }
    return count;
  };
  const begin = async (id: string, { wallet, digest, size }: PutPart) => {
    const why = await whyNot(wallet);
    if (why !== undefined) throw new OrreryError("permission_denied", `Cannot put "${digest}" for ${wallet}: ${why}`);
    if (clock.monotonic() - sweptAt >= SWEEP_EVERY_MS) await sweep();
    claims.add(id, { wallet, digest, size, isWhole: false });
    try {
      return await blobs.begin(id, String(size));
    } catch (error) {
      claims.drop(id);
      throw error;
    }
  };
  return {
    sweep,
    put: (asked) => {
      assertPart(asked);
      const how = { blobs, claims, begin: (id: string) => begin(id, asked) };
      return oneAtATime(asked.digest, () => takePart(asked, how));
    },
    remove: (wallet, digest) =>
      oneAtATime(digest, async () => {
        const id = uploadId(wallet, digest);
        if (claims.find(id) === undefined)
          throw new OrreryError("not_found", `Cannot remove "${digest}": wallet ${wallet} has not put it`); // I3
        await (await blobs.open(id))?.abandon();
        claims.drop(id);
        if (!claims.isClaimed(digest)) await blobs.remove(digest, clock.now());
      }),
  };
}

/** Takes one part, and makes a blob with the last. */
async function takePart(
  asked: PutPart,
  {
    blobs,
    claims,
    begin,
  }: Pick<BlobServiceOptions, "blobs"> & { claims: BlobClaims; begin: (id: string) => Promise<BlobUpload> },
): Promise<number> {
  const { wallet, digest, size, offset, part } = asked;
  const id = uploadId(wallet, digest);
  const there = await blobs.size(digest);
  if (there !== undefined) return there;
  const known = claims.find(id);
  if (known !== undefined && (known.size !== size || known.isWhole)) {
    await (await blobs.open(id))?.abandon();
    claims.drop(id);
  }
  const upload = (claims.find(id) && (await blobs.open(id))) ?? (await begin(id));
  if (part.length === 0 && offset <= upload.offset && upload.offset < size) return upload.offset;
  const next = await upload.append(offset, part);
  if (next < size) return next;
  try {
    await upload.finish(digest, { isKept: true }); // I1
  } catch (error) {
    if (error instanceof OrreryError && error.code === "data_loss") claims.drop(id);
    throw error;
  }
  const claim = claims.find(id);
  if (claim !== undefined) claim.isWhole = true;
  return next;
}

function assertPart({ digest, size, offset, part }: PutPart): void {
  const failing = `Cannot put "${digest}"`;
  if (!(size >= 1 && size <= BLOB_BYTES_MAX))
    throw new OrreryError("out_of_range", `${failing}: it has ${size} bytes, and from 1 to ${BLOB_BYTES_MAX} fit`);
  if (part.length > PART_BYTES_MAX)
    throw new OrreryError("out_of_range", `${failing}: a part has ${part.length} bytes, up to ${PART_BYTES_MAX} fit`);
  if (offset + part.length > size)
    throw new OrreryError("out_of_range", `${failing}: a part ends at ${offset + part.length}, and it has ${size}`);
}
