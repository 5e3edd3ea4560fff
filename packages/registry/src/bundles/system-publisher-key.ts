import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { chmodSync, existsSync, linkSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { OrreryError } from "@orrery/core";
import { readPrivateFile } from "../system-private-file.ts";

/** What a publisher signs with. */
export interface PublisherKey {
  /** Its public half: 32 bytes in base64. It tells who made a bundle. */
  readonly publisher: string;
  /** Signs a manifest; 64 bytes in base64. */
  sign(manifest: string): string;
}

/** Makes a new key. Ed25519, RFC 8032. */
export function createPublisherKey(): PublisherKey {
  return keyOf(generateKeyPairSync("ed25519").privateKey);
}

/**
 * Reads the key of a file; makes one where there is none. Nobody else may read it.
 * @throws OrreryError `failed_precondition` where others may, `data_loss` where it holds no key
 */
export function openPublisherKey(path: string): PublisherKey {
  if (!existsSync(path)) writeKey(path);
  const text = readPrivateFile(path, `Cannot sign with "${path}"`);
  try {
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType === "ed25519") return keyOf(key);
  } catch (cause) {
    throw noKey(path, cause);
  }
  throw noKey(path);
}

/** Whether a publisher signed a manifest. */
export function isSignedBy(
  manifest: string,
  { publisher, signature }: { readonly publisher: string; readonly signature: string },
): boolean {
  const [x, signed] = [Buffer.from(publisher, "base64"), Buffer.from(signature, "base64")];
  if (x.length !== 32 || signed.length !== 64) return false;
  if (x.toString("base64") !== publisher || signed.toString("base64") !== signature) return false;
  try {
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: x.toString("base64url") }, format: "jwk" });
    return verify(null, Buffer.from(manifest), key, signed);
  } catch {
    return false; // 32 bytes that are no key sign nothing.
  }
}

function keyOf(key: KeyObject): PublisherKey {
  const { x = "" } = createPublicKey(key).export({ format: "jwk" });
  return {
    publisher: Buffer.from(x, "base64url").toString("base64"),
    sign: (manifest) => sign(null, Buffer.from(manifest), key).toString("base64"),
  };
}

/** Puts a new key in its place whole; where another was first, that one counts. */
function writeKey(path: string): void {
  const { privateKey } = generateKeyPairSync("ed25519");
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${keyOf(privateKey)
    .publisher.replace(/[^A-Za-z0-9]/g, "")
    .slice(0, 12)}`;
  writeFileSync(draft, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600, flush: true });
  chmodSync(draft, 0o600);
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function noKey(path: string, cause?: unknown): OrreryError {
  const why = "it holds no ed25519 key, restore it from a copy, or remove it to sign with a new one";
  return new OrreryError("data_loss", `Cannot sign with "${path}": ${why}`, { cause });
}
