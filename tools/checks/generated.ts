import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../lib/command.ts";
import type { Finding } from "../lib/finding.ts";
import { listTree, ROOT } from "../lib/project.ts";

/** Where generated TypeScript lies, from the root. */
export const GENERATED = "packages/core/src/gen";

const MEND = 'run "npm run generate" and commit what it writes';

/** Checks that the committed generated code is what the protobuf files give, by generating it again elsewhere. */
export async function checkGenerated(): Promise<Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), "orrery-generated-"));
  try {
    const { code, output } = await runCommand(["buf", "generate", "--output", folder]);
    if (code !== 0) return [{ file: "buf.gen.yaml", line: 0, what: "cannot be run", mend: output }];
    return compareTrees(join(ROOT, GENERATED), join(folder, GENERATED));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Compares two folders of generated files; findings name the files of the committed one that differ. */
export function compareTrees(committed: string, fresh: string): Finding[] {
  const read = (folder: string, path: string): string | undefined =>
    existsSync(join(folder, path)) ? readFileSync(join(folder, path), "utf8") : undefined;
  const paths = new Set([...listTree(committed), ...listTree(fresh)]);
  return [...paths].sort().flatMap((path) => {
    const [old, now] = [read(committed, path), read(fresh, path)];
    if (old === now) return [];
    const what =
      old === undefined ? "is missing" : now === undefined ? "has no source" : "is not what its source gives";
    return [{ file: `${GENERATED}/${path}`, line: 0, what, mend: MEND }];
  });
}
