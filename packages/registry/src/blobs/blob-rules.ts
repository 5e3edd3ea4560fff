import { OrreryError } from "@orrery/core";
import { UPLOAD_NOTE_MAX } from "../limits.ts";
import type { ByteRange } from "./blob-store.ts";

const DIGEST = /^sha256:([0-9a-f]{64})$/;
const UPLOAD = /^[a-z0-9][a-z0-9-]{0,127}$/;

/** The hexadecimal digits of a digest. @throws OrreryError `invalid_argument` where it is none */
export function digitsOf(digest: string): string {
  const digits = DIGEST.exec(digest)?.[1];
  if (digits !== undefined) return digits;
  throw new OrreryError(
    "invalid_argument",
    `Cannot use digest "${digest.slice(0, 80)}": it is written as sha256: and 64 digits of 0-9a-f`,
  );
}

/** Whether an upload may be called so. */
export function isUploadName(id: string): boolean {
  return UPLOAD.test(id);
}

/** @throws OrreryError `invalid_argument` where an upload may not be called so, or its note is too long */
export function assertUpload(id: string, note = ""): void {
  if (!isUploadName(id))
    throw new OrreryError(
      "invalid_argument",
      `Cannot use upload "${id.slice(0, 80)}": its name has up to 128 small letters, digits and "-"`,
    );
  if (note.length <= UPLOAD_NOTE_MAX) return;
  throw new OrreryError(
    "invalid_argument",
    `Cannot begin upload "${id}": its note has ${note.length} characters, up to ${UPLOAD_NOTE_MAX} fit`,
  );
}

/** Where a range begins and ends. @throws OrreryError `out_of_range` where it is not within the blob */
export function spanOf(
  { offset = 0, length }: ByteRange,
  { digest, bytes }: { readonly digest: string; readonly bytes: number },
): { readonly from: number; readonly to: number } {
  const to = length === undefined ? bytes : offset + length;
  if (Number.isSafeInteger(offset) && Number.isSafeInteger(to) && offset >= 0 && offset <= to && to <= bytes)
    return { from: offset, to };
  throw new OrreryError(
    "out_of_range",
    `Cannot read bytes ${offset} to ${to} of "${digest}": it has ${bytes}, ask for a range within`,
    { details: { digest, bytes } },
  );
}

/** The bytes of a piece that are new at an offset. @throws OrreryError `out_of_range` where bytes between are missing */
export function newBytes(
  { id, offset: there }: { readonly id: string; readonly offset: number },
  offset: number,
  bytes: Uint8Array,
): Uint8Array {
  if (Number.isSafeInteger(offset) && offset >= 0 && offset <= there)
    return bytes.subarray(Math.min(there - offset, bytes.length));
  throw new OrreryError(
    "out_of_range",
    `Cannot append at ${offset} to upload "${id}": ${there} bytes are there, go on from there`,
    { details: { upload: id, offset: there } },
  );
}

/** Makes the error of a blob that is not there. */
export function missingBlob(digest: string): OrreryError {
  return new OrreryError("not_found", `Cannot read "${digest}": there is no such blob`, { details: { digest } });
}

/** Makes the error of an upload that is over. */
export function endedUpload(id: string): OrreryError {
  return new OrreryError("not_found", `Cannot use upload "${id}": it has ended, begin another`, {
    details: { upload: id },
  });
}

/** Makes the error of a name that another upload has. */
export function takenUpload(id: string): OrreryError {
  return new OrreryError("already_exists", `Cannot begin upload "${id}": there is one of that name, open it`);
}

/** @throws OrreryError `data_loss` where bytes are not those that were meant */
export function assertDigest(id: string, found: string, meant: string | undefined): void {
  if (meant === undefined || meant === found) return;
  throw new OrreryError(
    "data_loss",
    `Cannot finish upload "${id}": its bytes have digest ${found}, not ${meant}, send them anew`,
    { details: { upload: id, digest: found } },
  );
}
