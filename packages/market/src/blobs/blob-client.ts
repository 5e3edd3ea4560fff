import { type Client, type Clock, isOrreryError, OrreryError } from "@orrery/core";
import { createDigest } from "@orrery/registry/blobs";
import type { BlobService } from "../gen/rpc/orrery/market/v1/blobs_pb.ts";
import { BLOB_BYTES_MAX, MISSING_MAX, PART_BYTES_MAX } from "./limits.ts";

/** How often a part is sent or asked for again with no progress between, and how long it rests before, times the try, in ms. */
const TRIES_MAX = 5;
const REST_MS = 200;
/** Codes of what may end well if it is done again. */
const PASSING: ReadonlySet<string> = new Set(["unavailable", "deadline_exceeded", "aborted"]);

/** Options of `put` and `get`. */
export interface TransferBlobOptions {
  /** Gives it up. */
  readonly signal?: AbortSignal;
  /** Told after each part. Default: nobody is. */
  readonly onProgress?: (progress: { readonly bytes: number; readonly of: number }) => void;
}

/** Sends artifacts to a store, and has them back. */
export interface BlobClient {
  /** Which of these the store does not have. */
  missing(digests: readonly string[]): Promise<readonly string[]>;
  /** Sends a blob, from where an earlier try ended; tells how many bytes were sent: none where it is there. */
  put(digest: string, bytes: Uint8Array, options?: TransferBlobOptions): Promise<number>;
  /** @throws OrreryError `not_found`; `data_loss` where the store gives other bytes than the digest names */
  get(digest: string, options?: TransferBlobOptions): Promise<Uint8Array>;
  /** Takes back what this wallet has put. */
  remove(digest: string): Promise<void>;
}

/** Makes a client over the calls of a store, of a node or of `createHttpClient`. */
export function createBlobClient({
  calls,
  clock,
}: {
  readonly calls: Client<typeof BlobService>;
  readonly clock: Clock;
}): BlobClient {
  return {
    missing: async (digests) => {
      const found: string[] = [];
      for (let at = 0; at < digests.length; at += MISSING_MAX)
        found.push(...(await calls.missing({ digests: digests.slice(at, at + MISSING_MAX) })).digests);
      return found;
    },
    put: async (digest, bytes, { signal, onProgress } = {}) => {
      const size = BigInt(bytes.length);
      const options = signal === undefined ? {} : { signal };
      let sent = 0;
      let at: number | undefined;
      await withTries(clock, signal, async () => {
        const part = at === undefined ? new Uint8Array() : bytes.subarray(at, at + PART_BYTES_MAX);
        const offset = at ?? 0;
        at = undefined; // Where this fails the store is asked what it has.
        const said = await calls.put({ digest, size, offset: BigInt(offset), part }, options);
        at = Number(said.offset);
        sent += part.length;
        onProgress?.({ bytes: at, of: bytes.length });
        return at < bytes.length;
      });
      return sent;
    },
    get: async (digest, { signal, onProgress } = {}) => {
      const options = signal === undefined ? {} : { signal };
      const sum = createDigest();
      let bytes: Buffer | undefined;
      let at = 0;
      await withTries(clock, signal, async () => {
        const { size, part } = await calls.get({ digest, offset: BigInt(at) }, options);
        if (size > BigInt(BLOB_BYTES_MAX)) throw spoilt(digest, `it says that it has ${size} bytes`);
        bytes ??= Buffer.allocUnsafeSlow(Number(size));
        if (
          bytes.length !== Number(size) ||
          part.length > bytes.length - at ||
          (part.length === 0 && at < bytes.length)
        )
          throw spoilt(digest, `it gave ${part.length} bytes at ${at} of ${size}`);
        bytes.set(part, at);
        sum.update(part);
        at += part.length;
        onProgress?.({ bytes: at, of: bytes.length });
        return at < bytes.length;
      });
      const found = sum.text();
      if (found !== digest || bytes === undefined) throw spoilt(digest, `its bytes are ${found}`);
      return bytes;
    },
    remove: async (digest) => void (await calls.remove({ digest })),
  };
}

/** Does a step after the other, until one says that it was the last. */
async function withTries(clock: Clock, signal: AbortSignal | undefined, step: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; ; ) {
    try {
      if (!(await step())) return;
      tries = 0;
    } catch (error) {
      if (!isOrreryError(error) || !PASSING.has(error.code) || ++tries >= TRIES_MAX) throw error;
      await clock.sleep(REST_MS * tries, signal);
    }
  }
}

function spoilt(digest: string, why: string): OrreryError {
  return new OrreryError("data_loss", `Cannot take "${digest}" from this store: ${why}, take it from another`);
}
