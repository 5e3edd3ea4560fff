// npm run setup [-- bench]: sees that the system packages are there which the tests, or the benchmarks too, start.
import { ensurePackages, thisMachine } from "./lib/debian.ts";
import { BENCH_PACKAGES, TEST_PACKAGES } from "./system-packages.ts";

const packages = process.argv.includes("bench") ? [...TEST_PACKAGES, ...BENCH_PACKAGES] : TEST_PACKAGES;
const problem = ensurePackages(packages, thisMachine());
if (problem !== undefined) {
  process.stderr.write(`${problem}\n`);
  process.exit(1);
}
