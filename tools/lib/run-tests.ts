import { existsSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative, resolve } from "node:path";
import { runCommand } from "./command.ts";
import { listFiles, ROOT } from "./project.ts";

/** A test that takes longer than this has hung: it fails, and the run goes on. */
const TEST_MS_MAX = 300_000;

/** Factor on the limit when `ORRERY_LONG=1` asks for the long runs. */
const LONG_FACTOR = 10;

/** Files that run at once, beyond one for each core: many of them wait for processes of their own. */
const FILES_BEYOND_CORES = 1;

/** Where the processes of the tests leave compiled code for one another. */
const COMPILED = join(ROOT, "node_modules/.cache/orrery/compiled");

const ALL = [
  "packages/*/src/**/*.test.ts",
  "packages/*/zoo/**/*.test.ts",
  "tools/**/*.test.ts",
  "tests/**/*.test.ts",
  "examples/**/*.test.ts",
  "benchmarks/**/*.test.ts",
];

/** The packages' tests alone: what a quick loop runs. */
export const UNIT: readonly string[] = ["packages/*/src/**/*.test.ts", "packages/*/zoo/**/*.test.ts"];

/** Options of a run of the tests. */
export interface RunTestsOptions {
  /** Patterns of test files from the root. Default: all. */
  readonly patterns?: readonly string[];
  /** Words before `node`, to measure it: `["c8", ...]`. Default: none. */
  readonly wrapper?: readonly string[];
}

/** Runs test files, one more at once than the machine has cores, and prints the runner's summary last. Gives the exit code. */
export async function runTests(options: RunTestsOptions = {}): Promise<number> {
  const files = listFiles(options.patterns ?? ALL);
  if (files.length === 0) {
    process.stderr.write(`Cannot run tests: no file is like ${(options.patterns ?? ALL).join(" ")}\n`);
    return 1;
  }
  const factor = process.env["ORRERY_LONG"] === "1" ? LONG_FACTOR : 1;
  const node = [
    ...(options.wrapper ?? []),
    "node",
    "--conditions=source",
    "--test",
    `--test-concurrency=${availableParallelism() + FILES_BEYOND_CORES}`,
    `--test-timeout=${TEST_MS_MAX * factor}`,
    "--test-reporter=./tools/lib/reporter.ts",
  ];
  // What measures them wants code that is compiled before its eyes.
  const env = options.wrapper === undefined ? { NODE_COMPILE_CACHE: COMPILED } : {};
  return (await runCommand([...node, ...files], { inherit: true, env })).code;
}

/**
 * Turns what a person typed behind `npm test --` into patterns: a file stays, a folder means the tests below it,
 * and a source file means the test beside it.
 */
export function testPatterns(words: readonly string[], from: string = ROOT): string[] {
  return words.map((word) => {
    const path = relative(ROOT, resolve(from, word));
    if (existsSync(join(ROOT, path)) && statSync(join(ROOT, path)).isDirectory()) return `${path}/**/*.test.ts`;
    return path.replace(/(?<!\.test)\.ts$/, ".test.ts");
  });
}
