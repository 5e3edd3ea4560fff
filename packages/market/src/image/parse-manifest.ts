import { OrreryError } from "@orrery/core";
import { type Descriptor, DIGEST, type Manifest, MEDIA } from "./image.ts";
import { ARCHIVE_BYTES_MAX, LAYERS_MAX, MANIFEST_BYTES_MAX } from "./limits.ts";

/** Reads JSON of an image. @throws OrreryError `data_loss` where it is none, or too long */
export function parseImageJson(bytes: Uint8Array, what: string): Readonly<Record<string, unknown>> {
  if (bytes.length > MANIFEST_BYTES_MAX) throw unfit(`its ${what} has more than ${MANIFEST_BYTES_MAX} bytes`);
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw unfit(`its ${what} is no JSON`);
}

/** Reads a manifest. @throws OrreryError `data_loss` where it is none of an image */
export function parseManifest(bytes: Uint8Array): Manifest {
  const { config, layers } = parseImageJson(bytes, "manifest");
  if (!Array.isArray(layers) || layers.length > LAYERS_MAX)
    throw unfit(`its manifest has no list of up to ${LAYERS_MAX} layers`);
  return { config: descriptorOf(config), layers: layers.map(descriptorOf) };
}

/** What of an index is for the machines that run pods: the one for Linux on amd64, else the only one. @throws OrreryError `data_loss` */
export function pickManifest(bytes: Uint8Array): Descriptor {
  const { manifests } = parseImageJson(bytes, "index");
  if (!Array.isArray(manifests) || manifests.length > LAYERS_MAX) throw unfit("its index has no list of manifests");
  const all = manifests.map(descriptorOf);
  const fit = all.find(({ platform }) => platform?.os === "linux" && platform.architecture === "amd64");
  const found = fit ?? (all.length === 1 ? all[0] : undefined);
  if (found === undefined) throw unfit("its index has no manifest for linux/amd64");
  return found;
}

/** Whether it is an index, of which one manifest is to be picked. */
export function isIndex(mediaType: string): boolean {
  return mediaType === MEDIA.index || mediaType === MEDIA.dockerIndex;
}

function descriptorOf(said: unknown): Descriptor {
  const one = (said ?? {}) as Partial<Descriptor>;
  const { digest = "", size = -1, mediaType = "", platform } = one;
  const isFit = DIGEST.test(digest) && Number.isSafeInteger(size) && size >= 0 && size <= ARCHIVE_BYTES_MAX;
  if (!isFit || typeof mediaType !== "string") throw unfit("it names something without digest, size and type");
  return { mediaType, digest, size, ...(platform !== undefined && { platform }) };
}

/** Why something is no image. */
export function unfit(why: string): OrreryError {
  return new OrreryError("data_loss", `Cannot read the image: ${why}, make and send it anew`);
}
