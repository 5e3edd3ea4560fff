import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { BASE_LABEL, type Descriptor, DIGEST, type Image, type ImageConfig, type ImageLayer } from "./image.ts";
import { ARCHIVE_BYTES_MAX, IMAGE_WORDS_MAX, UNPACKED_BYTES_MAX } from "./limits.ts";
import { isIndex, parseImageJson, parseManifest, pickManifest, unfit } from "./parse-manifest.ts";
import { sha256Of } from "./system-digest.ts";
import { tarEntries } from "./tar-entries.ts";

/**
 * Reads the archive of an image, an OCI image layout in one tar, and checks every blob that its manifest names against its digest. Nothing is
 * unpacked.
 * @throws OrreryError `data_loss` where it is none, or a digest is wrong
 */
export function imageOf(archive: Uint8Array): Image {
  if (archive.length > ARCHIVE_BYTES_MAX) throw unfit(`its archive has more than ${ARCHIVE_BYTES_MAX} bytes`);
  const files = new Map<string, Uint8Array>();
  for (const { type, path, content } of tarEntries(archive))
    if (type === "File") files.set(path.replace(/^\.\//, ""), content);
  const blob = ({ digest, size }: Descriptor): Uint8Array => {
    const found = files.get(`blobs/sha256/${digest.slice("sha256:".length)}`);
    if (found === undefined) throw unfit(`its archive has no ${digest}`);
    if (found.length !== size || sha256Of(found) !== digest)
      throw unfit(`what its archive has as ${digest} is not that`);
    return found;
  };
  const index = files.get("index.json");
  if (index === undefined) throw unfit("its archive has no index.json, as an OCI image layout has");
  const top = pickManifest(index);
  const picked = isIndex(top.mediaType) ? pickManifest(blob(top)) : top;
  const manifest = parseManifest(blob(picked));
  const { rootfs, ...said } = parseImageJson(blob(manifest.config), "configuration");
  const ids = (rootfs as { readonly diff_ids?: unknown } | undefined)?.diff_ids;
  if (!Array.isArray(ids) || ids.length !== manifest.layers.length)
    throw unfit("its configuration names other layers than its manifest");
  const layers = manifest.layers.map((layer, place): ImageLayer => {
    const packed = blob(layer);
    return { digest: layer.digest, tar: () => unpacked(packed, layer.mediaType, String(ids[place])) };
  });
  return { digest: top.digest, config: configOf(said["config"]), layers };
}

/**
 * Reads the archive of an image that is known by its digest.
 * @throws OrreryError `data_loss` where it is another image's, or broken
 */
export function readArchive(archive: Uint8Array, digest: string): Image {
  const image = imageOf(archive);
  if (!DIGEST.test(digest) || image.digest !== digest) throw unfit(`it is ${image.digest}, and ${digest} is wanted`);
  return image;
}

function unpacked(packed: Uint8Array, mediaType: string, diffId: string): Uint8Array {
  const tar = decompressed(packed, mediaType);
  if (sha256Of(tar) !== diffId) throw unfit(`a layer is not ${diffId}, which its configuration says`);
  return tar;
}

function decompressed(packed: Uint8Array, mediaType: string): Uint8Array {
  const options = { maxOutputLength: UNPACKED_BYTES_MAX };
  try {
    if (/[.+]gzip$/.test(mediaType)) return gunzipSync(packed, options);
    if (mediaType.endsWith("+zstd")) return zstdDecompressSync(packed, options);
  } catch (error) {
    throw unfit(`a layer cannot be unpacked (${(error as Error).message})`);
  }
  if (mediaType.endsWith(".tar")) return packed;
  throw unfit(`a layer is "${mediaType}", and is to be a tar, plain or in gzip or zstd`);
}

function configOf(said: unknown): ImageConfig {
  const { Entrypoint, Cmd, WorkingDir, Env, User, Labels } = (said ?? {}) as Readonly<Record<string, unknown>>;
  const labels = (Labels ?? {}) as Readonly<Record<string, unknown>>;
  return {
    command: [...textsOf(Entrypoint), ...textsOf(Cmd)],
    workingDir: typeof WorkingDir === "string" && WorkingDir.startsWith("/") ? WorkingDir : "/",
    env: Object.fromEntries(textsOf(Env).map((one) => [one.replace(/=.*$/s, ""), one.replace(/^[^=]*=?/, "")])),
    user: typeof User === "string" ? User : "",
    base: labels[BASE_LABEL] === "host" ? "host" : "none",
  };
}

function textsOf(said: unknown): readonly string[] {
  if (said === undefined || said === null) return [];
  const isFit = Array.isArray(said) && said.length <= IMAGE_WORDS_MAX;
  if (!isFit || said.some((one) => typeof one !== "string" || one.includes("\0")))
    throw unfit(`its configuration has something else than up to ${IMAGE_WORDS_MAX} words`);
  return said as readonly string[];
}
