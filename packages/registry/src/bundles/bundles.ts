import { isOrreryError, OrreryError, type Random } from "@orrery/core";
import { parentText } from "../address/address.ts";
import type { BlobStore } from "../blobs/blob-store.ts";
import { putBlob } from "../blobs/put-blob.ts";
import type { By, Registry, ResourceView, Written } from "../registry.ts";
import { denied } from "../rights/decide.ts";
import { bundleSteps } from "./bundle-steps.ts";
import { checkArchive } from "./check-archive.ts";
import { inPieces } from "./in-pieces.ts";
import { ARCHIVE_BYTES_MAX, BUNDLE_PIECE_BYTES } from "./limits.ts";
import { parseManifest } from "./manifest.ts";
import { resolveTags } from "./resolve-tags.ts";
import { createSentArchives, nothingWhere } from "./sent-archives.ts";
import { storeFiles } from "./store-files.ts";
import { isSignedBy } from "./system-publisher-key.ts";
import { parseVersionAddress, type VersionAddress } from "./version-address.ts";
import { writeArchive } from "./write-archive.ts";

/** Options of `createBundles`. */
export interface BundlesOptions {
  /** Where versions become resources. */
  readonly registry: Registry;
  /** Where archives wait and files are kept. */
  readonly blobs: BlobStore;
  /** Names uploads. */
  readonly random: Random;
}

/** An archive that shall be sent. */
export interface BeginRequest {
  /** The version, such as `demo.test:site:1.0.0`. */
  readonly address: string;
  /** The digest of the archive. */
  readonly archive: string;
  /** Its length. */
  readonly bytes: number;
  /** The digest of the manifest. */
  readonly digest: string;
}

/** What is there of an archive. */
export interface BeginResult {
  /** Whether the version is there already, with this digest; nothing needs to be sent then. */
  readonly published: boolean;
  /** How many bytes of the archive are there. */
  readonly offset: number;
}

/** A version that shall be made of an archive that was sent. */
export interface PublishRequest extends Pick<BeginRequest, "address" | "archive"> {
  /** As `sealManifest` writes it. */
  readonly manifest: string;
  /** The public key of who signed the manifest. */
  readonly publisher: string;
  readonly signature: string;
}

/** What was published. */
export interface PublishResult extends Written {
  /** Of the manifest. */
  readonly digest: string;
}

/** What a version is, and who says so. */
export interface BundleSeal extends Pick<PublishRequest, "manifest" | "publisher" | "signature"> {
  /** With the version that a tag named. */
  readonly address: string;
}

/**
 * Publishes bundles and gives them back.
 *
 * I1 A version is there with all of its files or not at all: its files are in the blobs before one write makes its resources.
 * I2 What was refused left nothing but blobs that no resource refers to, which a sweep takes.
 * I3 A version never has other files than those of the manifest that its publisher signed.
 */
export interface Bundles {
  /**
   * Begins to send an archive, or goes on where it was.
   * @throws OrreryError `already_exists` where the version has other content, `permission_denied`, `invalid_argument`, `resource_exhausted`
   */
  begin(request: BeginRequest, by: By): Promise<BeginResult>;
  /** Sends a piece; gives the new offset. @throws OrreryError `not_found` where it was not begun, `out_of_range` where bytes between are missing */
  append(
    request: { readonly archive: string; readonly offset: number; readonly piece: Uint8Array },
    by: By,
  ): Promise<number>;
  /**
   * Makes a version. The same again changes nothing.
   * @throws OrreryError `already_exists` where the version has other content, `invalid_argument`, `data_loss`, `not_found`, `permission_denied`
   */
  publish(request: PublishRequest, by: By): Promise<PublishResult>;
  /** What a version is; a tag may stand for it. @throws OrreryError `not_found`, `permission_denied` */
  describe(address: string, by: By): Promise<BundleSeal>;
  /** The archive of a version. @throws OrreryError as `describe` */
  fetch(address: string, by: By): AsyncIterable<Uint8Array>;
}

