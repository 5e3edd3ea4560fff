import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode } from "../command-error.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { openKeyRecord } from "./key-records.ts";
import { stateOf } from "./key-words.ts";

/** Lists artifacts, and whom their keys were given to. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const record = await openKeyRecord(input, terminal);
  const all = await record.list();
  if (input.text("output") === "json") {
    const artifacts = all.map(({ wrap: _wrap, fingerprint: _fingerprint, ...one }) => ({
      ...one,
      state: stateOf(one as never),
    }));
    await terminal.write(`${JSON.stringify({ record: record.file, artifacts })}\n`);
    return EXIT.done;
  }
  const rows = all.map((one) => [
    ...[one.about.app, one.about.kind, one.about.name.slice(0, 19), one.artifact.slice(0, 19), stateOf(one)],
    ...[`${one.bytes} bytes`, `${one.stores.length} stores`, `${one.grants.length} grants`],
  ]);
  const heading = ["pod", "kind", "name", "artifact", "key", "size", "in", "given by"];
  await terminal.write(`${table([heading, ...rows]).join("\n")}\n`);
  return EXIT.done;
}
