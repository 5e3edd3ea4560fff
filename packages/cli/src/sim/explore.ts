import { existsSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import {
  type Exploration,
  type ExploreOptions,
  type ExploreProgress,
  explore,
  type StrategyName,
  writeRegressionTest,
} from "@orrery/sim";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode, typed, usageError } from "../command-error.ts";
import { parseTime } from "../parse-time.ts";
import { colour, type Terminal } from "../terminal.ts";
import { failurePage } from "./failure-page.ts";
import { loadScenario, type ScenarioFile } from "./load-scenario.ts";
import { readWhole, readWorldTime } from "./read-options.ts";
import { sayNext, showTape, tapeFacts, tellTape } from "./tell-tape.ts";
import { writeLines } from "./write-lines.ts";

/** Explores a scenario, and shows the failure that it finds, made small. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [word = ""] = input.words;
  const options = readExploreOptions(input);
  const test = input.text("test");
  if (test !== undefined && existsSync(resolve(terminal.cwd, test)))
    throw usageError(`Cannot write the test "${test}": there is a file of that name, choose another`);
  const file = await loadScenario(word, terminal);
  const beganMs = performance.now();
  const exploration = await typed(() => explore(file.scenario, { ...options, onProgress: progressOn(terminal) }));
  terminal.progress("");
  const tookMs = performance.now() - beganMs;
  if (exploration.tape === undefined) return await tellHeld(exploration, { input, terminal, tookMs });
  await tellFound(exploration, file, { input, terminal, tookMs });
  return EXIT.failed;
}

interface Telling {
  readonly input: CommandInput;
  readonly terminal: Terminal;
  readonly tookMs: number;
}

async function tellHeld(exploration: Exploration, { input, terminal, tookMs }: Telling): Promise<ExitCode> {
  const { scenario, runs, events, isComplete } = exploration;
  if (input.text("output") === "json") {
    await terminal.write(`${JSON.stringify({ scenario: scenario.name, held: true, runs, events, isComplete })}\n`);
    return EXIT.done;
  }
  const all = isComplete ? ", which is every order within the slack" : "";
  await terminal.write(`${colour(terminal, "good", "held")} "${scenario.name}": in ${runs} runs${all}\n`);
  terminal.say(speedOf(runs, events, tookMs));
  return EXIT.done;
}

async function tellFound(exploration: Exploration, file: ScenarioFile, telling: Telling): Promise<void> {
  const { input, terminal, tookMs } = telling;
  const { runs, strategy, tape, shrinkRuns } = exploration;
  if (tape === undefined) return;
  const shown = await showTape(file, tape, terminal);
  if (input.text("output") === "json") {
    await terminal.write(`${JSON.stringify({ ...tapeFacts(shown), runs, strategy, shrinkRuns })}\n`);
  } else {
    const how = `found in run ${runs} by ${strategy}, made small in ${shrinkRuns} more`;
    await terminal.write(`${tellTape(shown, how, terminal).join("\n")}\n`);
    terminal.say(`${runs + shrinkRuns} runs in ${(tookMs / 1000).toFixed(1)} s`);
  }
  const page = input.text("save");
  if (page !== undefined) await writeLines(page, failurePage(shown), { terminal, what: "the failure" });
  const test = input.text("test");
  if (test !== undefined) await writeTest(exploration, file, { test, terminal });
  if (input.text("output") !== "json") sayNext(shown, terminal);
}

interface WriteTestOptions {
  readonly test: string;
  readonly terminal: Terminal;
}

async function writeTest(
  exploration: Exploration,
  { file }: ScenarioFile,
  { test, terminal }: WriteTestOptions,
): Promise<void> {
  const from = relative(dirname(resolve(terminal.cwd, test)), file).replaceAll("\\", "/");
  const source = await writeRegressionTest(exploration, from.startsWith(".") ? from : `./${from}`);
  await writeLines(test, [source.trimEnd()], { terminal, what: "a test that fails until it is mended", isNew: true });
}

function readExploreOptions(input: CommandInput): ExploreOptions {
  const runs = readWhole(input, "runs", 1);
  const seed = readWhole(input, "seed", 0);
  const slackMs = readWorldTime(input, "slack");
  const within = input.text("within");
  const strategies = input.texts("strategy") as readonly StrategyName[];
  return {
    ...(runs !== undefined && { runs }),
    ...(seed !== undefined && { seed }),
    ...(slackMs !== undefined && { slackMs }),
    ...(within !== undefined && { withinMs: parseTime(within, "within") }),
    ...(strategies.length > 0 && { strategies }),
  };
}

/** Time between two lines of progress, in ms. */
const PROGRESS_MS = 100;

function progressOn(terminal: Terminal): (progress: ExploreProgress) => void {
  const beganMs = performance.now();
  let lastMs = 0;
  return ({ runs, runsMax, events, phase }) => {
    const nowMs = performance.now();
    if (nowMs - lastMs < PROGRESS_MS) return;
    lastMs = nowMs;
    const speed = phase === "exploring" ? `, ${ratesOf(runs, events, nowMs - beganMs)}` : "";
    terminal.progress(`${phase}: run ${runs} of ${runsMax}${speed}`);
  };
}

function speedOf(runs: number, events: number, tookMs: number): string {
  return `${runs} runs in ${(tookMs / 1000).toFixed(1)} s: ${ratesOf(runs, events, tookMs)}`;
}

function ratesOf(runs: number, events: number, tookMs: number): string {
  const perSecond = (count: number) => Math.round((count * 1000) / Math.max(1, tookMs)).toLocaleString("en-US");
  return `${perSecond(runs)} runs/s, ${perSecond(events)} events/s`;
}
