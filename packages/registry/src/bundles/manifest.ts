import { OrreryError } from "@orrery/core";
import { digestOf } from "../blobs/system-digest.ts";
import { byPath, createEntryNames } from "./entry-names.ts";
import { BUNDLE_BYTES_MAX, MANIFEST_BYTES_MAX } from "./limits.ts";

/** One file of a bundle. */
export interface BundleFile {
  /** From `/`, such as `/html/index.html`. */
  readonly path: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  readonly bytes: number;
  /** Its media type. */
  readonly contentType: string;
  readonly executable: boolean;
}

/** What a bundle is: its files, in the order of their paths' bytes. */
export interface BundleManifest {
  readonly files: readonly BundleFile[];
}

/** A manifest with what it is known by. */
export interface SealedManifest extends BundleManifest {
  /** Its only form: what is hashed and signed. */
  readonly text: string;
  /** Of the text: the digest of the bundle. */
  readonly digest: string;
}

/** Says what a text is, so that a signature of it is of nothing else. */
const FORMAT = "orrery.bundle.v1";
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const CONTENT_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*(?:; ?[a-z0-9-]+=[a-zA-Z0-9_.-]+)*$/;

/** Brings files into the one form that a manifest has. @throws OrreryError as `parseManifest` */
export function sealManifest(files: readonly BundleFile[]): SealedManifest {
  const sorted = [...files].sort(byPath).map(({ path, digest, bytes, contentType, executable }) => {
    return { path, digest, bytes, contentType, executable };
  });
  judge(sorted);
  const text = JSON.stringify({ format: FORMAT, files: sorted });
  if (Buffer.byteLength(text) > MANIFEST_BYTES_MAX)
    throw new OrreryError(
      "invalid_argument",
      `Cannot make a manifest of ${files.length} files: it would take more than ${MANIFEST_BYTES_MAX} bytes, use shorter names`,
    );
  return { files: sorted, text, digest: digestOf(Buffer.from(text)) };
}

/**
 * Reads a manifest that was written by `sealManifest`.
 * @throws OrreryError `invalid_argument` for what is none, for any other form of one, and for files that no bundle may have
 */
export function parseManifest(text: string): SealedManifest {
  if (text.length > MANIFEST_BYTES_MAX) throw noManifest(`it has more than ${MANIFEST_BYTES_MAX} bytes`);
  const said = parseJson(text);
  if (said?.format !== FORMAT || !Array.isArray(said.files)) throw noManifest(`it does not say "${FORMAT}" and files`);
  const stray = said.files.find((file) => !isFile(file));
  if (stray !== undefined)
    throw noManifest(
      `${JSON.stringify(stray).slice(0, 200)} is no file: it has path, digest, bytes, contentType and executable`,
    );
  const sealed = sealManifest(said.files as BundleFile[]);
  if (sealed.text !== text)
    throw noManifest("it is not in its one form: files sorted by the bytes of their paths, no blanks");
  return sealed;
}

function parseJson(text: string): { readonly format?: unknown; readonly files?: unknown } | undefined {
  try {
    return JSON.parse(text) as { format?: unknown };
  } catch (cause) {
    throw noManifest(`it is no JSON, ${(cause as Error).message}`);
  }
}

function isFile(file: unknown): boolean {
  if (typeof file !== "object" || file === null) return false;
  const { path, digest, bytes, contentType, executable } = file as Record<string, unknown>;
  return (
    typeof path === "string" &&
    typeof digest === "string" &&
    DIGEST.test(digest) &&
    Number.isSafeInteger(bytes) &&
    Number(bytes) >= 0 &&
    typeof contentType === "string" &&
    contentType.length <= 255 &&
    CONTENT_TYPE.test(contentType) &&
    typeof executable === "boolean"
  );
}

function judge(files: readonly BundleFile[]): void {
  if (files.length === 0) throw noManifest("it has no files");
  const names = createEntryNames();
  let total = 0;
  for (const { path, bytes } of files) {
    names.addFile(path);
    total += bytes;
  }
  if (total > BUNDLE_BYTES_MAX)
    throw noManifest(`its files have ${total} bytes, a bundle has up to ${BUNDLE_BYTES_MAX}`);
}

function noManifest(why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot use this as the manifest of a bundle: ${why}`);
}
