import { OrreryError } from "@orrery/core";
import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from "hpke";
import type { SealKey } from "../keys/seal-key.ts";
import { ARTIFACT_KEY_BYTES, printAbout } from "./artifact.ts";
import { contextText, isSealTo, type KeyWrap, type WrapContext } from "./key-wrap.ts";

const ENCAPSULATED_BYTES = 32;
const text = new TextEncoder();
const suite = new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_256_GCM);

/**
 * Closes the key of an artifact for a recipient: HPKE in base mode (RFC 9180), X25519, HKDF-SHA256, AES-256-GCM. What it is of is bound in.
 * @throws OrreryError `invalid_argument` for what is no key
 */
export async function wrapKey(
  key: Uint8Array,
  { to, context }: { readonly to: string; readonly context: WrapContext },
): Promise<KeyWrap> {
  if (key.length !== ARTIFACT_KEY_BYTES)
    throw new OrreryError("invalid_argument", `Cannot wrap a key of ${key.length} bytes: it has ${ARTIFACT_KEY_BYTES}`);
  try {
    if (!isSealTo(to)) throw new Error("it is not 32 bytes in hex");
    const recipient = await suite.DeserializePublicKey(Buffer.from(to, "hex"));
    const info = text.encode(contextText(context));
    const { encapsulatedSecret, ciphertext } = await suite.Seal(recipient, key, { info });
    const closed = Buffer.concat([encapsulatedSecret, ciphertext]).toString("base64");
    const { artifact, about, purpose } = context;
    return { artifact, about, purpose, to, closed };
  } catch (cause) {
    const why = `"${to.slice(0, 80)}" is no X25519 key (${(cause as Error).message})`;
    throw new OrreryError("invalid_argument", `Cannot wrap the key of the ${printAbout(context.about)}: ${why}`, {
      cause,
    });
  }
}

/**
 * Opens a wrap. It must be what whoever opens it expects: of this artifact, about this, for this purpose.
 * @throws OrreryError `permission_denied` where it was made for another key, or of another context
 */
export async function openWrap(
  { to, closed }: Pick<KeyWrap, "to" | "closed">,
  { key, context }: { readonly key: SealKey; readonly context: WrapContext },
): Promise<Uint8Array> {
  const failing = `Cannot open the key of the ${printAbout(context.about)}`;
  if (to !== key.sealTo)
    throw new OrreryError(
      "permission_denied",
      `${failing}: it is wrapped to ${to.slice(0, 64)}, and this key is ${key.sealTo}`,
    );
  const bytes = Buffer.from(closed, "base64");
  try {
    // The public key is at hand: to have it made of the other is an experiment of Node's, of which it warns.
    const own = {
      privateKey: await suite.DeserializePrivateKey(key.secret, false),
      publicKey: await suite.DeserializePublicKey(Buffer.from(key.sealTo, "hex")),
    };
    const info = text.encode(contextText(context));
    return await suite.Open(own, bytes.subarray(0, ENCAPSULATED_BYTES), bytes.subarray(ENCAPSULATED_BYTES), { info });
  } catch (cause) {
    throw new OrreryError("permission_denied", `${failing}: it was changed, or wrapped for something else`, { cause });
  }
}
