import { writeSealedPod } from "@orrery/market";
import { table } from "../table.ts";
import { leaseOf } from "./lease-words.ts";
import { DEPLOY_WAIT_MS } from "./limits.ts";
import { marketCommand } from "./open-market.ts";
import { statusFacts, statusText } from "./pod-text.ts";
import { preparedPod } from "./provider-words.ts";

/** Changes a pod that runs: says what differs, then does it. */
export const run = marketCommand(async (context) => {
  const { input, publisher } = context;
  const { prepared, found } = await preparedPod(context);
  const record = await leaseOf(context);
  using door = await publisher.openFor(record);
  const dryRun = input.has("dry-run");
  if (!dryRun) await publisher.upload(prepared, door);
  const next = { ...record, sealed: writeSealedPod(prepared.sealed) };
  const asked = {
    lease: record.lease,
    pod: next.sealed,
    keys: dryRun ? [] : [...(await publisher.wrap(next, door))],
    deleteVolumes: [...input.texts("delete-volume")],
  };
  const plan = await door.calls.update({ ...asked, dryRun: true });
  const rows = plan.changes.map(({ what, from, to, needsRestart }) => [
    what,
    `${from || "(none)"} -> ${to || "(none)"}`,
    needsRestart ? "restart" : "no restart",
  ]);
  const changes = plan.changes.map(({ $typeName: _, ...change }) => change);
  const text =
    rows.length === 0 ? `${found.file} is what runs: nothing changes` : ["Plan", ...table(rows, 2)].join("\n");
  if (dryRun || rows.length === 0) return void (await context.tell(text, { dryRun, changes }));
  if (!context.isJson) await context.terminal.write(`${text}\n`);
  const { pod } = await door.calls.update({ ...asked, dryRun: false }, { timeoutMs: DEPLOY_WAIT_MS });
  await publisher.keep(next);
  if (pod !== undefined) await context.tell(statusText(pod, context), { dryRun, changes, ...statusFacts(pod) });
});
