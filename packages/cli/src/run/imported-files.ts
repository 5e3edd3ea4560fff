import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { WATCHED_FILES_MAX } from "../limits.ts";

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g;

/**
 * Lists files and all that they import by relative paths, directly or not. It reads the text and runs nothing, so that a file counts also
 * while it is broken; what is installed is left out.
 */
export function importedFiles(entries: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting = [...entries];
  for (let file = waiting.pop(); file !== undefined && found.size < WATCHED_FILES_MAX; file = waiting.pop()) {
    if (found.has(file) || file.includes("/node_modules/") || !isFile(file)) continue;
    found.add(file);
    for (const [, path = ""] of readFileSync(file, "utf8").matchAll(IMPORT)) waiting.push(resolve(dirname(file), path));
  }
  return found;
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}
