// npm run bench:sim: measures the simulator beside its controls and peers, and writes the tables into the docs.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { endWorkers } from "../lib/channel.ts";
import { SIM_PAGE, writePage } from "../lib/document.ts";
import { describeMachine } from "../lib/machine.ts";
import { createPatience } from "../lib/patience.ts";
import { createShuffle } from "../lib/statistics.ts";
import { measure } from "./measure.ts";
import { type Options, parseOptions, USAGE } from "./options.ts";
import { report } from "./report.ts";
import type { Results } from "./results.ts";

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    void endWorkers().then(() => process.exit(130));
  });
}
process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  const options = read(words);
  if (options === undefined) return 2;
  if (options === "help") {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  try {
    publish(await run(options), options);
    return 0;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return 1;
  } finally {
    await endWorkers();
  }
}

function read(words: readonly string[]): Options | "help" | undefined {
  try {
    return parseOptions(words);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

async function run(options: Options): Promise<Results> {
  const { cells, rounds, windowMs, seed, patienceMs } = options;
  const shuffle = createShuffle(seed);
  const measurements = await measure(cells, { ...options, shuffle, patience: createPatience(patienceMs), say });
  return { machine: describeMachine(), python: describePython(), rounds, windowMs, seed, measurements };
}

function publish(results: Results, { json, writes }: Options): void {
  const text = report(results);
  process.stdout.write(`${text}\n`);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
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

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
