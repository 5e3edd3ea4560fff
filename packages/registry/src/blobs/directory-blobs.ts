import { mkdir, readdir, rename, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Clock } from "@orrery/core";
import { createOneAtATime } from "@orrery/core/internal";
import { syncFolder } from "@orrery/mesh/internal";
import { digitsOf, missingBlob, spanOf } from "./blob-rules.ts";
import type { BlobStore } from "./blob-store.ts";
import { readPieces } from "./read-pieces.ts";
import { createStagedUploads, ignoreMissing, removeFile, sizeOf } from "./staged-uploads.ts";

/** Options of a store in a directory. */
export interface DirectoryBlobsOptions {
  /** Made where it is missing. One process at a time uses it; whoever calls holds the lock of it. */
  readonly folder: string;
  /** Tells the age of what comes. */
  readonly clock: Pick<Clock, "now">;
}

/**
 * Makes a store in a directory: `blobs/ab/abcd…` are the blobs, by the digits of their digests, `uploads/` has what is under way. A blob gets
 * its name by renaming a file that is whole and on the disk. Files are readable by their owner alone; files of other names are left alone.
 */
export function createDirectoryBlobs({ folder, clock }: DirectoryBlobsOptions): BlobStore {
  const oneAtATime = createOneAtATime();
  const pathOf = (digest: string) => {
    const digits = digitsOf(digest);
    return join(folder, "blobs", digits.slice(0, 2), digits);
  };
  const touch = (path: string) => utimes(path, clock.now() / 1000, clock.now() / 1000);
  const uploads = createStagedUploads({
    folder: join(folder, "uploads"),
    clock,
    take: (staged, { digest }) =>
      oneAtATime(digest, async () => {
        const path = pathOf(digest);
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await touch(staged);
        await rename(staged, path);
        await syncFolder(dirname(path));
      }),
  });
  return {
    begin: uploads.begin,
    open: uploads.open,
    size: (digest, { isWanted = false } = {}) =>
      oneAtATime(digest, async () => {
        const path = pathOf(digest);
        const found = await sizeOf(path);
        if (found !== undefined && isWanted) await touch(path);
        return found?.size;
      }),
    async *read(digest, range = {}) {
      const path = pathOf(digest);
      const found = await sizeOf(path);
      if (found === undefined) throw missingBlob(digest);
      yield* readPieces(path, spanOf(range, { digest, bytes: found.size }));
    },
    remove: (digest, before) =>
      oneAtATime(digest, async () => {
        const path = pathOf(digest);
        const found = await sizeOf(path);
        return found !== undefined && found.at <= before && (await removeFile(path));
      }),
    async *list(what) {
      if (what === "uploads") return yield* uploads.list();
      const shards = (await readdir(join(folder, "blobs")).catch(ignoreMissing)) ?? [];
      for (const shard of shards.filter((name) => /^[0-9a-f]{2}$/.test(name))) {
        for (const digits of (await readdir(join(folder, "blobs", shard)).catch(ignoreMissing)) ?? []) {
          if (!/^[0-9a-f]{64}$/.test(digits) || !digits.startsWith(shard)) continue;
          const found = await sizeOf(join(folder, "blobs", shard, digits));
          if (found !== undefined) yield { name: `sha256:${digits}`, at: found.at };
        }
      }
    },
  };
}
