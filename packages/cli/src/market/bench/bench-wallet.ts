import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createKeystore } from "@orrery/market";
import type { LocalAccount } from "@orrery/market/bench";

/** The wallet of a bench. */
export interface BenchWallet {
  readonly key: LocalAccount;
  /** Whole path of its keystore, and of the file with its password. */
  readonly keystore: string;
  readonly passwordFile: string;
}

/** Rounds of scrypt: a wallet of a bench has nothing of worth, and each command opens it. */
const ROUNDS = 1_024;

/** Makes a wallet with a password of its own, in two files that only this user reads. */
export async function makeBenchWallet(folder: string, name: string): Promise<BenchWallet> {
  const [keystore, passwordFile] = [join(folder, `${name}.json`), join(folder, `${name}.password`)];
  const password = randomBytes(18).toString("base64url");
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600, flag: "wx" });
  const key = await createKeystore(keystore, { password, rounds: ROUNDS });
  return { key, keystore, passwordFile };
}
