import { isOrreryError, OrreryError } from "@orrery/core";
import { digitsOf } from "../blobs/blob-rules.ts";
import type { BlobStore } from "../blobs/blob-store.ts";
import { digestOf } from "../blobs/system-digest.ts";
import type { By } from "../registry.ts";
import { ARCHIVES_REMEMBERED, UPLOADS_OF_PUBLISHER_MAX } from "./limits.ts";

/** An archive, by its digest, and who sends it. */
export interface ArchiveOf {
  readonly archive: string;
  readonly by: By;
}

/**
 * Archives on their way. Each agent sends its own.
 *
 * I1 Only what an agent has sent itself is settled for it: to know the digest of an archive is not enough.
 */
export interface SentArchives {
  /** How many bytes are there; begins where none are. @throws OrreryError `resource_exhausted` where too many are on their way */
  begin(of: ArchiveOf): Promise<number>;
  /** Sends a piece; gives the new offset. @throws OrreryError `not_found` where it was not begun, `out_of_range` where bytes between are missing */
  append(of: ArchiveOf, piece: { readonly offset: number; readonly piece: Uint8Array }): Promise<number>;
  /** Makes a blob of an archive that was sent. @throws OrreryError `not_found` where it was not, `data_loss` */
  settle(of: ArchiveOf): Promise<void>;
  /** Ends it. One that was published may be published again by who sent it, for a while. */
  end(of: ArchiveOf, how: { readonly isPublished: boolean }): Promise<void>;
}

/** Makes them over a store of blobs. */
export function createSentArchives(blobs: BlobStore): SentArchives {
  /** Names of uploads that ended well; the oldest go first. */
  const ended = new Set<string>();
  const isThere = async (archive: string) => (await blobs.size(archive, { isWanted: true })) !== undefined;
  return {
    begin: async (of) => {
      const name = uploadName(of);
      const there = await blobs.open(name);
      if (there !== undefined) return there.offset;
      const bytes = ended.has(name) ? await blobs.size(of.archive, { isWanted: true }) : undefined; // I1
      return bytes ?? beginNew(blobs, of);
    },
    append: async (of, { offset, piece }) => {
      const upload = await blobs.open(uploadName(of));
      const there = await upload?.append(offset, piece).catch(nothingWhere("not_found"));
      if (there !== undefined) return there;
      // Somebody of the same name may have sent all of it.
      if (!(await isThere(of.archive))) throw notSent(of);
      return offset + piece.length;
    },
    settle: async (of) => {
      const upload = await blobs.open(uploadName(of));
      const made = await upload?.finish(of.archive, { isKept: true }).catch(nothingWhere("not_found"));
      const isOwn = made !== undefined || ended.has(uploadName(of)); // I1
      if (isOwn && (await isThere(of.archive))) return;
      await upload?.abandon(); // Else its bytes were swept, since nothing was published for a day.
      throw notSent(of);
    },
    end: async (of, { isPublished }) => {
      const name = uploadName(of);
      if (isPublished) ended.add(name);
      if (ended.size > ARCHIVES_REMEMBERED) ended.delete([...ended][0] ?? "");
      await (await blobs.open(name))?.abandon();
    },
  };
}

/** Each agent has uploads of its own, so that nobody writes into those of others. */
function uploadName({ archive, by }: ArchiveOf): string {
  return `${uploadPrefix(by)}${digitsOf(archive)}`;
}

function uploadPrefix({ agent }: By): string {
  return `bundle-${digitsOf(digestOf(Buffer.from(agent))).slice(0, 24)}-`;
}

async function beginNew(blobs: BlobStore, of: ArchiveOf): Promise<number> {
  let mine = 0;
  for await (const item of blobs.list("uploads")) if (item.name.startsWith(uploadPrefix(of.by))) mine++;
  if (mine < UPLOADS_OF_PUBLISHER_MAX) {
    const name = uploadName(of);
    const begun = (await blobs.begin(name, "").catch(nothingWhere("already_exists"))) ?? (await blobs.open(name));
    if (begun !== undefined) return begun.offset;
  }
  throw new OrreryError(
    "resource_exhausted",
    `Cannot begin to publish: ${mine} archives of "${of.by.agent}" are on their way, finish one or wait until they are swept`,
  );
}

function notSent({ archive, by }: ArchiveOf): OrreryError {
  return new OrreryError(
    "not_found",
    `Cannot use archive "${archive.slice(0, 80)}" as "${by.agent}": it was not sent, begin and send it first`,
  );
}

/** For `catch`: these codes mean nothing, all else is thrown. */
export function nothingWhere(...codes: readonly string[]): (error: unknown) => undefined {
  return (error) => {
    if (!isOrreryError(error) || !codes.includes(error.code)) throw error;
    return undefined;
  };
}
