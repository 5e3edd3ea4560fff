// npm run bench:sim: measures the simulator beside its controls and peers, and writes the tables into the docs.
import { execFileSync } from "node:child_process";
import { SIM_PAGE, writePage } from "../lib/document.ts";
import { describeMachine } from "../lib/machine.ts";
import { printReport, runMain, say } from "../lib/main.ts";
import { createPatience } from "../lib/patience.ts";
import { createShuffle } from "../lib/statistics.ts";
import { measure } from "./measure.ts";
import { type Options, parseOptions, USAGE } from "./options.ts";
import { report } from "./report.ts";
import type { Results } from "./results.ts";

await runMain(
  { usage: USAGE, parse: parseOptions, run: async (options) => publish(await run(options), options) },
  process.argv.slice(2),
);

async function run(options: Options): Promise<Results> {
  const { cells, rounds, windowMs, seed, patienceMs } = options;
  const shuffle = createShuffle(seed);
  const measurements = await measure(cells, { ...options, shuffle, patience: createPatience(patienceMs), say });
  return { machine: describeMachine(), python: describePython(), rounds, windowMs, seed, measurements };
}

function publish(results: Results, { json, writes }: Options): void {
  const text = report(results);
  printReport(text, results, json);
  if (!writes) return;
  writePage(text, SIM_PAGE);
  say("written into docs/reference/sim-benchmarks.md");
}

function describePython(): string {
  const words = ["-c", "import sys, simpy, SimPy; print(sys.version.split()[0], simpy.__version__, SimPy.__version__)"];
  try {
    const [python, simpy3, simpy2] = execFileSync("/usr/bin/python3", words, { stdio: "pipe" })
      .toString()
      .trim()
      .split(" ");
    return `Python ${python}, SimPy ${simpy3} and ${simpy2}`;
  } catch {
    return "No SimPy";
  }
}
