import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder of tests. */
export interface TestFolder extends Disposable {
  readonly path: string;
  /** Writes a file, and the directories on the way. */
  write(name: string, content: string | Uint8Array, options?: { readonly mode?: number; readonly at?: number }): void;
}

/** Makes an empty folder that goes with its block, or one with files. */
export function makeFolder(files: Readonly<Record<string, string | Uint8Array>> = {}): TestFolder {
  const path = mkdtempSync(join(tmpdir(), "orrery-bundle-"));
  const write: TestFolder["write"] = (name, content, { mode = 0o644, at = 0 } = {}) => {
    const file = join(path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    chmodSync(file, mode);
    utimesSync(file, at, at);
  };
  for (const [name, content] of Object.entries(files)) write(name, content);
  return { path, write, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
