// npm run bench: measures Orrery beside its controls and peers, and writes the table into the docs.
import { NETWORK_CELLS, PROCESS_CELLS } from "./lib/cells.ts";
import { writePage } from "./lib/document.ts";
import { describeMachine } from "./lib/machine.ts";
import { printReport, runMain, say } from "./lib/main.ts";
import { type MeasureOptions, measure } from "./lib/measure.ts";
import { measureMemory } from "./lib/memory-run.ts";
import { type Options, parseOptions, USAGE } from "./lib/options.ts";
import { createPatience } from "./lib/patience.ts";
import { printProfiles } from "./lib/print-profiles.ts";
import { report } from "./lib/report.ts";
import type { Measurement, Results } from "./lib/results.ts";
import { NETWORK, PROCESS } from "./lib/roster.ts";
import { timeStarts } from "./lib/start-times.ts";
import { createShuffle } from "./lib/statistics.ts";

/** A start is short and varies more than a window. */
const STARTS_PER_ROUND = 3;

await runMain({ usage: USAGE, parse: parseOptions, run: act }, process.argv.slice(2));

async function act(options: Options): Promise<void> {
  if (options.profile) await printProfiles(options, say);
  else publish(await run(options), options);
}

async function run(options: Options): Promise<Results> {
  const { sections, rounds, windowMs, seed } = options;
  const shuffle = createShuffle(seed);
  const patience = createPatience(options.patienceMs);
  const runs = (name: (typeof sections)[number]) => sections.includes(name);
  const network = runs("network") ? await measureSection(options, "network", { shuffle, patience }) : [];
  const process = runs("process") ? await measureSection(options, "process", { shuffle, patience }) : [];
  const starts = { rounds: rounds * STARTS_PER_ROUND, patience, shuffle, say };
  const start = runs("start") ? await timeStarts(starts) : [];
  const about = { machine: describeMachine(), rounds, windowMs, seed, network, process, start };
  return runs("memory") ? { ...about, memory: await measureMemory({ seconds: options.memorySeconds, say }) } : about;
}

function measureSection(
  options: Options,
  name: "network" | "process",
  shared: Pick<MeasureOptions, "shuffle" | "patience">,
): Promise<Measurement[]> {
  const [roster, cells] = name === "network" ? [NETWORK, NETWORK_CELLS] : [PROCESS, PROCESS_CELLS];
  return measure({
    ...options,
    ...shared,
    entries: options.entries.filter((entry) => roster.includes(entry)),
    cells: options.cells.filter((cell) => cells.includes(cell)),
    withServer: name === "network",
    say,
  });
}

function publish(results: Results, { json, writes }: Options): void {
  const text = report(results);
  printReport(text, results, json);
  if (!writes) return;
  writePage(text);
  say("written into docs/reference/benchmarks.md");
}
