import type { SecretBox } from "./secret-box.ts";
import { createSecretBox, dropOldKeys, openKeyFile, rotateKeyFile, type SecretKey } from "./system-secret-box.ts";

/** A box of the keys in a file, which can be turned over while it is used. */
export interface KeyRing extends SecretBox {
  /** Closes with a new key from now on, and opens with those before it, too. Gives the name of the new one. */
  rotate(): string;
  /** Leaves only the newest, once nothing is closed with the others. */
  dropOld(): void;
}

/**
 * Opens the keys of a file, which is made where it is missing. The file changes first, the box after it: what is closed can be opened by
 * whoever reads the file later, whenever this process ends.
 * @throws OrreryError as `openKeyFile`
 */
export function openKeyRing(path: string): KeyRing {
  let box = createSecretBox(openKeyFile(path));
  const use = (keys: readonly SecretKey[]) => {
    box = createSecretBox(keys);
    return keys[0]?.id ?? "";
  };
  return {
    seal: (value, about) => box.seal(value, about),
    open: (sealed, about) => box.open(sealed, about),
    isCurrent: (sealed) => box.isCurrent(sealed),
    digest: (text) => box.digest(text),
    isDigestOf: (digest, text) => box.isDigestOf(digest, text),
    rotate: () => use(rotateKeyFile(path)),
    dropOld: () => void use(dropOldKeys(path)),
  };
}
