import { OrreryError } from "@orrery/core";
import { type ArtifactAbout, aboutText, isArtifactDigest } from "./artifact.ts";

/** What a key is wrapped for: its publisher's own keeping, a key service's, or a pod that runs. */
export const WRAP_PURPOSES = ["own", "keep", "run"] as const;

/** One of them. */
export type WrapPurpose = (typeof WRAP_PURPOSES)[number];

/** What a wrap is of. It is bound in: a wrap of one artifact, or for one purpose, opens as no other. */
export interface WrapContext {
  /** Digest of the encrypted artifact. */
  readonly artifact: string;
  readonly about: ArtifactAbout;
  readonly purpose: WrapPurpose;
}

/** The key of an artifact, closed for one recipient. */
export interface KeyWrap extends WrapContext {
  /** X25519 key of the recipient, in hex. */
  readonly to: string;
  /** What HPKE encapsulated, then the closed key, in base64. */
  readonly closed: string;
}

/** Bytes that a wrap has: 32 encapsulated, 32 of the key, 16 of its tag. */
export const WRAP_BYTES = 80;

/** Most letters of the JSON of a wrap. */
export const WRAP_TEXT_MAX = 2_048;

/** What HPKE is told that the closed key is of. */
export function contextText({ artifact, about, purpose }: WrapContext): string {
  return `orrery key wrap 1\n${purpose}\n${artifact}\n${aboutText(about)}`;
}

/** A wrap as JSON. */
export function writeWrap({ artifact, about, purpose, to, closed }: KeyWrap): string {
  const { kind, app, name } = about;
  return JSON.stringify({ artifact, about: { kind, app, name }, purpose, to, closed });
}

/** Reads what `writeWrap` writes. @throws OrreryError `invalid_argument` for anything else, with what is wrong */
export function readWrap(text: string): KeyWrap {
  if (text.length > WRAP_TEXT_MAX) throw wrong(`it has ${text.length} letters, up to ${WRAP_TEXT_MAX} fit`);
  const said = parse(text);
  const about = (said["about"] ?? {}) as Readonly<Record<string, unknown>>;
  const { artifact, purpose, to, closed } = said;
  const { kind, app, name } = about;
  if (typeof artifact !== "string" || !isArtifactDigest(artifact)) throw wrong('"artifact" is no digest');
  if ((kind !== "image" && kind !== "secret") || typeof app !== "string" || typeof name !== "string")
    throw wrong('"about" does not say kind, app and name');
  aboutText({ kind, app, name });
  const known = WRAP_PURPOSES.find((one) => one === purpose);
  if (known === undefined) throw wrong(`"purpose" is none of ${WRAP_PURPOSES.join(", ")}`);
  if (typeof to !== "string" || !isSealTo(to)) throw wrong('"to" is no X25519 key in hex');
  if (typeof closed !== "string" || Buffer.from(closed, "base64").length !== WRAP_BYTES)
    throw wrong(`"closed" is not ${WRAP_BYTES} bytes in base64`);
  return { artifact, about: { kind, app, name }, purpose: known, to, closed };
}

/** Whether a text is an X25519 key in hex. */
export function isSealTo(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const said: unknown = JSON.parse(text);
    if (typeof said === "object" && said !== null) return said as Record<string, unknown>;
  } catch {
    // It is said below.
  }
  throw wrong("it is no object of JSON");
}

function wrong(why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot read the wrap of a key: ${why}`);
}
