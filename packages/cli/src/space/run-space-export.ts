import { resolve } from "node:path";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode, typed } from "../command-error.ts";
import { openServer } from "../resources/server.ts";
import { readAddress } from "../resources/target.ts";
import type { Terminal } from "../terminal.ts";
import { exportRecords } from "./export-records.ts";
import { readPassphrase } from "./passphrase.ts";
import { writeSpaceFile } from "./space-file.ts";
import type { SpaceRecord } from "./space-record.ts";
import { createSalt } from "./system-passphrase.ts";

/** `orrery space export` */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [word = "", file = ""] = input.words;
  const space = await typed(() => readAddress(word));
  const salt = createSalt();
  const box = await readPassphrase(input, terminal, salt);
  const server = await openServer(input, terminal);
  const left: string[] = [];
  const counts: Record<string, number> = {};
  const counted = async function* (records: AsyncIterable<SpaceRecord>) {
    for await (const record of records) {
      if (record.kind !== "piece" && record.kind !== "head") counts[record.kind] = (counts[record.kind] ?? 0) + 1;
      yield record;
    }
  };
  try {
    await server.ask((registry, options) => registry.get({ address: space }, options)); // Is it there?
    const records = exportRecords({ server, space, salt, box, onLeft: (what) => void left.push(what) });
    await writeSpaceFile(resolve(terminal.cwd, file), counted(records));
  } catch (error) {
    throw server.explain(error);
  } finally {
    await server.close();
  }
  if (input.text("output") === "json") await terminal.write(`${JSON.stringify({ space, file, counts, left })}\n`);
  else await terminal.write(`Exported ${space} to ${file}: ${countsText(counts)}\n`);
  for (const what of left) terminal.say(`Left out: ${what}`);
  if (left.some((what) => what.includes("secret")))
    terminal.say("Next: the same with --passphrase-file=FILE takes secrets along, encrypted");
  return EXIT.done;
}

/** Such as `12 resources, 3 files`. */
export function countsText(counts: Readonly<Record<string, number>>): string {
  const told = Object.entries(counts).map(
    ([what, count]) => `${count} ${count === 1 ? what : (PLURALS[what] ?? `${what}s`)}`,
  );
  return told.length === 0 ? "nothing" : told.join(", ");
}

const PLURALS: Readonly<Record<string, string>> = { entry: "entries", config: "configs" };
