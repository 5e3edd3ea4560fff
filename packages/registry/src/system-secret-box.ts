import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { OrreryError } from "@orrery/core";
import type { SecretBox } from "./secret-box.ts";
import { readPrivateFile } from "./system-private-file.ts";

/** A key of a box. */
export interface SecretKey {
  /** Names it in what it closed. */
  readonly id: string;
  /** 32 bytes. */
  readonly bytes: Uint8Array;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Makes a new key. */
export function createSecretKey(): SecretKey {
  return { id: randomBytes(6).toString("hex"), bytes: randomBytes(32) };
}

/** Makes a box of keys, the newest first: it closes with that, and opens with any. AES-256-GCM, NIST SP 800-38D. */
export function createSecretBox(keys: readonly SecretKey[]): SecretBox {
  const [newest] = keys;
  if (newest === undefined) throw new OrreryError("invalid_argument", "Cannot make a box of secrets: it has no key");
  return {
    seal: (value, about) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", newest.bytes, nonce);
      cipher.setAAD(Buffer.from(about));
      const closed = Buffer.concat([nonce, cipher.update(value, "utf8"), cipher.final(), cipher.getAuthTag()]);
      return `${newest.id}.${closed.toString("base64")}`;
    },
    open: (sealed, about) => {
      const dot = sealed.indexOf(".");
      const id = sealed.slice(0, dot);
      const key = keys.find((one) => one.id === id);
      if (key === undefined)
        throw new OrreryError("data_loss", `Cannot open a secret: its key "${id}" is not in the key file, put it back`);
      const closed = Buffer.from(sealed.slice(dot + 1), "base64");
      try {
        const decipher = createDecipheriv("aes-256-gcm", key.bytes, closed.subarray(0, NONCE_BYTES));
        decipher.setAAD(Buffer.from(about));
        decipher.setAuthTag(closed.subarray(closed.length - TAG_BYTES));
        return Buffer.concat([
          decipher.update(closed.subarray(NONCE_BYTES, closed.length - TAG_BYTES)),
          decipher.final(),
        ]).toString("utf8");
      } catch (cause) {
        throw new OrreryError("data_loss", "Cannot open a secret: it was changed, or is of another resource", {
          cause,
        });
      }
    },
    isCurrent: (sealed) => sealed.startsWith(`${newest.id}.`),
    digest: (text) => digestBy(newest, text),
    isDigestOf: (digest, text) => {
      const key = keys.find(({ id }) => digest.startsWith(`${id}.`));
      return key === undefined || digestBy(key, text) === digest;
    },
  };
}

/** HMAC-SHA-256, RFC 2104, by a key that HKDF makes of that of the box: none is used for two things. */
function digestBy({ id, bytes }: SecretKey, text: string): string {
  const key = hkdfSync("sha256", bytes, "", "orrery digests", 32);
  return `${id}.${createHmac("sha256", new Uint8Array(key)).update(text).digest("base64")}`;
}

/**
 * Reads the keys of a file, the newest first; makes it, with one key, where there is none. Nobody else may read it.
 * @throws OrreryError `failed_precondition` where others may, `data_loss` where it is no key file
 */
export function openKeyFile(path: string): readonly SecretKey[] {
  if (!existsSync(path)) return writeKeys(path, [createSecretKey()]);
  const keys = readPrivateFile(path, `Cannot use key file "${path}"`)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [id = "", bytes = ""] = line.split(" ");
      return { id, bytes: Uint8Array.from(Buffer.from(bytes, "base64")) };
    });
  if (keys.length > 0 && keys.every(({ id, bytes }) => id !== "" && bytes.length === 32)) return keys;
  throw new OrreryError(
    "data_loss",
    `Cannot use key file "${path}": it has no keys of 32 bytes, restore it from a copy`,
  );
}

/** Puts a new key before those of a file; the old ones stay, to open what they closed. */
export function rotateKeyFile(path: string): readonly SecretKey[] {
  return writeKeys(path, [createSecretKey(), ...openKeyFile(path)]);
}

/** Leaves only the newest key, once nothing is closed with the others. */
export function dropOldKeys(path: string): readonly SecretKey[] {
  return writeKeys(path, openKeyFile(path).slice(0, 1));
}

function writeKeys(path: string, keys: readonly SecretKey[]): readonly SecretKey[] {
  const text = keys.map(({ id, bytes }) => `${id} ${Buffer.from(bytes).toString("base64")}\n`).join("");
  writeFileSync(`${path}.new`, text, { mode: 0o600, flush: true });
  chmodSync(`${path}.new`, 0o600);
  renameSync(`${path}.new`, path);
  const folder = openSync(dirname(path), "r"); // What is closed with a key must not be there before the key.
  fsyncSync(folder);
  closeSync(folder);
  return keys;
}