/** Makes the bundles of a registry. */
export function createBundles({ registry, blobs, random }: BundlesOptions): Bundles {
  const archives = createSentArchives(blobs);
  const nameUpload = () => `bundle-file-${Buffer.from(random.bytes(16)).toString("hex")}`;
  const read = (address: string, by: By) =>
    registry.get(address, by).catch(nothingWhere("not_found", "permission_denied"));
  const publish = async (request: PublishRequest, by: By): Promise<PublishResult> => {
    const version = parseVersionAddress(request.address);
    const { address } = version;
    await assertMayPublish(registry, version, by);
    const manifest = parseManifest(request.manifest);
    if (!isSignedBy(manifest.text, request))
      throw new OrreryError(
        "invalid_argument",
        `Cannot publish "${address}": the signature is not of this manifest by this key, sign it anew`,
      );
    const { digest } = manifest;
    const there = async () =>
      isPublished(await read(address, by), digest)
        ? { address, digest, revision: registry.revision(), changed: false }
        : undefined;
    const sent = { archive: request.archive, by };
    try {
      const before = await there();
      if (before !== undefined) return before;
      await archives.settle(sent);
      const description = await checkArchive(blobs.read(request.archive), manifest);
      await storeFiles(blobs.read(request.archive), manifest, { blobs, nameUpload });
      const content = await putBlob(blobs, { source: [Buffer.from(manifest.text)], id: nameUpload(), digest });
      const steps = bundleSteps(version, { ...request, manifest, description, content });
      const { revision } = await registry.apply(steps, by);
      await archives.end(sent, { isPublished: true });
      return { address, digest, revision, changed: true };
    } catch (error) {
      const meanwhile = isOrreryError(error) && MEANWHILE.includes(error.code) ? await there() : undefined;
      if (!isPassing(error)) await archives.end(sent, { isPublished: false });
      if (meanwhile === undefined) throw error;
      return meanwhile;
    }
  };
  return {
    begin: async ({ address: text, archive, bytes, digest }, by) => {
      const version = parseVersionAddress(text);
      await assertMayPublish(registry, version, by);
      if (!(bytes > 0 && bytes <= ARCHIVE_BYTES_MAX))
        throw new OrreryError(
          "invalid_argument",
          `Cannot publish "${text}": its archive has ${bytes} bytes, it may have up to ${ARCHIVE_BYTES_MAX}`,
        );
      if (isPublished(await read(version.address, by), digest)) return { published: true, offset: bytes };
      return { published: false, offset: await archives.begin({ archive, by }) };
    },
    append: async ({ archive, offset, piece }, by) => {
      if (piece.length > BUNDLE_PIECE_BYTES || offset + piece.length > ARCHIVE_BYTES_MAX)
        throw new OrreryError(
          "invalid_argument",
          `Cannot send ${piece.length} bytes at ${offset}: a piece has up to ${BUNDLE_PIECE_BYTES}, an archive up to ${ARCHIVE_BYTES_MAX}`,
        );
      return archives.append({ archive, by }, { offset, piece });
    },
    publish,
    describe: (address, by) => describeBundle(address, by, { registry, blobs }),
    async *fetch(address, by) {
      const manifest = parseManifest((await describeBundle(address, by, { registry, blobs })).manifest);
      yield* inPieces(writeArchive(manifest, { read: ({ digest }) => blobs.read(digest) }), BUNDLE_PIECE_BYTES);
    },
  };
}

async function describeBundle(
  text: string,
  by: By,
  { registry, blobs }: Pick<BundlesOptions, "registry" | "blobs">,
): Promise<BundleSeal> {
  const address = await resolveTags(text, (tag) => registry.get(tag, by), { isVersionMeant: true });
  const bundle = await registry.get(address, by);
  const { manifest } = bundle.state;
  if (bundle.kind !== "Bundle" || manifest === undefined)
    throw new OrreryError(
      "failed_precondition",
      `Cannot fetch "${text}": it is a ${bundle.kind}, name a version of a bundle`,
    );
  const { publisher = "", signature = "" } = bundle.properties as Record<string, string>;
  return { address: bundle.address, manifest: await readText(blobs, manifest.digest), publisher, signature };
}

/** Whether a version is there with this content. @throws OrreryError `already_exists` where it has another */
function isPublished(bundle: ResourceView | undefined, digest: string): boolean {
  const there = bundle?.state["manifest"]?.digest;
  if (bundle === undefined || there === digest) return bundle !== undefined;
  throw new OrreryError(
    "already_exists",
    `Cannot publish "${bundle.address}": it is there with digest ${there}, and this has ${digest}, publish another version`,
    { details: { address: bundle.address, there: there ?? "", digest } },
  );
}

/** Whoever may create in the series, or make the series, may send what it will be; the write decides again. */
async function assertMayPublish(registry: Registry, { series }: VersionAddress, by: By): Promise<void> {
  const can = (address: string) => registry.can({ agent: by.agent, verb: "create", address }, by);
  const decision = await can(series);
  if (!decision.allowed && !(await can(parentText(series))).allowed)
    throw denied({ agent: by.agent, verb: "create", address: series }, decision);
}

/** What is refused where somebody else was there first, with the same. */
const MEANWHILE: readonly string[] = ["already_exists", "not_found"];

/** Whether the same may go well another time: then what was sent stays. */
function isPassing(error: unknown): boolean {
  return !isOrreryError(error) || ["unavailable", "unknown", "resource_exhausted", "aborted"].includes(error.code);
}

async function readText(blobs: BlobStore, digest: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of blobs.read(digest)) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}
