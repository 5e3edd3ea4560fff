import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";

/** A name made of the place of a folder: another folder has another. */
export function hashName(folder: string): string {
  return createHash("sha256").update(realpathSync(folder)).digest("hex");
}
