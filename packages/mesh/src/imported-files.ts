import { dirname, resolve } from "node:path";
import { systemFiles } from "./system-files.ts";

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g;

/**
 * Lists files and all that they import by relative paths, directly or not. It reads the text and runs nothing, so that a file counts also
 * while it is broken; what is installed is left out. Of more than `filesMax` the rest is left out.
 */
export function importedFiles(
  entries: readonly string[],
  { filesMax }: { readonly filesMax: number },
): ReadonlySet<string> {
  const files = systemFiles();
  const found = new Set<string>();
  const waiting = [...entries];
  for (let file = waiting.pop(); file !== undefined && found.size < filesMax; file = waiting.pop()) {
    if (found.has(file) || file.includes("/node_modules/")) continue;
    if (files.statSync(file, { throwIfNoEntry: false })?.isFile() !== true) continue;
    found.add(file);
    for (const [, path = ""] of files.readFileSync(file, "utf8").matchAll(IMPORT))
      waiting.push(resolve(dirname(file), path));
  }
  return found;
}
