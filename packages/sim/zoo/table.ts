// node -C source packages/sim/zoo/table.ts [FIXED_RUNS]: hunts every planted bug and writes docs/reference/zoo.md.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { explore } from "../src/explore/explore.ts";
import { BUDGET_RUNS, type Hunt, hunt } from "./measure.ts";
import type { Bug } from "./plant.ts";
import { ZOO } from "./zoo.ts";

/** Base seeds, so far apart that no two hunts have a run in common. */
const SEEDS = [1, 100_001, 200_001, 300_001, 400_001];
const FIXED_SEED = 1_000_000;
const PAGE = join(import.meta.dirname, "../../../docs/reference/zoo.md");

const fixedRuns = Number(process.argv[2] ?? 10_000);
const files = readdirSync(import.meta.dirname).map((file) => [
  file,
  readFileSync(join(import.meta.dirname, file), "utf8"),
]);
const rows: string[] = [];
for (const bug of ZOO) {
  const hunts: Hunt[] = [];
  for (const seed of SEEDS) hunts.push(await hunt(bug, seed));
  await assertFixed(bug);
  const row = rowOf(bug, hunts);
  rows.push(row);
  process.stdout.write(`${row}\n`);
}
writeFileSync(PAGE, pageOf(rows));

async function assertFixed({ name, fixed }: Bug): Promise<void> {
  const { failure, runs } = await explore(fixed, { runs: fixedRuns, seed: FIXED_SEED });
  if (failure !== undefined)
    throw new Error(`Cannot write the table: "${name}" fails once it is fixed, in run ${runs}: ${failure.message}`);
}

function rowOf({ name, wrong }: Bug, hunts: readonly Hunt[]): string {
  const runs = hunts.map((one) => one.runs ?? Number.POSITIVE_INFINITY).toSorted((a, b) => a - b);
  const text = (count: number | undefined) => (count === undefined || count > BUDGET_RUNS ? "none" : String(count));
  const strategies = [...new Set(hunts.map(({ strategy }) => strategy))].sort().join(", ");
  const middle = (pick: (one: Hunt) => number) => median(hunts.map(pick));
  return `| ${[
    `[${name}](../../packages/sim/zoo/${fileOf(name)})`,
    wrong,
    strategies,
    `${text(median(runs))} (${text(runs[0])}–${text(runs.at(-1))})`,
    String(middle(({ events }) => events)),
    String(middle(({ entries }) => entries)),
    `${(middle(({ elapsedMs }) => elapsedMs) / 1000).toFixed(1)} s`,
  ].join(" | ")} |`;
}

function fileOf(name: string): string {
  return files.find(([, text]) => text?.includes(`name: "${name}"`))?.[0] ?? "";
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

function pageOf(lines: readonly string[]): string {
  return `# The zoo

${ZOO.length} planted bugs, each in a small program of components as one would write it, and once more without its fault. \`explore\` of
\`@orrery/sim\` is told the workload, the faults that the program is to stand, and the promise that it makes to its users; it is told
nothing of the bug. It must find each within ${BUDGET_RUNS.toLocaleString("en")} runs, and each program without its fault has passed
${fixedRuns.toLocaleString("en")} runs of the same exploration.

| bug | what goes wrong | found by | runs | events | small | time |
|---|---|---|---|---|---|---|
${lines.join("\n")}

- *found by*: the strategies that found it; they take turns, with all options at their defaults.
- *runs*: until it was found; median of ${SEEDS.length} hunts from seeds that nobody chose, with the least and the most.
- *events*: of the run that failed, as it was found; median.
- *small*: what the tape says once the failure is made small: faults, delays, decisions of chance, and operations that are left; median.
- *time*: to find it and to make it small, on one core; median.

\`node -C source packages/sim/zoo/table.ts\` writes this page.
`;
}
