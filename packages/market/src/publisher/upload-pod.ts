import type { ArtifactRecord, ReadyArtifact } from "../artifact/artifact-record.ts";
import type { BlobClient } from "../blobs/blob-client.ts";

/** A store that artifacts are sent to. */
export interface UploadStore {
  readonly url: string;
  readonly blobs: BlobClient;
}

/** What an upload came to. */
export interface Uploaded {
  /** URL of the store. */
  readonly store: string;
  /** Artifacts that the store has now. */
  readonly artifacts: readonly string[];
  /** Those of them that it did not have, and their bytes. */
  readonly sent: readonly { readonly artifact: string; readonly bytes: number }[];
  /** Those whose keys the key service did not have; none without one. */
  readonly kept: readonly string[];
}

/** What `uploadArtifacts` works with. */
export interface UploadOptions {
  readonly record: ArtifactRecord;
  readonly onStep: (step: string) => void;
  readonly signal?: AbortSignal;
}

/** Sends a store what it does not have; what was cut off goes on where it ended. */
export async function uploadArtifacts(
  ready: readonly ReadyArtifact[],
  { url, blobs }: UploadStore,
  { record, onStep, signal }: UploadOptions,
): Promise<Omit<Uploaded, "kept">> {
  const artifacts = ready.map(({ kept }) => kept.artifact);
  const missing = new Set(await blobs.missing(artifacts));
  const sent: { artifact: string; bytes: number }[] = [];
  for (const [at, one] of ready.entries()) {
    const { artifact, bytes } = one.kept;
    if (missing.has(artifact)) {
      onStep(`sending artifact ${at + 1} of ${ready.length}, ${bytes} bytes`);
      await blobs.put(artifact, await one.read(), signal === undefined ? {} : { signal });
      sent.push({ artifact, bytes });
    }
    await record.addStore(artifact, url);
  }
  return { store: url, artifacts, sent };
}
