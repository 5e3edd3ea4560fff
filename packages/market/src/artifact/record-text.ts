import { OrreryError } from "@orrery/core";
import type { ArtifactGrant, KeptArtifact } from "./artifact-record.ts";
import { readWrap, WRAP_PURPOSES } from "./key-wrap.ts";

/** Version of the file's form. */
const VERSION = 1;

/** The text of a publisher's record. */
export function printRecord(artifacts: readonly KeptArtifact[]): string {
  return `${JSON.stringify({ version: VERSION, artifacts }, undefined, 2)}\n`;
}

/** Reads it; no text is no artifacts. @throws OrreryError `data_loss` with the artifact and what is wrong */
export function parseRecord(text: string, path: string): readonly KeptArtifact[] {
  if (text === "") return [];
  try {
    const { version, artifacts } = JSON.parse(text) as { version?: unknown; artifacts?: unknown };
    if (version !== VERSION) throw new Error(`it is of version ${JSON.stringify(version)}, not ${VERSION}`);
    if (!Array.isArray(artifacts)) throw new Error('"artifacts" is no list');
    return artifacts.map(parseKept);
  } catch (cause) {
    const why = `${(cause as Error).message}; restore it from a copy, or move it away to begin anew`;
    throw new OrreryError("data_loss", `Cannot read the artifacts in "${path}": ${why}`, { cause });
  }
}

function parseKept(said: unknown, index: number): KeptArtifact {
  const one = said as Readonly<Record<string, unknown>> | null;
  const place = `artifact ${index + 1}`;
  if (typeof one !== "object" || one === null) throw new Error(`${place} is no object`);
  const wrap = readWrap(JSON.stringify(one["wrap"] ?? null));
  const { fingerprint, bytes, stores, grants, madeAtMs, revokedAtMs, renewedAtMs } = one;
  const isText = (value: unknown): value is string => typeof value === "string";
  if (one["artifact"] !== wrap.artifact) throw new Error(`${place} has the key of another`);
  if (!isText(fingerprint) || !/^[0-9a-f]{64}$/.test(fingerprint)) throw new Error(`${place} has no fingerprint`);
  if (![bytes, madeAtMs, revokedAtMs ?? 0, renewedAtMs ?? 0].every(Number.isSafeInteger))
    throw new Error(`${place} lacks a number`);
  if (!Array.isArray(stores) || !stores.every(isText)) throw new Error(`${place} has no list of stores`);
  if (!Array.isArray(grants) || !grants.every(isGrant)) throw new Error(`${place} has no list of grants`);
  return {
    ...{ artifact: wrap.artifact, about: wrap.about, fingerprint, bytes: bytes as number, wrap, stores, grants },
    madeAtMs: madeAtMs as number,
    ...(revokedAtMs !== undefined && { revokedAtMs: revokedAtMs as number }),
    ...(renewedAtMs !== undefined && { renewedAtMs: renewedAtMs as number }),
  };
}

function isGrant(said: unknown): said is ArtifactGrant {
  const { to, purpose, who, atMs } = (said ?? {}) as Partial<ArtifactGrant>;
  const isKnown = WRAP_PURPOSES.some((one) => one === purpose);
  return typeof to === "string" && typeof who === "string" && Number.isSafeInteger(atMs) && isKnown;
}
