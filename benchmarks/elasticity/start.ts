// npm run bench:elasticity: measures how soon a second instance answers and writes the table of docs/reference/elasticity.md. `-- --quick` prints.
import { loadavg } from "node:os";
import { ELASTICITY_PAGE, writePage } from "../lib/document.ts";
import { describeMachine } from "../lib/machine.ts";
import { median } from "../lib/statistics.ts";
import { bareStartMs, type Load, measureResponse, RUNGS, type Rung } from "./respond.ts";

const isQuick = process.argv.includes("--quick");
const rounds = isQuick ? 2 : 11;
/** The wait above which there are too few. */
const WAIT_MS = 100;

const worstOf = (times: readonly number[]) => Math.max(...times);
const ms = (value: number) => `${value.toFixed(0)} ms`;

const loadOf = () => loadavg()[0]?.toFixed(1);
const loadBefore = loadOf();
const bare: number[] = [];

async function rowOf(rung: Rung, load: Load): Promise<string> {
  const times: number[] = [];
  const beside = [bareStartMs()];
  for (let round = 0; round < rounds; round++) {
    times.push(await measureResponse(rung, load, WAIT_MS));
    beside.push(bareStartMs()); // The machine is not always as fast.
  }
  bare.push(...beside);
  const beyondMs = median(times) - WAIT_MS;
  const starts = (beyondMs / median(beside)).toFixed(1);
  return `| ${[rung.name, ms(median(times)), ms(worstOf(times)), ms(beyondMs), starts, times.length].join(" | ")} |`;
}

async function tableOf(load: Load): Promise<readonly string[]> {
  const rows: string[] = [];
  for (const rung of RUNGS) rows.push(await rowOf(rung, load));
  const title = `| all ${load}: the second runs in | overload until it answers: median | longest | beyond N | in bare process starts | times |`;
  return [title.replace("all rising", "rising"), "| --- | ---: | ---: | ---: | ---: | ---: |", ...rows];
}

const tables = [...(await tableOf("at once")), "", ...(await tableOf("rising"))];
const bar = WAIT_MS + 1.5 * median(bare);
const text = [
  ...tables,
  "",
  `N is ${WAIT_MS} ms. A process of Node that does nothing takes ${ms(median(bare))}: N and one and a half of it are ${ms(bar)}. Each row is`,
  `divided by starts beside it. Load of the machine, where 2 is all that it can do: ${loadBefore} before, ${loadOf()} after.`,
  "",
  describeMachine(),
].join("\n");
if (isQuick) process.stdout.write(`${text}\n`);
else writePage(text, ELASTICITY_PAGE);
process.exit(0);
