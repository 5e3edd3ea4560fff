import { createCipheriv, createDecipheriv, randomBytes, randomUUID, scrypt, timingSafeEqual } from "node:crypto";
import { open, readFile, rm, stat } from "node:fs/promises";
import { OrreryError } from "@orrery/core";
import { bytesToHex, concatBytes, type Hex, hexToBytes, keccak256, type LocalAccount } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

/** What the key of the file's cipher is made with: as other tools do, 256 MiB and about a second. */
const ROUNDS = 262_144;
const COST = { r: 8, p: 1 };

/** Most memory that a file may ask for, in bytes: one from elsewhere is not let use up the machine. */
const MEMORY_MAX = 512 * 1024 * 1024;

/** What opens a keystore. */
export interface KeystoreOptions {
  /** Of the file. It is never in a command line, a log or an error. */
  readonly password: string;
}

/** What makes a keystore. */
export interface NewKeystoreOptions extends KeystoreOptions {
  /** Rounds of scrypt, a power of two: each doubling doubles what a guess of the password costs. Default: 262,144. */
  readonly rounds?: number;
}

/**
 * Makes a new key and keeps it in a file of the common format (Web3 Secret Storage, version 3), which only its user may read.
 * @throws OrreryError `already_exists` where there is a file, which is left as it is
 */
export async function createKeystore(
  path: string,
  { password, rounds = ROUNDS }: NewKeystoreOptions,
): Promise<LocalAccount> {
  const file = await open(path, "wx", 0o600).catch((error: NodeJS.ErrnoException) => {
    const code = error.code === "EEXIST" ? "already_exists" : "failed_precondition";
    throw new OrreryError(code, `Cannot make keystore "${path}": ${error.code}`, { cause: error });
  });
  try {
    const key = generatePrivateKey();
    await file.writeFile(await seal(key, { password, rounds }));
    await file.sync();
    return privateKeyToAccount(key);
  } catch (error) {
    await rm(path);
    throw error;
  } finally {
    await file.close();
  }
}

/** The text of a file that keeps a key. */
async function seal(key: Hex, { password, rounds }: Required<NewKeystoreOptions>): Promise<string> {
  const [salt, iv] = [randomBytes(32), randomBytes(16)];
  const derived = await derive(password, { n: rounds, ...COST, salt, dklen: 32 });
  const cipher = createCipheriv("aes-128-ctr", derived.subarray(0, 16), iv);
  const ciphertext = Buffer.concat([cipher.update(hexToBytes(key)), cipher.final()]);
  const crypto = {
    ...{ cipher: "aes-128-ctr", cipherparams: { iv: iv.toString("hex") }, ciphertext: ciphertext.toString("hex") },
    ...{ kdf: "scrypt", kdfparams: { n: rounds, ...COST, dklen: 32, salt: salt.toString("hex") } },
    mac: macOf(derived, ciphertext),
  };
  const address = privateKeyToAccount(key).address.slice(2).toLowerCase();
  return `${JSON.stringify({ version: 3, id: randomUUID(), address, crypto })}\n`;
}

/**
 * Opens a keystore.
 * @throws OrreryError `permission_denied` where others may read the file, or the password is wrong; `not_found`; `data_loss` where it is no keystore
 */
export async function openKeystore(path: string, { password }: KeystoreOptions): Promise<LocalAccount> {
  const { mode } = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new OrreryError("not_found", `Cannot open keystore "${path}": ${error.code}`, { cause: error });
  });
  if ((mode & 0o077) !== 0) {
    const why = `others may read it, it has mode ${(mode & 0o777).toString(8)}; run chmod 600 on it`;
    throw new OrreryError("permission_denied", `Cannot open keystore "${path}": ${why}`);
  }
  const { iv, ciphertext, mac, kdf } = parse(await readFile(path, "utf8"), path);
  const derived = await derive(password, kdf);
  const [found, wanted] = [Buffer.from(macOf(derived, ciphertext), "hex"), Buffer.from(mac, "hex")];
  if (found.length !== wanted.length || !timingSafeEqual(found, wanted))
    throw new OrreryError("permission_denied", `Cannot open keystore "${path}": the password is wrong`);
  const decipher = createDecipheriv("aes-128-ctr", derived.subarray(0, 16), iv);
  return privateKeyToAccount(bytesToHex(Buffer.concat([decipher.update(ciphertext), decipher.final()])));
}

interface Kdf {
  readonly n: number;
  readonly r: number;
  readonly p: number;
  readonly dklen: number;
  readonly salt: Uint8Array;
}

/** What is read of a file. */
interface Stored {
  readonly version: number;
  readonly crypto?: StoredKey;
  /** As some tools write it. */
  readonly Crypto?: StoredKey;
}

interface StoredKey {
  readonly cipher: string;
  readonly cipherparams: { readonly iv: string };
  readonly ciphertext: string;
  readonly kdf: string;
  readonly kdfparams: Omit<Kdf, "salt"> & { readonly salt: string };
  readonly mac: string;
}

function parse(text: string, path: string) {
  try {
    const { version, crypto, Crypto } = JSON.parse(text) as Stored;
    const stored = crypto ?? Crypto;
    if (stored === undefined) throw new Error("it holds no key");
    const { cipher, kdf, cipherparams, kdfparams, ciphertext, mac } = stored;
    const isKnown = version === 3 && cipher === "aes-128-ctr" && kdf === "scrypt";
    if (!isKnown) throw new Error("it is not version 3 with scrypt");
    const { n, r, p, dklen, salt } = kdfparams;
    if (!(128 * n * r * p <= MEMORY_MAX) || dklen !== 32)
      throw new Error("its key costs more than this program spends");
    const bytes = (hex: string) => Buffer.from(hex, "hex");
    return {
      ...{ iv: bytes(cipherparams.iv), ciphertext: bytes(ciphertext), mac },
      kdf: { n, r, p, dklen, salt: bytes(salt) },
    };
  } catch (error) {
    throw new OrreryError("data_loss", `Cannot open keystore "${path}": ${(error as Error).message}`);
  }
}

async function derive(password: string, { n, r, p, dklen, salt }: Kdf): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  scrypt(password, salt, dklen, { N: n, r, p, maxmem: 2 * MEMORY_MAX }, (error, key) =>
    error === null ? resolve(key) : reject(error),
  );
  return await promise;
}

function macOf(derived: Uint8Array, ciphertext: Uint8Array): string {
  return keccak256(concatBytes([derived.subarray(16, 32), ciphertext])).slice(2);
}
