import { diffTraces, type Recording } from "@orrery/sim";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";
import { isScript, type LoadRecordingOptions, loadRecording } from "./recording-file.ts";

/** Tells where two traces part. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [one = "", other = ""] = input.words;
  const [a, b] = await loadBoth(one, other, { input, terminal });
  const found = diffTraces(a, b);
  if (input.text("output") === "json") {
    const facts = found === undefined ? { same: true, lines: a.records.length } : { same: false, ...found };
    await terminal.write(`${JSON.stringify(facts)}\n`);
  } else await terminal.write(found?.text ?? `The two runs are the same: ${a.records.length} lines, trace ${a.hash}\n`);
  return found === undefined ? EXIT.done : EXIT.failed;
}

/** A scenario is run with the seed of the trace that it is compared with. */
async function loadBoth(one: string, other: string, options: LoadRecordingOptions): Promise<[Recording, Recording]> {
  if (isScript(one)) {
    const b = await loadRecording(other, options);
    return [await loadRecording(one, { ...options, seed: b.seed }), b];
  }
  const a = await loadRecording(one, options);
  return [a, await loadRecording(other, { ...options, seed: a.seed })];
}
