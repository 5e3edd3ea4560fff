import { isOrreryError } from "@orrery/core";
import { CommandError, EXIT } from "../command-error.ts";
import { commandLine } from "../command-line.ts";
import { table } from "../table.ts";
import { leaseOf } from "./lease-words.ts";
import { marketCommand } from "./open-market.ts";
import { statusFacts, statusText } from "./pod-text.ts";
import { preparedPod } from "./provider-words.ts";

/** Changes a pod that runs: says what differs, then does it. */
export const run = marketCommand(async (context) => {
  const { input, publisher } = context;
  const { prepared, found } = await preparedPod(context);
  const record = await leaseOf(context);
  const dryRun = input.has("dry-run");
  const wish = { deleteVolumes: input.texts("delete-volume") };
  const changes = await publisher.plan(record, prepared, wish);
  const rows = changes.map(({ what, from, to, needsRestart }) => [
    what,
    `${from || "(none)"} -> ${to || "(none)"}`,
    needsRestart ? "restart" : "no restart",
  ]);
  for (const note of prepared.notes) context.terminal.say(note);
  const text =
    rows.length === 0 ? `${found.file} is what runs: nothing changes` : ["Plan", ...table(rows, 2)].join("\n");
  if (dryRun || rows.length === 0) return void (await context.tell(text, { dryRun, changes }));
  if (!context.isJson) await context.terminal.write(`${text}\n`);
  const pod = await publisher.update(record, prepared, wish).catch((error: unknown) => {
    throw withVolumes(error, commandLine(context.terminal, ["pod", "update", found.file]));
  });
  await context.tell(statusText(pod, context), { dryRun, changes, ...statusFacts(pod) });
});

/** Says what to type where an update is refused because it would take away what volumes hold. */
function withVolumes(error: unknown, command: string): unknown {
  const volumes = isOrreryError(error) ? error.details["volumes"] : undefined;
  if (!isOrreryError(error) || !Array.isArray(volumes)) return error;
  const flags = volumes.map((name) => ` --delete-volume=${String(name)}`).join("");
  return new CommandError(error.message, { exit: EXIT.failed, tip: `${command}${flags}`, cause: error });
}
