import { recordingOf, runScenario, type ScenarioRun, type Tape, writeTrace } from "@orrery/sim";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode, usageError } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";
import { loadScenario, logTo, type ScenarioFile } from "./load-scenario.ts";
import { readFactor, readTapeFlags } from "./read-options.ts";
import { runFacts, tellRun } from "./tell-run.ts";
import { sayNext, showTape, tapeFacts, tellTape } from "./tell-tape.ts";
import { writeLines } from "./write-lines.ts";

/** Runs a scenario as a tape says. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [word = ""] = input.words;
  const speed = readFactor(input, "speed");
  const file = await loadScenario(word, terminal);
  const { scenario } = file;
  const tape = await readTapeFlags(input, terminal, scenario.name);
  if (tape === undefined)
    throw usageError(`Cannot replay "${word}": no tape is named, write --tape=WORD or --script=FILE`);
  const result = await runScenario(scenario, {
    tape,
    trace: "keep",
    ...(speed !== undefined && { speed }),
    ...(input.has("log") && { log: logTo(terminal) }),
  });
  await tell({ file, tape, result }, input, terminal);
  const trace = input.text("trace");
  const recording = recordingOf(result.world, { scenario: scenario.name });
  if (trace !== undefined) await writeLines(trace, writeTrace(recording), { terminal, what: "the trace" });
  return result.failure === undefined ? EXIT.done : EXIT.failed;
}

interface Told {
  readonly file: ScenarioFile;
  readonly tape: Tape;
  readonly result: ScenarioRun;
}

async function tell({ file, tape, result }: Told, input: CommandInput, terminal: Terminal): Promise<void> {
  const { scenario } = file;
  const isJson = input.text("output") === "json";
  if (result.failure === undefined) {
    const facts = isJson ? [JSON.stringify(runFacts(scenario, result, ""))] : tellRun(scenario, result, terminal);
    await terminal.write(`${facts.join("\n")}\n`);
    return;
  }
  const shown = await showTape(file, tape, terminal);
  const lines = isJson ? [JSON.stringify(tapeFacts(shown))] : tellTape(shown, "as its tape says:", terminal);
  await terminal.write(`${lines.join("\n")}\n`);
  if (!isJson) sayNext(shown, terminal);
}
