import { chmodSync, existsSync, renameSync, writeFileSync } from "node:fs";
import { OrreryError } from "@orrery/core";
import { readPrivateFile } from "@orrery/registry";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, jwtVerify, SignJWT } from "jose";
import type { AccessClaims, AccessKeys } from "./access-keys.ts";
import { ACCESS_MS } from "./limits.ts";

const ALGORITHM = "EdDSA";
const AUDIENCE = "orrery";
const TYPE = "at+jwt";

/** What is kept in the file. */
interface Kept {
  /** The one that signs, and the one before, where tokens of that may be good. */
  readonly keys: readonly JWK[];
  /** Until when they may, in ms since 1970: whoever found that key later signs nothing with it. */
  readonly beforeUntilMs: number;
}

/**
 * Opens the keys of a file, the newest first; makes it, with one key, where there is none. Nobody else may read it. Tokens are JWTs by Ed25519,
 * RFC 7519 and RFC 8037.
 * @throws OrreryError `failed_precondition` where others may read it, `data_loss` where it is no key file
 */
export async function openAccessKeys(path: string): Promise<AccessKeys> {
  let kept = existsSync(path) ? readKeys(path) : writeKeys(path, { keys: [await makeKey()], beforeUntilMs: 0 });
  const named = (kid: string | undefined, nowMs: number) =>
    kept.keys.find((one, index) => one.kid === kid && (index === 0 || nowMs < kept.beforeUntilMs));
  const verified = async (token: string, nowMs: number): Promise<AccessClaims> => {
    const find = async ({ kid }: { readonly kid?: string }) => {
      const key = named(kid, nowMs);
      if (key === undefined) throw new Error("it is signed by no key of these");
      return await importJWK({ kty: key.kty, crv: key.crv, x: key.x } as JWK, ALGORITHM);
    };
    const { payload, protectedHeader } = await jwtVerify(token, find, {
      algorithms: [ALGORITHM],
      audience: AUDIENCE,
      typ: TYPE,
      currentDate: new Date(nowMs),
      requiredClaims: ["sub", "sid", "exp"],
    });
    const { sub, sid, exp } = payload;
    const key = protectedHeader.kid ?? "";
    return { user: String(sub), session: String(sid), untilMs: Number(exp) * 1_000, key };
  };
  return {
    sign: async ({ user, session, untilMs }, nowMs) => {
      const [key] = kept.keys;
      return await new SignJWT({ sid: session })
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: key?.kid ?? "" })
        .setSubject(user)
        .setAudience(AUDIENCE)
        .setIssuedAt(Math.floor(nowMs / 1_000))
        .setExpirationTime(Math.floor(untilMs / 1_000))
        .sign(await importJWK(key as JWK, ALGORITHM));
    },
    verify: (token, nowMs) => verified(token, nowMs).catch(() => undefined), // Whatever is wrong with it, it is none of ours.
    has: (key, nowMs) => named(key, nowMs) !== undefined,
    rotate: async ({ nowMs, isAtOnce = false }) => {
      const made = await makeKey();
      if (!isAtOnce && kept.keys.length > 1 && nowMs < kept.beforeUntilMs) throw tooEarly(kept.beforeUntilMs);
      const beforeUntilMs = isAtOnce ? 0 : nowMs + ACCESS_MS;
      const keys = [made, ...(isAtOnce ? [] : kept.keys.slice(0, 1))];
      kept = writeKeys(path, { keys, beforeUntilMs });
      return { key: made.kid ?? "", beforeUntilMs: isAtOnce ? undefined : beforeUntilMs };
    },
  };
}

/** A third key would refuse tokens that nobody meant to refuse. */
function tooEarly(untilMs: number): OrreryError {
  const text = `Cannot rotate the key of access tokens: tokens of the key before are good until ${new Date(untilMs).toISOString()}, rotate after that, or with --now, which refuses all that were signed before`;
  return new OrreryError("failed_precondition", text);
}

async function makeKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { crv: "Ed25519", extractable: true });
  const key = await exportJWK(privateKey);
  return { ...key, kid: (await calculateJwkThumbprint(key)).slice(0, 16) };
}

function readKeys(path: string): Kept {
  const content = readPrivateFile(path, `Cannot use key file "${path}"`);
  try {
    const { keys, beforeUntilMs = 0 } = JSON.parse(content) as Kept;
    if (keys.length > 0 && keys.every(({ kid, x, d }) => [kid, x, d].every((one) => typeof one === "string")))
      return { keys, beforeUntilMs };
  } catch {
    // Told below: what is in it is a secret, and no text of an error.
  }
  const text = `Cannot use key file "${path}": it has no keys, remove it, and all who are logged in refresh their sessions`;
  throw new OrreryError("data_loss", text);
}

function writeKeys(path: string, kept: Kept): Kept {
  writeFileSync(`${path}.new`, `${JSON.stringify(kept)}\n`, { mode: 0o600, flush: true });
  chmodSync(`${path}.new`, 0o600);
  renameSync(`${path}.new`, path);
  return kept;
}
