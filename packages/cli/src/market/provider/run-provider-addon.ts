import { resolve } from "node:path";
import { type AddonChange, type AddonView, askAddons } from "@orrery/market";
import type { CommandInput } from "../../command.ts";
import { EXIT, type ExitCode, usageError } from "../../command-error.ts";
import { table } from "../../table.ts";
import type { Terminal } from "../../terminal.ts";
import { readProviderFile } from "./provider-file.ts";

/** Lists the add-ons of a provider, adds one or takes one away. */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const change = changeOf(input.words, terminal);
  const { data } = await readProviderFile(input, terminal);
  const addons = await askAddons(data, change);
  if (input.text("output") === "json") await terminal.write(`${JSON.stringify(addons)}\n`);
  else if (addons.length === 0) terminal.say("There are no add-ons. Try: orrery provider addon add FOLDER");
  else await terminal.write(textOf(addons));
  return EXIT.done;
}

function changeOf([act = "ls", what]: readonly string[], terminal: Terminal): AddonChange {
  if (act === "ls" && what === undefined) return {};
  if (act === "add" && what !== undefined) return { add: resolve(terminal.cwd, what) };
  if (act === "rm" && what !== undefined) return { remove: what };
  const wanted = { add: "the folder of one", rm: "the name of one" }[act];
  const why = wanted === undefined ? "write ls, add FOLDER or rm NAME" : `name ${wanted}`;
  throw usageError(
    `Cannot change add-ons by "${[act, what].join(" ").trim()}": ${why}`,
    "orrery provider addon --help",
  );
}

function textOf(addons: readonly AddonView[]): string {
  const rows = addons.map(({ name, isRunning, permissions, about }) => [
    ...[name, isRunning ? "runs" : "does not run", permissions.join(", ") || "nothing", about],
  ]);
  return `${table([["ADD-ON", "STATE", "MAY", "FOR"], ...rows]).join("\n")}\n`;
}
