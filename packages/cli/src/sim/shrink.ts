import { readScript, runScenario, shrinkTape } from "@orrery/sim";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";
import { failurePage } from "./failure-page.ts";
import { loadScenario } from "./load-scenario.ts";
import { readTapeFlags, readWhole } from "./read-options.ts";
import { sayNext, showTape, tapeFacts, tellTape } from "./tell-tape.ts";
import { writeLines } from "./write-lines.ts";

const RUNS_MAX = 500;

/** Makes a failure small: one of a seed, or of a tape. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [word = ""] = input.words;
  const seed = readWhole(input, "seed", 0);
  const runsMax = readWhole(input, "runs", 1) ?? RUNS_MAX;
  const file = await loadScenario(word, terminal);
  const { scenario } = file;
  const given = await readTapeFlags(input, terminal, scenario.name);
  const tape = given ?? readScript([`seed ${seed ?? 1}`], scenario.name);
  const first = await runScenario(scenario, { tape, notes: true });
  if (first.failure === undefined)
    throw new CommandError(
      `Cannot make "${scenario.name}" small: it holds with ${given === undefined ? `seed ${tape.seed}` : "this tape"}`,
      {
        tip: "orrery sim explore finds what fails",
      },
    );
  const onRun = (runs: number) => terminal.progress(`shrinking: run ${runs} of ${runsMax}`);
  const shrunk = await shrinkTape({ scenario, tape: first.tape, failure: first.failure, runsMax, onRun });
  terminal.progress("");
  const shown = await showTape(file, shrunk.tape, terminal);
  if (input.text("output") === "json") {
    await terminal.write(`${JSON.stringify({ ...tapeFacts(shown), shrinkRuns: shrunk.runs })}\n`);
  } else {
    await terminal.write(`${tellTape(shown, `made small in ${shrunk.runs} runs`, terminal).join("\n")}\n`);
  }
  const page = input.text("save");
  if (page !== undefined) await writeLines(page, failurePage(shown), { terminal, what: "the failure" });
  if (input.text("output") !== "json") sayNext(shown, terminal);
  return EXIT.failed;
}
