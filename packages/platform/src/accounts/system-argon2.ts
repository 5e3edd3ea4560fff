import { argon2, timingSafeEqual } from "node:crypto";
import { OrreryError, type Random } from "@orrery/core";
import { failure } from "@orrery/core/internal";
import { HASHES_AT_ONCE, HASHES_WAITING_MAX } from "./limits.ts";
import type { PasswordHasher } from "./password-hasher.ts";

/** What a hash costs. */
export interface Argon2Cost {
  /** In KiB. */
  readonly memory: number;
  readonly passes: number;
  readonly lanes: number;
}

/** As OWASP recommends it for argon2id, https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html */
export const ARGON2_COST: Argon2Cost = { memory: 19_456, passes: 2, lanes: 1 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** The text form of hashes, https://github.com/P-H-C/phc-string-format */
const FORM = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,4}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** Makes the hasher of production: argon2id, RFC 9106, in threads beside the event loop, few at once. */
export function createArgon2Hasher({
  random,
  cost = ARGON2_COST,
}: {
  readonly random: Random;
  readonly cost?: Argon2Cost;
}): PasswordHasher {
  const atMost = createTurns();
  return {
    hash: async (password) => {
      const salt = random.bytes(SALT_BYTES);
      const hash = await atMost(() => derive(password, { salt, cost, bytes: HASH_BYTES }));
      return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.lanes}$${base64(salt)}$${base64(hash)}`;
    },
    verify: async (password, hash) => {
      const { salt, hash: wanted, cost: paid } = readHash(hash);
      const found = await atMost(() => derive(password, { salt, cost: paid, bytes: wanted.length }));
      return timingSafeEqual(found, wanted);
    },
    isCurrent: (hash) => {
      const { cost: paid, salt, hash: wanted } = readHash(hash);
      const isSame = paid.memory === cost.memory && paid.passes === cost.passes && paid.lanes === cost.lanes;
      return isSame && salt.length === SALT_BYTES && wanted.length === HASH_BYTES;
    },
  };
}

function readHash(text: string): { readonly salt: Buffer; readonly hash: Buffer; readonly cost: Argon2Cost } {
  const [, memory, passes, lanes, salt, hash] = FORM.exec(text) ?? [];
  if (hash === undefined || salt === undefined)
    throw new OrreryError(
      "data_loss",
      "Cannot check a password: what is kept of it is no hash by argon2id, set it anew",
    );
  const cost = { memory: Number(memory), passes: Number(passes), lanes: Number(lanes) };
  return { salt: Buffer.from(salt, "base64"), hash: Buffer.from(hash, "base64"), cost };
}

function derive(
  password: string,
  { salt, cost, bytes }: { readonly salt: Uint8Array; readonly cost: Argon2Cost; readonly bytes: number },
): Promise<Buffer> {
  const { memory, passes, lanes } = cost;
  const message = Buffer.from(password.normalize("NFKC"));
  return new Promise((resolve, reject) => {
    const parameters = { message, nonce: salt, memory, passes, parallelism: lanes, tagLength: bytes };
    argon2("argon2id", parameters, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}

/** Unpadded, as hashes are written. */
function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}

/** Lets work be done in its order, so much of it at once. */
function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= HASHES_AT_ONCE) {
      if (waiting.length >= HASHES_WAITING_MAX)
        throw failure("overloaded", `Cannot check a password: ${HASHES_WAITING_MAX} wait already, try again`);
      await new Promise<void>((resolve) => waiting.push(resolve)); // Whoever ends hands its turn on.
    } else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
