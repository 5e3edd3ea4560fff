import { recordingOf, runScenario, type ScenarioRun, writeTrace } from "@orrery/sim";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode, usageError } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";
import { loadScenario, logTo, type ScenarioFile } from "./load-scenario.ts";
import { readFactor, readSeeds, readWhole, type SeedRange } from "./read-options.ts";
import { runFacts, seedCommand, tellRun } from "./tell-run.ts";
import { writeLines } from "./write-lines.ts";

/** Runs a scenario with one seed, or with many. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [word = ""] = input.words;
  const seed = readWhole(input, "seed", 0);
  const seeds = readSeeds(input);
  const speed = readFactor(input, "speed");
  if (seed !== undefined && seeds !== undefined)
    throw usageError("Cannot run with --seed and --seeds: one is among the others, name one flag");
  if (seeds !== undefined && input.text("trace") !== undefined)
    throw usageError("Cannot write the trace of many seeds: run one of them with --seed and --trace");
  const file = await loadScenario(word, terminal);
  if (seeds !== undefined) return await runSeeds(file, seeds, { input, terminal });
  const trace = input.text("trace");
  const result = await runScenario(file.scenario, {
    ...(seed !== undefined && { seed }),
    ...(speed !== undefined && { speed }),
    ...(input.has("log") && { log: logTo(terminal) }),
    ...(trace !== undefined && { trace: "keep" }),
  });
  await tell(file, result, { input, terminal });
  if (result.failure !== undefined) sayNext(file, result.world.seed, { input, terminal });
  if (trace !== undefined) {
    const recording = recordingOf(result.world, { scenario: file.scenario.name });
    await writeLines(trace, writeTrace(recording), { terminal, what: "the trace" });
  }
  return result.failure === undefined ? EXIT.done : EXIT.failed;
}

interface Telling {
  readonly input: CommandInput;
  readonly terminal: Terminal;
}

async function tell(file: ScenarioFile, result: ScenarioRun, { input, terminal }: Telling): Promise<void> {
  const { scenario } = file;
  const { seed } = result.world;
  const replay = seedCommand(file, seed, terminal);
  if (input.text("output") === "json") {
    await terminal.write(`${JSON.stringify(runFacts(scenario, result, replay))}\n`);
    return;
  }
  const again = result.failure === undefined ? [] : [`replay with: ${replay}`];
  await terminal.write([...tellRun(scenario, result, terminal), ...again, ""].join("\n"));
}

function sayNext(file: ScenarioFile, seed: number, { input, terminal }: Telling): void {
  if (input.text("output") === "json") return;
  terminal.say(`Next: make it small with ${seedCommand(file, seed, terminal).replace(" sim run ", " sim shrink ")}`);
}

async function runSeeds(file: ScenarioFile, { first, last }: SeedRange, telling: Telling): Promise<ExitCode> {
  const { input, terminal } = telling;
  const count = last - first + 1;
  let [failed, events] = [0, 0];
  let firstFailed: number | undefined;
  for (let seed = first; seed <= last; seed++) {
    const result = await runScenario(file.scenario, { seed, ...(input.has("log") && { log: logTo(terminal) }) });
    events += result.events;
    if (result.failure !== undefined) failed++;
    terminal.progress(`${seed - first + 1} of ${count} seeds, ${failed} failed`);
    if (result.failure === undefined) continue;
    firstFailed ??= seed;
    terminal.progress("");
    await tell(file, result, telling);
  }
  terminal.progress("");
  const held = count - failed;
  const facts = {
    scenario: file.scenario.name,
    held: failed === 0,
    seeds: count,
    heldSeeds: held,
    failedSeeds: failed,
    events,
  };
  const text = `held in ${held} of ${count} seeds, ${events.toLocaleString("en-US")} events`;
  await terminal.write(`${input.text("output") === "json" ? JSON.stringify(facts) : text}\n`);
  if (firstFailed !== undefined) sayNext(file, firstFailed, telling);
  return failed === 0 ? EXIT.done : EXIT.failed;
}
