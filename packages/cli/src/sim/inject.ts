import { type Fault, packTape, readScript, runScenario } from "@orrery/sim";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode, typed, usageError } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";
import { loadScenario, logTo } from "./load-scenario.ts";
import { readWhole } from "./read-options.ts";
import { replayCommand, runFacts, tellRun } from "./tell-run.ts";

/** Runs a scenario with faults at times of its world. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [word = "", ...lines] = input.words;
  const seed = readWhole(input, "seed", 0) ?? 1;
  const tape = await typed(() => readScript([`seed ${seed}`, ...lines.map(withTime)]));
  const file = await loadScenario(word, terminal);
  const { scenario } = file;
  const result = await runScenario(scenario, { tape, ...(input.has("log") && { log: logTo(terminal) }) });
  const known = [...result.world.nodes.keys()];
  for (const [index, { fault }] of tape.faults.entries()) assertNames(lines[index] ?? "", fault, known);
  const replay = replayCommand(file, packTape(tape), terminal);
  if (input.text("output") === "json") {
    await terminal.write(`${JSON.stringify(runFacts(scenario, result, replay))}\n`);
  } else {
    const again = result.failure === undefined ? [] : [`replay with: ${replay}`];
    await terminal.write([...tellRun(scenario, result, terminal), ...again, ""].join("\n"));
  }
  return result.failure === undefined ? EXIT.done : EXIT.failed;
}

/** A fault with its time; without one it is for the beginning. */
function withTime(line: string): string {
  return /^\s*at\s/.test(line) ? line : `at 0 ms: ${line}`;
}

/** A tape passes over nodes that there are no more; what somebody types is to be there. */
function assertNames(line: string, fault: Fault, known: readonly string[]): void {
  const names = "node" in fault ? [fault.node] : "groups" in fault ? fault.groups.flat() : [fault.from, fault.to];
  const unknown = names.find((name) => name !== undefined && name !== "*" && !known.includes(name));
  if (unknown === undefined) return;
  const there = known.map((name) => `"${name}"`).join(", ");
  throw usageError(`Cannot inject "${line}": there is no node "${unknown}", there are ${there}`);
}
