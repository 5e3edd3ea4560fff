import { OrreryError } from "@orrery/core";
import { isFolder, printImageName } from "../pod/image-name.ts";
import type { ImageName } from "../pod/pod.ts";
import { MEDIA } from "./image.ts";
import { ARCHIVE_BYTES_MAX } from "./limits.ts";
import { makeArchive, type PackedImage } from "./make-archive.ts";
import { isIndex, parseImageJson, parseManifest, pickManifest } from "./parse-manifest.ts";
import { registryPlace } from "./registry-place.ts";
import { createRegistryClient, type RegistryClientOptions } from "./system-registry-client.ts";

/** Options of `fetchImage`. */
export type FetchImageOptions = RegistryClientOptions;

const ACCEPTED = [MEDIA.manifest, MEDIA.index, MEDIA.dockerManifest, MEDIA.dockerIndex];

/**
 * Fetches an image from its registry as an archive. A tag is resolved once: the digest that is given names what was fetched from then on. Of an index
 * for several kinds of machines the one for Linux on amd64 is fetched, and the index's digest given. All that comes is checked against its digest.
 * @throws OrreryError `not_found`, `permission_denied`, `unavailable`; `data_loss` where a registry gives something else than its digest says;
 * `resource_exhausted` for an image over the bounds
 */
export async function fetchImage(name: ImageName, options: FetchImageOptions = {}): Promise<PackedImage> {
  if (isFolder(name))
    throw new OrreryError(
      "invalid_argument",
      `Cannot fetch "${printImageName(name)}": it is a folder, pack it instead`,
    );
  const place = registryPlace(name);
  const client = createRegistryClient(place, options);
  const top = await client.manifest(place.reference, ACCEPTED);
  const isMany = isIndex(mediaTypeOf(top));
  const manifest = isMany ? (await client.manifest(pickManifest(top.bytes).digest, ACCEPTED)).bytes : top.bytes;
  const { config, layers } = parseManifest(manifest);
  const named = [config, ...layers];
  if (named.reduce((sum, { size }) => sum + size, 0) > ARCHIVE_BYTES_MAX)
    throw new OrreryError(
      "resource_exhausted",
      `Cannot fetch the image "${printImageName(name)}": it has more than ${ARCHIVE_BYTES_MAX} bytes, name a smaller one`,
    );
  const blobs = new Map<string, Uint8Array>();
  for (const { digest, size } of named) if (!blobs.has(digest)) blobs.set(digest, await client.blob(digest, size));
  return makeArchive(top.bytes, mediaTypeOf(top), [...(isMany ? [manifest] : []), ...blobs.values()]);
}

/** What it says of itself, else what the registry says of it. */
function mediaTypeOf({ bytes, mediaType }: { readonly bytes: Uint8Array; readonly mediaType: string }): string {
  const said = parseImageJson(bytes, "manifest")["mediaType"];
  return typeof said === "string" ? said : mediaType;
}
