import { parseSize } from "@orrery/mesh/internal";
import { usageError } from "../command-error.ts";
import { readAddress } from "../resources/target.ts";

/** Which quota is meant: that of all, or of one agent. */
export interface QuotaPlace {
  readonly address: string;
  readonly owner: string | undefined;
}

/** Reads `[AGENT] ADDRESS`. @throws OrreryError `invalid_argument` for what is no address */
export function readQuotaPlace(words: readonly string[]): QuotaPlace {
  const [owner, address = ""] = words.length > 1 ? words : [undefined, ...words];
  return { address: readAddress(address), owner };
}

/** Reads a size, such as `1MiB`, or a number of bytes. @throws CommandError for one that is none */
export function readSize(text: string): number {
  const bytes = /^\d+$/.test(text) ? Number(text) : parseSize(text);
  if (bytes !== undefined && Number.isSafeInteger(Math.floor(bytes))) return Math.floor(bytes);
  throw usageError(
    `Cannot read size "${text}": write a number and B, kB, MB, GB, TB, KiB, MiB, GiB or TiB, as in 1.5GiB`,
  );
}
