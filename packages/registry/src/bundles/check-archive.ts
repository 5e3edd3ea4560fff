import { OrreryError } from "@orrery/core";
import { createDigest } from "../blobs/system-digest.ts";
import { BUNDLE_FILE, type BundleDescription, parseBundleFile } from "./bundle-file.ts";
import { BUNDLE_FILE_LENGTH_MAX } from "./limits.ts";
import type { BundleFile, SealedManifest } from "./manifest.ts";
import { type ArchivedFile, readArchive } from "./read-archive.ts";

/**
 * Gives the files of an archive, each of which its manifest must have so; at the end none may be missing.
 * @throws OrreryError as `readArchive`, and `data_loss` where archive and manifest differ
 */
export async function* readBundle(
  source: AsyncIterable<Uint8Array>,
  { files }: SealedManifest,
): AsyncGenerator<{ readonly file: BundleFile; readonly content: AsyncIterable<Uint8Array> }> {
  const left = new Map(files.map((file) => [file.path, file]));
  for await (const archived of readArchive(source)) {
    const file = left.get(archived.path);
    if (file === undefined || file.bytes !== archived.bytes || file.executable !== archived.executable)
      throw otherwise(archived.path);
    left.delete(file.path);
    yield { file, content: asSaid(file, archived) };
  }
  const [missing] = left.keys();
  if (missing !== undefined) throw otherwise(missing);
}

/** The bytes of a file, which fail at their end where they are not those that the manifest names. */
async function* asSaid({ path, digest }: BundleFile, { content }: ArchivedFile): AsyncGenerator<Uint8Array> {
  const sum = createDigest();
  for await (const piece of content) {
    sum.update(piece);
    yield piece;
  }
  if (sum.text() !== digest) throw otherwise(path);
}

/**
 * Reads a whole archive and holds it to its manifest; stores nothing. Gives what the bundle says of itself.
 * @throws OrreryError `invalid_argument` for what no bundle may have or a `bundle.yaml` that is wrong, `data_loss` for an archive that is broken
 */
export async function checkArchive(
  source: AsyncIterable<Uint8Array>,
  manifest: SealedManifest,
): Promise<BundleDescription | undefined> {
  let description: BundleDescription | undefined;
  for await (const { file, content } of readBundle(source, manifest)) {
    const isDescribing = file.path === `/${BUNDLE_FILE}`;
    const pieces: Uint8Array[] = [];
    if (isDescribing && file.bytes > 4 * BUNDLE_FILE_LENGTH_MAX)
      throw new OrreryError(
        "invalid_argument",
        `Cannot read "${BUNDLE_FILE}": it is longer than ${BUNDLE_FILE_LENGTH_MAX} characters`,
      );
    for await (const piece of content) if (isDescribing) pieces.push(piece);
    if (!isDescribing) continue;
    description = parseBundleFile(Buffer.concat(pieces).toString("utf8"), { file: BUNDLE_FILE, files: manifest.files });
  }
  return description;
}

function otherwise(path: string): OrreryError {
  return new OrreryError(
    "data_loss",
    `Cannot use the archive of a bundle: its manifest does not have "${path.slice(1)}" as the archive does, make and send both anew`,
    { details: { path } },
  );
}
