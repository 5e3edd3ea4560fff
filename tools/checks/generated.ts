import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BOUNDS_PAGE, isBoundsPageFresh } from "../lib/bounds-page.ts";
import { runCommand } from "../lib/command.ts";
import { areContractsFresh, CONTRACTS_PAGE } from "../lib/contracts-build.ts";
import type { Finding } from "../lib/finding.ts";
import { type Generation, generations } from "../lib/generation.ts";
import { isPageFresh, PAGE_BUNDLES, type PageBundle } from "../lib/page-bundle.ts";
import { listTree, ROOT } from "../lib/project.ts";

const MEND = 'run "npm run generate" and commit what it writes';

/** Checks that the committed generated code is what its sources give, by generating it again elsewhere. */
export async function checkGenerated(): Promise<Finding[]> {
  const checks = [
    ...generations().map(checkGeneration),
    ...PAGE_BUNDLES.map(checkPage),
    checkBounds(),
    checkContracts(),
  ];
  return (await Promise.all(checks)).flat();
}

async function checkBounds(): Promise<Finding[]> {
  if (await isBoundsPageFresh()) return [];
  return [{ file: BOUNDS_PAGE, line: 0, what: "is not what the sources give", mend: MEND }];
}

function checkContracts(): Finding[] {
  if (areContractsFresh()) return [];
  return [{ file: CONTRACTS_PAGE, line: 0, what: "is not what the contracts give", mend: MEND }];
}

async function checkPage(bundle: PageBundle): Promise<Finding[]> {
  if (await isPageFresh(bundle)) return [];
  return [{ file: bundle.output, line: 0, what: `is not what ${bundle.source} gives`, mend: MEND }];
}

async function checkGeneration({ folder, outputs }: Generation): Promise<Finding[]> {
  const fresh = mkdtempSync(join(tmpdir(), "orrery-generated-"));
  try {
    const { code, output } = await runCommand(["buf", "generate", "--output", fresh], { folder });
    if (code !== 0) return [{ file: join(folder, "buf.gen.yaml"), line: 0, what: "cannot be run", mend: output }];
    return outputs.flatMap((out) => compareTrees(join(folder, out), join(fresh, out)));
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Compares a committed folder, named from the root, with a fresh one; findings name the committed files that differ. */
export function compareTrees(committed: string, fresh: string): Finding[] {
  const read = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, "utf8") : undefined);
  const paths = new Set([...listTree(join(ROOT, committed)), ...listTree(fresh)]);
  return [...paths].sort().flatMap((path) => {
    const [old, now] = [read(join(ROOT, committed, path)), read(join(fresh, path))];
    if (old === now) return [];
    const what =
      old === undefined ? "is missing" : now === undefined ? "has no source" : "is not what its source gives";
    return [{ file: join(committed, path), line: 0, what, mend: MEND }];
  });
}
