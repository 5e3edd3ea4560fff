import { chmod, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { OrreryError, type Random } from "@orrery/core";
import { ignoreMissing } from "../blobs/staged-uploads.ts";
import { readBundle } from "./check-archive.ts";
import { parseManifest, type SealedManifest } from "./manifest.ts";
import type { BundleAccess } from "./publish-folder.ts";
import { isSignedBy } from "./system-publisher-key.ts";

/** Options of `fetchBundle`. */
export interface FetchBundleOptions {
  /** The version; a tag may stand for it. */
  readonly address: string;
  /** Where its files go: a folder that is not there, or empty. */
  readonly folder: string;
  /** Names the folder in which they are put together. */
  readonly random: Random;
  /** The public key that must have signed it. Default: any. */
  readonly publisher?: string;
}

/** What was fetched. */
export interface FetchedBundle extends SealedManifest {
  /** With the version that a tag named. */
  readonly address: string;
  readonly publisher: string;
}

/**
 * Fetches a version into a folder. What comes is held to the manifest, and that to its signature, in a folder beside; only what is whole gets
 * the name.
 * @throws OrreryError `failed_precondition` where the folder has something in it, or another publisher signed; `data_loss` where something differs
 */
export async function fetchBundle(access: BundleAccess, options: FetchBundleOptions): Promise<FetchedBundle> {
  const { address: text, folder, random, publisher: wanted } = options;
  const present = await readdir(folder).catch(ignoreMissing);
  if (present !== undefined && present.length > 0)
    throw refused(text, `"${folder}" has something in it, name an empty folder`);
  const { address, manifest: said, publisher, signature } = await access.describe(text);
  const manifest = parseManifest(said);
  if (!isSignedBy(said, { publisher, signature }))
    throw new OrreryError(
      "data_loss",
      `Cannot fetch "${address}": its signature is not of its manifest, do not use it`,
    );
  if (wanted !== undefined && wanted !== publisher) throw refused(address, `"${publisher}" signed it, not "${wanted}"`);
  const partial = `${folder.replace(/\/+$/, "")}.${Buffer.from(random.bytes(8)).toString("hex")}.partial`;
  try {
    await mkdir(partial, { recursive: true });
    for await (const { file, content } of readBundle(access.fetch(address), manifest)) {
      const path = join(partial, file.path);
      await mkdir(dirname(path), { recursive: true });
      await write(path, content);
      await chmod(path, file.executable ? 0o755 : 0o644);
    }
    await rename(partial, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return { ...manifest, address, publisher };
}

async function write(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, "wx");
  try {
    for await (const piece of content) await file.writeFile(piece);
  } finally {
    await file.close();
  }
}

function refused(address: string, why: string): OrreryError {
  return new OrreryError("failed_precondition", `Cannot fetch "${address}": ${why}`);
}
