import { chmodSync, existsSync, renameSync, writeFileSync } from "node:fs";
import { OrreryError } from "@orrery/core";
import { readPrivateFile } from "@orrery/registry";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, jwtVerify, SignJWT } from "jose";
import type { AccessClaims, AccessKeys } from "./access-keys.ts";

const ALGORITHM = "EdDSA";
const AUDIENCE = "orrery";
const TYPE = "at+jwt";
/** The one that signs, and the one before. */
const KEYS_KEPT = 2;

/**
 * Opens the keys of a file, the newest first; makes it, with one key, where there is none. Nobody else may read it. Tokens are JWTs by Ed25519,
 * RFC 7519 and RFC 8037.
 * @throws OrreryError `failed_precondition` where others may read it, `data_loss` where it is no key file
 */
export async function openAccessKeys(path: string): Promise<AccessKeys> {
  let keys = existsSync(path) ? readKeys(path) : writeKeys(path, [await makeKey()]);
  const verified = async (token: string, nowMs: number): Promise<AccessClaims> => {
    const find = async ({ kid }: { readonly kid?: string }) => {
      const key = keys.find((one) => one.kid === kid);
      if (key === undefined) throw new Error("it is signed by no key of these");
      return await importJWK({ kty: key.kty, crv: key.crv, x: key.x } as JWK, ALGORITHM);
    };
    const { payload } = await jwtVerify(token, find, {
      algorithms: [ALGORITHM],
      audience: AUDIENCE,
      typ: TYPE,
      currentDate: new Date(nowMs),
      requiredClaims: ["sub", "sid", "exp"],
    });
    return { user: String(payload.sub), session: String(payload["sid"]), untilMs: Number(payload.exp) * 1_000 };
  };
  return {
    sign: async ({ user, session, untilMs }, nowMs) => {
      const [key] = keys;
      return await new SignJWT({ sid: session })
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: key?.kid ?? "" })
        .setSubject(user)
        .setAudience(AUDIENCE)
        .setIssuedAt(Math.floor(nowMs / 1_000))
        .setExpirationTime(Math.floor(untilMs / 1_000))
        .sign(await importJWK(key as JWK, ALGORITHM));
    },
    verify: (token, nowMs) => verified(token, nowMs).catch(() => undefined), // Whatever is wrong with it, it is none of ours.
    rotate: async () => {
      keys = writeKeys(path, [await makeKey(), ...keys].slice(0, KEYS_KEPT));
    },
  };
}

async function makeKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { crv: "Ed25519", extractable: true });
  const key = await exportJWK(privateKey);
  return { ...key, kid: (await calculateJwkThumbprint(key)).slice(0, 16) };
}

function readKeys(path: string): readonly JWK[] {
  const content = readPrivateFile(path, `Cannot use key file "${path}"`);
  try {
    const { keys } = JSON.parse(content) as { readonly keys: readonly JWK[] };
    if (keys.length > 0 && keys.every(({ kid, x, d }) => [kid, x, d].every((one) => typeof one === "string")))
      return keys;
  } catch {
    // Told below: what is in it is a secret, and no text of an error.
  }
  const text = `Cannot use key file "${path}": it has no keys, remove it, and all who are logged in refresh their sessions`;
  throw new OrreryError("data_loss", text);
}

function writeKeys(path: string, keys: readonly JWK[]): readonly JWK[] {
  writeFileSync(`${path}.new`, `${JSON.stringify({ keys })}\n`, { mode: 0o600, flush: true });
  chmodSync(`${path}.new`, 0o600);
  renameSync(`${path}.new`, path);
  return keys;
}
