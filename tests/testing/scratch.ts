import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";
import { ROOT } from "./protoc.ts";

/** Makes a folder outside the repository that is gone after the file's tests. Its files find Orrery as if npm had installed it there. */
export function makeScratch(t: { after(does: () => void): void } = { after }): string {
  const folder = mkdtempSync(join(tmpdir(), "orrery-acceptance-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(join(ROOT, "node_modules/@orrery"), join(folder, "node_modules/@orrery"));
  return folder;
}

/** Writes files by their path below a folder. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
