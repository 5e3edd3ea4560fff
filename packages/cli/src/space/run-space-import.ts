import { resolve } from "node:path";
import { Strategy } from "@orrery/registry/service";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode, typed } from "../command-error.ts";
import { openServer } from "../resources/server.ts";
import { readAddress } from "../resources/target.ts";
import type { Terminal } from "../terminal.ts";
import { importRecords } from "./import-records.ts";
import { readPassphrase } from "./passphrase.ts";
import { countsText } from "./run-space-export.ts";
import { readSpaceFile } from "./space-file.ts";

/** `orrery space import` */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const file = input.words[0] ?? "";
  const path = resolve(terminal.cwd, file);
  const { from, salt } = await readWhole(path, file);
  const to = await typed(() => readAddress(input.text("space") ?? from));
  const box = await readPassphrase(input, terminal, salt);
  const server = await openServer(input, terminal);
  const left: string[] = [];
  try {
    const { resources } = await server.ask((registry, by) => registry.list({ selector: to }, by));
    if (resources.length === 0)
      await server.ask((registry, by) =>
        registry.create({ address: to, kind: "Space", strategy: Strategy.ENSURE }, by),
      );
    const options = { server, from, to, box, onLeft: (what: string) => void left.push(what) };
    const counts = await importRecords(readSpaceFile(path), options);
    if (input.text("output") === "json") await terminal.write(`${JSON.stringify({ space: to, file, counts, left })}\n`);
    else await terminal.write(`Imported ${file} into ${to}: ${countsText(counts)}\n`);
  } catch (error) {
    throw server.explain(error);
  } finally {
    await server.close();
  }
  for (const what of left) terminal.say(`Left out: ${what}`);
  return EXIT.done;
}

/** Reads all of it before anything is made: a file that was changed or cut off makes nothing. */
async function readWhole(path: string, file: string): Promise<{ readonly from: string; readonly salt: string }> {
  let head: { readonly from: string; readonly salt: string } | undefined;
  for await (const record of readSpaceFile(path))
    if (record.kind === "head") head = { from: record.space, salt: record.salt };
  if (head === undefined) throw new CommandError(`Cannot read "${file}": it is empty`);
  return head;
}
