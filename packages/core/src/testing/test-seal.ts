import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import type { Seal } from "../seal.ts";

/** A seal of AES-256-GCM, whose key is made of text: for tests alone. */
export function testSeal(name: string, secret = name): Seal {
  const key = createHash("sha256").update(secret).digest();
  return {
    name,
    seal(body, about) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(about);
      const sealed = Buffer.concat([cipher.update(body), cipher.final()]);
      return Uint8Array.from(Buffer.concat([nonce, sealed, cipher.getAuthTag()]));
    },
    open(sealed, about) {
      try {
        const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12)).setAAD(about);
        decipher.setAuthTag(sealed.subarray(-16));
        return Uint8Array.from(Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]));
      } catch {
        return undefined;
      }
    },
  };
}
