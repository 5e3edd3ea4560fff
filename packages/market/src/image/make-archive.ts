import { type Descriptor, MEDIA } from "./image.ts";
import { sha256Of } from "./system-digest.ts";
import { type WrittenEntry, writeTar } from "./write-tar.ts";

/** An archive and what names it. */
export interface PackedImage {
  /** Of its manifest: `sha256:…`. */
  readonly digest: string;
  /** An OCI image layout in one tar. */
  readonly archive: Uint8Array;
}

/** Makes the archive of an image: its layout, its manifest or index as it is, and the blobs that this names. The same always gives the same bytes. */
export function makeArchive(manifest: Uint8Array, mediaType: string, blobs: readonly Uint8Array[]): PackedImage {
  const digest = sha256Of(manifest);
  const index = { schemaVersion: 2, mediaType: MEDIA.index, manifests: [describe(manifest, mediaType)] };
  const byName = new Map([manifest, ...blobs].map((blob) => [sha256Of(blob).slice("sha256:".length), blob]));
  const file = (path: string, content: string | Uint8Array): WrittenEntry => {
    return { kind: "file", path, content: typeof content === "string" ? Buffer.from(content) : content };
  };
  const names = [...byName].sort(([a], [b]) => (a < b ? -1 : 1));
  const archive = writeTar([
    file("oci-layout", JSON.stringify({ imageLayoutVersion: "1.0.0" })),
    file("index.json", JSON.stringify(index)),
    { kind: "directory", path: "blobs" },
    { kind: "directory", path: "blobs/sha256" },
    ...names.map(([name, blob]) => file(`blobs/sha256/${name}`, blob)),
  ]);
  return { digest, archive };
}

/** What refers to a blob. */
export function describe(blob: Uint8Array, mediaType: string): Descriptor {
  return { mediaType, digest: sha256Of(blob), size: blob.length };
}
