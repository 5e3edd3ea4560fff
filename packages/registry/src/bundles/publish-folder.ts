import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { BUNDLE_FILE, parseBundleFile } from "./bundle-file.ts";
import type { Bundles, PublishResult } from "./bundles.ts";
import { inPieces } from "./in-pieces.ts";
import { BUNDLE_PIECE_BYTES } from "./limits.ts";
import type { BundleFile } from "./manifest.ts";
import { type FileToPack, listFolder, readFiles } from "./read-folder.ts";
import { sumPassing } from "./sum-passing.ts";
import type { PublisherKey } from "./system-publisher-key.ts";
import { writeArchive } from "./write-archive.ts";

/** Publishes and fetches in the name of somebody: bundles of the own process, or of another over the network. */
export interface BundleAccess {
  begin(request: Parameters<Bundles["begin"]>[0]): ReturnType<Bundles["begin"]>;
  append(request: Parameters<Bundles["append"]>[0]): ReturnType<Bundles["append"]>;
  publish(request: Parameters<Bundles["publish"]>[0]): ReturnType<Bundles["publish"]>;
  describe(address: string): ReturnType<Bundles["describe"]>;
  fetch(address: string): ReturnType<Bundles["fetch"]>;
}

/** Options of `publishFiles`. */
export interface PublishFilesOptions {
  readonly files: readonly FileToPack[];
  /** The version to make, such as `demo.test:site:1.0.0`, or what makes it of the digest of the content. */
  readonly address: string | ((digest: string) => string);
  /** Signs it. */
  readonly key: PublisherKey;
  /** Told how much of the archive has been sent. Default: nobody. */
  readonly onProgress?: (progress: { readonly sent: number; readonly bytes: number }) => void;
}

/** Options of `publishFolder`. */
export interface PublishFolderOptions extends Omit<PublishFilesOptions, "files" | "address"> {
  readonly folder: string;
  /** The version to make, such as `demo.test:site:1.0.0`. */
  readonly address: string;
}

/**
 * Publishes a folder as a version of a bundle. One that was interrupted goes on where it was when it is called again.
 * @throws OrreryError `invalid_argument` for a folder that is no bundle, `already_exists` where the version has other content, and as `Bundles`
 */
export async function publishFolder(
  access: BundleAccess,
  { folder, ...options }: PublishFolderOptions,
): Promise<PublishResult> {
  return publishFiles(access, { files: await listFolder(folder), ...options });
}

/**
 * Publishes files from wherever they are as a version of a bundle; nothing is sent of one that is there already.
 * @throws OrreryError as `publishFolder`
 */
export async function publishFiles(
  access: BundleAccess,
  { files, address: said, key, onProgress = () => {} }: PublishFilesOptions,
): Promise<PublishResult> {
  const manifest = await readFiles(files);
  const places = new Map(files.map(({ path, from }) => [path, from]));
  const placeOf = (path: string) => places.get(path) ?? path;
  const description = places.get(`/${BUNDLE_FILE}`);
  if (description !== undefined)
    parseBundleFile(await readFile(description, "utf8"), { file: description, files: manifest.files });
  const address = typeof said === "string" ? said : said(manifest.digest);
  // It is packed twice, the same each time, so that it takes no room on the disk.
  const pack = () => writeArchive(manifest, { read: ({ path }: BundleFile) => createReadStream(placeOf(path)) });
  const { digest: archive, bytes } = await sumPassing(pack());
  const begun = await access.begin({ address, archive, bytes, digest: manifest.digest });
  if (!begun.published) {
    let at = 0;
    for await (const piece of inPieces(pack(), BUNDLE_PIECE_BYTES)) {
      const from = Math.max(at, begun.offset);
      at += piece.length;
      if (at <= from) continue;
      await access.append({ archive, offset: from, piece: piece.subarray(piece.length - (at - from)) });
      onProgress({ sent: at, bytes });
    }
  }
  const signed = { publisher: key.publisher, signature: key.sign(manifest.text) };
  return access.publish({ address, archive, manifest: manifest.text, ...signed });
}
