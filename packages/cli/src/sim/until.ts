import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";
import { loadScenario } from "./load-scenario.ts";
import { readWhole } from "./read-options.ts";
import { doAll, openSession } from "./step.ts";

/** Runs a scenario up to a time or an event, and shows where it stands. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [word = "", ...what] = input.words;
  const target = what.join(" ");
  const file = await loadScenario(word, terminal);
  await using session = await openSession(file, readWhole(input, "seed", 0), { input, terminal });
  await doAll(session, [`until ${target}`, "look"], { input, terminal });
  if (session.ended === undefined) return EXIT.done;
  const text = `Cannot wait for "${target}": the run ends before it, at ${session.world.elapsedMs} ms`;
  throw new CommandError(text, { exit: EXIT.timeout });
}
