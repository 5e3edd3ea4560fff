import { mkdir, open, readdir, readFile, rm, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "@orrery/core";
import { createOneAtATime } from "@orrery/core/internal";
import type { BlobRef } from "../resource.ts";
import { assertDigest, assertUpload, endedUpload, isUploadName, newBytes, takenUpload } from "./blob-rules.ts";
import type { BlobStore, BlobUpload, StoredItem } from "./blob-store.ts";
import { readPieces } from "./read-pieces.ts";
import { createDigest, type Digest } from "./system-digest.ts";

/** Options of `createStagedUploads`. */
export interface StagedUploadsOptions {
  /** Made where it is missing; nobody else may read it. */
  readonly folder: string;
  /** Tells the age of what is there. */
  readonly clock: Pick<Clock, "now">;
  /** Takes a file whose bytes are on the disk, and makes a blob of it; the file may be gone afterwards. */
  readonly take: (path: string, blob: BlobRef) => Promise<void>;
}

/**
 * Uploads as files in a folder: `NAME.note` says that there is one, `NAME.bytes` has what came, and is made by the first bytes.
 *
 * I1 The length of `NAME.bytes` is the offset. What is written is kept by the system when the process is killed; a machine that loses power
 * may lose the end, which the digest tells.
 * I2 `NAME.done` says what blob it is, and is written when the bytes were found to be that, before they are taken: one that is there is proof.
 */
export function createStagedUploads({
  folder,
  clock,
  take,
}: StagedUploadsOptions): Pick<BlobStore, "begin" | "open"> & { list(): AsyncIterable<StoredItem> } {
  const oneAtATime = createOneAtATime();
  const stage = createStage({ folder, take });
  const { noteOf, lengthOf } = stage;
  const handle = (id: string, note: string, start: number): BlobUpload => {
    let offset = start;
    return {
      id,
      note,
      get offset() {
        return offset;
      },
      append: (at, bytes) =>
        oneAtATime(id, async () => {
          offset = await stage.append(id, at, bytes);
          return offset;
        }),
      finish: (meant, { isKept = false } = {}) => oneAtATime(id, () => stage.finish(id, { meant, isKept })),
      abandon: (before = Number.POSITIVE_INFINITY) =>
        oneAtATime(id, async () => {
          const at = await stage.ageOf(id);
          if (at === undefined || at > before) return false;
          await stage.forget(id);
          return true;
        }),
    };
  };
  return {
    begin: async (id, note) => {
      assertUpload(id, note);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(noteOf(id), note, { mode: 0o600, flag: "wx", flush: true }).catch((cause) => {
        throw cause.code === "EEXIST" ? takenUpload(id) : cause;
      });
      stage.watch(id);
      return handle(id, note, 0);
    },
    open: async (id) => {
      assertUpload(id);
      const note = await readFile(noteOf(id), "utf8").catch(ignoreMissing);
      return note === undefined ? undefined : handle(id, note, await lengthOf(id));
    },
    async *list() {
      for (const name of (await readdir(folder).catch(ignoreMissing)) ?? []) {
        if (!name.endsWith(".note")) continue;
        const id = name.slice(0, -".note".length);
        if (!isUploadName(id)) continue;
        const at = await stage.ageOf(id);
        if (at !== undefined) yield { name: id, at: Math.min(at, clock.now()) };
      }
    },
  };
}

/** What is done with the files of one upload after the other. */
interface Stage {
  noteOf(id: string): string;
  /** Expects the bytes from the first on. */
  watch(id: string): void;
  lengthOf(id: string): Promise<number>;
  append(id: string, offset: number, bytes: Uint8Array): Promise<number>;
  finish(id: string, how: { readonly meant: string | undefined; readonly isKept: boolean }): Promise<BlobRef>;
  /** When something last came; `undefined` where there is no such upload. */
  ageOf(id: string): Promise<number | undefined>;
  forget(id: string): Promise<void>;
}

function createStage({ folder, take }: Pick<StagedUploadsOptions, "folder" | "take">): Stage {
  /** Digests of what this process appended from the first byte on; all others are read from the disk at the end. */
  const sums = new Map<string, { readonly digest: Digest; offset: number }>();
  const noteOf = (id: string) => join(folder, `${id}.note`);
  const bytesOf = (id: string) => join(folder, `${id}.bytes`);
  const donePathOf = (id: string) => join(folder, `${id}.done`);
  const doneOf = async (id: string) => {
    const text = await readFile(donePathOf(id), "utf8").catch(ignoreMissing);
    return text?.endsWith("}") ? (JSON.parse(text) as BlobRef) : undefined; // Else it was not written to its end.
  };
  const lengthOf = async (id: string) => (await doneOf(id))?.bytes ?? (await sizeOf(bytesOf(id)))?.size ?? 0;
  const ageOf = async (id: string) =>
    ((await sizeOf(donePathOf(id))) ?? (await sizeOf(bytesOf(id))) ?? (await sizeOf(noteOf(id))))?.at;
  const forget = async (id: string) => {
    sums.delete(id);
    for (const path of [donePathOf(id), bytesOf(id), noteOf(id)]) await rm(path, { force: true });
  };
  const digestOf = async (id: string, bytes: number) => {
    const sum = sums.get(id);
    sums.delete(id); // It can be told once.
    if (sum?.offset === bytes) return sum.digest.text();
    const digest = createDigest();
    for await (const piece of readPieces(bytesOf(id), { from: 0, to: bytes })) digest.update(piece);
    return digest.text();
  };

  const sumUp = async (id: string): Promise<BlobRef> => {
    const bytes = await syncFile(bytesOf(id));
    return { digest: await digestOf(id, bytes), bytes };
  };

  const append = async (id: string, offset: number, bytes: Uint8Array) => {
    if ((await sizeOf(noteOf(id))) === undefined) throw endedUpload(id);
    const done = await doneOf(id);
    const there = done?.bytes ?? (await sizeOf(bytesOf(id)))?.size ?? 0;
    const added = newBytes({ id, offset: there }, offset, bytes);
    if (added.length === 0) return there;
    if (done !== undefined) throw endedUpload(id);
    const sum = sums.get(id);
    if (sum?.offset !== there) sums.delete(id);
    await writeAt(bytesOf(id), there, added);
    sum?.digest.update(added);
    if (sum !== undefined) sum.offset += added.length;
    return there + added.length;
  };
  const finish: Stage["finish"] = async (id, { meant, isKept }) => {
    if ((await sizeOf(noteOf(id))) === undefined) throw endedUpload(id);
    const before = await doneOf(id);
    const blob = before ?? (await sumUp(id));
    if (meant !== undefined && meant !== blob.digest) await forget(id);
    assertDigest(id, blob.digest, meant);
    if (isKept && before === undefined) await writeFile(donePathOf(id), JSON.stringify(blob), { mode: 0o600 }); // I2
    const isTaken = before !== undefined && (await sizeOf(bytesOf(id))) === undefined;
    if (!isTaken) await take(bytesOf(id), blob);
    if (isKept) await rm(bytesOf(id), { force: true });
    else await forget(id);
    return blob;
  };
  const watch = (id: string) => void sums.set(id, { digest: createDigest(), offset: 0 });
  return { noteOf, watch, lengthOf, ageOf, append, finish, forget };
}

/** Size and age of a file; `undefined` where it is not there. */
export async function sizeOf(path: string): Promise<{ readonly size: number; readonly at: number } | undefined> {
  const found = await stat(path).catch(ignoreMissing);
  return found && { size: found.size, at: found.mtimeMs };
}

/** For `catch`: what is not there is nothing, all else is thrown. */
export function ignoreMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
}

/** Takes a file away, where it is there; tells whether it was. */
export async function removeFile(path: string): Promise<boolean> {
  return (await unlink(path).then(() => true, ignoreMissing)) ?? false;
}

async function writeAt(path: string, offset: number, bytes: Uint8Array): Promise<void> {
  const file = await open(path, offset === 0 ? "a" : "r+", 0o600);
  try {
    for (let done = 0; done < bytes.length; )
      done += (await file.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
  } finally {
    await file.close();
  }
}

/** Sees that a file is on the disk, made where it is missing; gives its length. */
async function syncFile(path: string): Promise<number> {
  const file = await open(path, "a", 0o600);
  try {
    await file.sync();
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}
