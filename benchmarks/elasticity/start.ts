// npm run bench:elasticity: measures how soon a second instance answers and writes the table of docs/reference/elasticity.md. `-- --quick` prints.
import { ELASTICITY_PAGE, writePage } from "../lib/document.ts";
import { describeMachine } from "../lib/machine.ts";
import { median } from "../lib/statistics.ts";
import { bareStartMs, measureResponse, RUNGS } from "./respond.ts";

const isQuick = process.argv.includes("--quick");
const rounds = isQuick ? 2 : 11;
/** The wait above which there are too few. */
const WAIT_MS = 100;

const worstOf = (times: readonly number[]) => Math.max(...times);
const ms = (value: number) => `${value.toFixed(0)} ms`;

const bare = Array.from({ length: 5 }, bareStartMs);
const rows: string[] = [];
for (const rung of RUNGS) {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    times.push(await measureResponse(rung, WAIT_MS));
    bare.push(bareStartMs()); // Beside each, for the machine is not always as fast.
  }
  const cells = [rung, median(times), worstOf(times), median(times) - WAIT_MS];
  const starts = ((median(times) - WAIT_MS) / median(bare)).toFixed(1);
  rows.push(
    `| ${cells[0]} | ${cells
      .slice(1)
      .map((cell) => ms(Number(cell)))
      .join(" | ")} | ${starts} | ${times.length} |`,
  );
}
const bar = WAIT_MS + 1.5 * median(bare);
const text = [
  "| where the second runs | overload until it answers: median | longest | beyond N | in bare process starts | times |",
  "| --- | ---: | ---: | ---: | ---: | ---: |",
  ...rows,
  "",
  `N is ${WAIT_MS} ms. A process of Node that does nothing takes ${ms(median(bare))}: N and one and a half of it are ${ms(bar)}.`,
  "",
  describeMachine(),
].join("\n");
if (isQuick) process.stdout.write(`${text}\n`);
else writePage(text, ELASTICITY_PAGE);
process.exit(0);
