import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode } from "../command-error.ts";
import type { Terminal } from "../terminal.ts";
import { chooseArtifacts, openKeyRecord } from "./key-records.ts";
import { artifactText, stateOf } from "./key-words.ts";

/** Lets what was revoked be sealed anew, under another key. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [word = ""] = input.words;
  const record = await openKeyRecord(input, terminal);
  const chosen = chooseArtifacts(await record.list(), word).filter((one) => stateOf(one) === "revoked");
  if (chosen.length === 0) throw new CommandError(`Cannot renew "${word}": none of it is revoked`);
  for (const { artifact } of chosen) await record.renew(artifact);
  if (input.text("output") === "json") {
    await terminal.write(`${JSON.stringify({ renewed: chosen.map(({ artifact }) => artifact) })}\n`);
    return EXIT.done;
  }
  for (const one of chosen) await terminal.write(`Renewed ${artifactText(one)}\n`);
  terminal.say("The next upload or deployment seals it under another key, and sends it");
  return EXIT.done;
}
