import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { setImmediate as pause } from "node:timers/promises";
import { OrreryError } from "@orrery/core";
import {
  ARTIFACT_BYTES_MAX,
  ARTIFACT_KEY_BYTES,
  type ArtifactAbout,
  aboutText,
  PIECE_BYTES,
  printAbout,
  type SealedArtifact,
} from "./artifact.ts";

/** What each artifact begins with: the format and its version. */
const MAGIC = Buffer.from("ORRYART1");
const PLEDGE_BYTES = 32;
const HEAD_BYTES = MAGIC.length + PLEDGE_BYTES;
const TAG_BYTES = 16;
const PREFIX_BYTES = 7;
/** After so many pieces others get their turn: sealing holds the process for some 10 ms at most. */
const PIECES_AT_ONCE = 16;

/** How an artifact is sealed or opened. */
export interface ArtifactOptions {
  /** 32 bytes; of this artifact alone. */
  readonly key: Uint8Array;
  /** What it is of: it opens as nothing else. */
  readonly about: ArtifactAbout;
}

/**
 * Seals bytes: the same under the same key give the same artifact, so that what is sealed anew need not be sent anew. AES-256-GCM in pieces of 1 MiB, as
 * the STREAM construction has it (Hoang, Reyhanitabar, Rogaway, Vizár 2015). Key and nonces of the pieces come, by HKDF, of the key, of what the artifact
 * is of, and of a keyed digest of the bytes, which stands at its head: no nonce is ever used for other bytes, and the artifact opens by this key alone.
 * @throws OrreryError `out_of_range` for more than 2 GiB
 */
export async function sealArtifact(plain: Uint8Array, { key, about }: ArtifactOptions): Promise<SealedArtifact> {
  if (plain.length > ARTIFACT_BYTES_MAX)
    throw new OrreryError(
      "out_of_range",
      `Cannot seal the ${printAbout(about)}: it has ${plain.length} bytes, and up to ${ARTIFACT_BYTES_MAX} fit`,
    );
  const digest = await digestInTurns(plain);
  const pledge = pledgeOf(digest, { key, about });
  const pieces = piecesBy(pledge, { key, about });
  const count = Math.max(1, Math.ceil(plain.length / PIECE_BYTES));
  const bytes = Buffer.allocUnsafeSlow(HEAD_BYTES + plain.length + count * TAG_BYTES);
  MAGIC.copy(bytes);
  pledge.copy(bytes, MAGIC.length);
  for (let index = 0, at = HEAD_BYTES; index < count; index++) {
    if (index % PIECES_AT_ONCE === PIECES_AT_ONCE - 1) await pause();
    const piece = plain.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", pieces.key, pieces.nonce(index, index === count - 1));
    at += cipher.update(piece).copy(bytes, at);
    cipher.final();
    at += cipher.getAuthTag().copy(bytes, at);
  }
  return { digest: nameOf(await digestInTurns(bytes)), bytes };
}

/**
 * Opens an artifact.
 * @throws OrreryError `data_loss` where the bytes are not those that the digest names; `permission_denied` where the key is another's, or it is of
 * something else; `invalid_argument` where they are no artifact
 */
export async function openArtifact(
  bytes: Uint8Array,
  { key, about, digest }: ArtifactOptions & { readonly digest: string },
): Promise<Uint8Array> {
  const failing = `Cannot open the ${printAbout(about)} (${digest})`;
  const found = nameOf(await digestInTurns(bytes));
  if (found !== digest) throw new OrreryError("data_loss", `${failing}: its bytes are ${found}, fetch them anew`);
  const size = bytes.length - HEAD_BYTES;
  const count = Math.ceil(size / (PIECE_BYTES + TAG_BYTES));
  const isArtifact = MAGIC.equals(bytes.subarray(0, MAGIC.length)) && size >= count * TAG_BYTES && count > 0;
  if (!isArtifact)
    throw new OrreryError("invalid_argument", `${failing}: it is no artifact, upload it by "orrery pod"`);
  const pledge = Buffer.from(bytes.subarray(MAGIC.length, HEAD_BYTES));
  const pieces = piecesBy(pledge, { key, about });
  const plain = Buffer.allocUnsafeSlow(size - count * TAG_BYTES);
  try {
    for (let index = 0, at = HEAD_BYTES; index < count; index++) {
      if (index % PIECES_AT_ONCE === PIECES_AT_ONCE - 1) await pause();
      const end = Math.min(at + PIECE_BYTES + TAG_BYTES, bytes.length);
      const opened = createDecipheriv("aes-256-gcm", pieces.key, pieces.nonce(index, index === count - 1));
      opened.setAuthTag(bytes.subarray(end - TAG_BYTES, end));
      opened.update(bytes.subarray(at, end - TAG_BYTES)).copy(plain, index * PIECE_BYTES);
      opened.final();
      at = end;
    }
    if (!timingSafeEqual(pledgeOf(await digestInTurns(plain), { key, about }), pledge)) throw new Error("the pledge");
  } catch (cause) {
    plain.fill(0); // What was opened of it before is not to be found in memory.
    throw new OrreryError("permission_denied", `${failing}: this key is of another artifact`, { cause });
  }
  return plain;
}

/** What a key and bytes come to: tells nothing of the bytes to whoever lacks the key. */
function pledgeOf(digest: Uint8Array, { key, about }: ArtifactOptions): Buffer {
  const own = derive(key, { salt: "", info: "orrery artifact pledge", bytes: 32 });
  return createHmac("sha256", own).update(aboutText(about)).update("\n").update(digest).digest();
}

function piecesBy(pledge: Uint8Array, { key, about }: ArtifactOptions) {
  const info = `orrery artifact pieces\n${aboutText(about)}`;
  const made = derive(key, { salt: pledge, info, bytes: 32 + PREFIX_BYTES });
  return {
    key: made.subarray(0, 32),
    /** Which piece it is, and whether others follow: none is left out, put elsewhere or cut off. */
    nonce: (index: number, isLast: boolean) => {
      const nonce = Buffer.alloc(12);
      made.copy(nonce, 0, 32);
      nonce.writeUInt32BE(index, PREFIX_BYTES);
      nonce[11] = isLast ? 1 : 0;
      return nonce;
    },
  };
}

function derive(
  key: Uint8Array,
  { salt, info, bytes }: { readonly salt: Uint8Array | string; readonly info: string; readonly bytes: number },
): Buffer {
  if (key.length !== ARTIFACT_KEY_BYTES)
    throw new OrreryError("invalid_argument", `Cannot use a key of ${key.length} bytes: it has ${ARTIFACT_KEY_BYTES}`);
  return Buffer.from(hkdfSync("sha256", key, salt, info, bytes));
}

async function digestInTurns(bytes: Uint8Array): Promise<Uint8Array> {
  const hash = createHash("sha256");
  for (let at = 0; at < bytes.length; at += PIECES_AT_ONCE * PIECE_BYTES) {
    if (at > 0) await pause();
    hash.update(bytes.subarray(at, at + PIECES_AT_ONCE * PIECE_BYTES));
  }
  return hash.digest();
}

function nameOf(digest: Uint8Array): string {
  return `sha256:${Buffer.from(digest).toString("hex")}`;
}
