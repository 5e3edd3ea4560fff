import { OrreryError } from "@orrery/core";

/** What an artifact is of. It is sealed in, so that one is never taken for another. */
export interface ArtifactAbout {
  readonly kind: "image" | "secret";
  /** Name of the pod. */
  readonly app: string;
  /** Of an image the digest of its manifest, so that containers of one image share an artifact; of a secret its name. */
  readonly name: string;
}

/** Bytes that say nothing without their key, named by what they are. */
export interface SealedArtifact {
  /** Of `bytes`: `sha256:…`. */
  readonly digest: string;
  readonly bytes: Uint8Array;
}

/** Bytes of the key of an artifact. */
export const ARTIFACT_KEY_BYTES = 32;

/** Most bytes of an artifact in plain: 2 GiB. */
export const ARTIFACT_BYTES_MAX = 2 * 1024 ** 3;

/** Bytes in plain of each piece that is sealed by itself, but for the last, which may have fewer. */
export const PIECE_BYTES = 1024 ** 2;

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Whether a text names bytes by their SHA-256. */
export function isArtifactDigest(text: string): boolean {
  return DIGEST.test(text);
}

/** What errors call an artifact. */
export function printAbout({ kind, app, name }: ArtifactAbout): string {
  return `${kind} "${name}" of pod "${app}"`;
}

/** The same text for the same artifact alone: no name has a line end in it. @throws OrreryError `invalid_argument` where one has */
export function aboutText({ kind, app, name }: ArtifactAbout): string {
  for (const text of [app, name])
    if (!/^[\x21-\x7e]{1,128}$/.test(text))
      throw new OrreryError(
        "invalid_argument",
        `Cannot use ${JSON.stringify(text.slice(0, 128))} in the name of an artifact: write 1 to 128 letters without spaces`,
      );
  return `${kind}\n${app}\n${name}`;
}
