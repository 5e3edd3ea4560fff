import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode, usageError } from "../command-error.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { chooseArtifacts, openKeyRecord } from "./key-records.ts";
import { openKeyServices } from "./key-services.ts";

/** Prints what was asked of a key service, and what became of it. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [word = ""] = input.words;
  const [one, other] = chooseArtifacts(await (await openKeyRecord(input, terminal)).list(), word);
  if (one === undefined || other !== undefined)
    throw usageError(`Cannot tell which artifact "${word}" is: several are called so, name its digest`);
  const kept = one.grants.find(({ purpose }) => purpose === "keep")?.who;
  const url = input.text("service") ?? kept;
  if (url === undefined)
    throw usageError(`Cannot tell which service keeps "${word}": none was given it, name --service`);
  using services = await openKeyServices(input, terminal);
  const { entries } = await (await services.open(url)).listAudit({ artifact: one.artifact });
  if (input.text("output") === "json") {
    const told = entries.map(({ atMs, kind, text }) => ({ atMs: Number(atMs), kind, text }));
    await terminal.write(`${JSON.stringify({ service: url, artifact: one.artifact, entries: told })}\n`);
    return EXIT.done;
  }
  const rows = entries.map(({ atMs, kind, text }) => [new Date(Number(atMs)).toISOString(), kind, text]);
  await terminal.write(`${table(rows).join("\n")}\n`);
  return EXIT.done;
}
