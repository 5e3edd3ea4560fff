import { createRequire } from "node:module";

/**
 * Loads libsodium's calls, of which the caller says what it uses, with the arguments in libsodium's own order; nothing where there is no
 * binary for this machine. Done at the first use: most nodes need none.
 */
export function loadSodium<Calls>(): Calls | undefined {
  try {
    return createRequire(import.meta.url)("sodium-native") as Calls;
  } catch {
    return undefined;
  }
}
