import { renameSync, writeFileSync } from "node:fs";

/** Writes a file of this user alone: whoever reads sees the old or the new. */
export function replaceFile(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
