import { OrreryError } from "@orrery/core";

/** What a platform keeps beside its registry, and a backup has with it. */
export interface BackupPart {
  /** Folder of its files in the archive: 1 to 20 small letters, neither `registry` nor `blobs`. */
  readonly name: string;
  /**
   * Takes all of it as it is at one moment. From then until `release` nothing new of it is said to anybody, so that it fits what the registry has at any
   * moment in between.
   */
  hold(): Promise<HeldPart>;
}

/** A part as it was at one moment. */
export interface HeldPart {
  readonly files: readonly PartFile[];
  /** Lets it go on; `files` stay as they are. Once is enough. */
  release(): void;
}

/** A file of a part. */
export interface PartFile {
  /** Up to 64 letters, digits, `.`, `_` and `-`. */
  readonly name: string;
  /** Undefined where there is nothing that must be kept. */
  read(): Promise<Uint8Array | undefined>;
}

const FILE = /^([a-z]{1,20})\/([A-Za-z0-9_][A-Za-z0-9._-]{0,63})$/;

/** The part and the file that an entry of an archive is of; undefined for other entries. */
export function partFileOf(entry: string): { readonly part: string; readonly file: string } | undefined {
  const [, part = "registry", file = ""] = FILE.exec(entry) ?? [];
  return part === "registry" || part === "blobs" ? undefined : { part, file };
}

/** Takes all parts at one moment. @throws whatever a part does */
export async function holdParts(
  parts: readonly BackupPart[],
): Promise<readonly (HeldPart & { readonly name: string })[]> {
  const held = await Promise.allSettled(parts.map(async (part) => ({ name: part.name, ...(await part.hold()) })));
  const all = held.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failed = held.find((one) => one.status === "rejected");
  if (failed === undefined) return all;
  for (const one of all) one.release();
  throw failed.reason;
}

/** @throws OrreryError `failed_precondition`: who restores knows nothing of a part */
export function refusePart(entry: string): never {
  const text = `Cannot restore the backup: nobody here takes "${entry}", restore it with what made it`;
  throw new OrreryError("failed_precondition", text);
}
