import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** Where a bench of a folder keeps what it has. */
const BENCH_FOLDER = ".orrery/dev";

/** What a bench says of itself, in its folder. */
export const MARKET_FILE = "market.json";

/** The folder of the bench that runs in a folder, or in one above; undefined where there is none. */
export function findBenchFolder(cwd: string): string | undefined {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const found = join(folder, BENCH_FOLDER);
    if (existsSync(join(found, MARKET_FILE))) return found;
    if (folder === dirname(folder)) return undefined;
  }
}
