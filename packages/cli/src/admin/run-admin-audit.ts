import type { AuditEntryMessage } from "@orrery/platform/services";
import { EXIT, type ExitCode } from "../command-error.ts";
import { readSince } from "../read-since.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "../resources/resource-command.ts";
import { readCount } from "../spaces/space-place.ts";
import { table } from "../table.ts";
import { askAdmin } from "./ask-admin.ts";
import { AUDIT_LINES, AUDIT_PAGE } from "./limits.ts";

interface Wish {
  readonly since: bigint;
  readonly actor: string;
  readonly limit: number;
  readonly isCheck: boolean;
}

/** `orrery admin audit` */
export const command: ResourceCommand<Wish> = {
  read: (input) => ({
    since: BigInt(readSince(input)),
    actor: input.text("actor") ?? "",
    limit: readCount(input, "limit") ?? (input.text("since") === undefined ? AUDIT_LINES : Number.MAX_SAFE_INTEGER),
    isCheck: input.has("check"),
  }),
  act: async (wish, context) => (wish.isCheck ? check(context) : list(wish, context)),
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

async function list({ since, actor, limit }: Wish, context: ResourceContext): Promise<ExitCode> {
  const { terminal, isJson } = context;
  const found: AuditEntryMessage[] = [];
  for (let below = 0n; found.length < limit; below = found.at(-1)?.number ?? 0n) {
    const wanted = Math.min(AUDIT_PAGE, limit - found.length);
    const page = { below, since, actor, limit: wanted };
    const { entries } = await askAdmin(context, (client, options) => client.listAudit(page, options));
    found.push(...entries);
    if (entries.length < wanted) break;
  }
  found.reverse();
  if (isJson) await terminal.write(`${JSON.stringify(found.map(entryJson))}\n`);
  else if (found.length === 0) terminal.say("No act of administration is written down");
  else
    await terminal.write(`${table([["AT", "ACTOR", "ACT", "TARGET", "OUTCOME"], ...found.map(rowOf)]).join("\n")}\n`);
  return EXIT.done;
}

async function check(context: ResourceContext): Promise<ExitCode> {
  const { terminal, isJson } = context;
  const { entries, head, broken } = await askAdmin(context, (client, options) => client.checkAudit({}, options));
  const facts = { entries: Number(entries), head, broken: broken === 0n ? null : Number(broken) };
  if (isJson) await terminal.write(`${JSON.stringify(facts)}\n`);
  else if (broken === 0n)
    await terminal.write(`All ${entries} entries are as they were written, up to ${head || "none"}\n`);
  else await terminal.write(`Entry ${broken} is not as it was written, or is gone; ${entries} before it are\n`);
  return broken === 0n ? EXIT.done : EXIT.failed;
}

function entryJson({ number, at, actor, act, target, outcome, hash }: AuditEntryMessage) {
  return { number: Number(number), at: new Date(Number(at)).toISOString(), actor, act, target, outcome, hash };
}

/** Of the name of a method, what tells it from others: `BillingService.MarkPaid`. */
function rowOf({ at, actor, act, target, outcome }: AuditEntryMessage): readonly string[] {
  const time = new Date(Number(at)).toISOString().replace("T", " ").slice(0, 19);
  return [time, actor, act.split(".").slice(-2).join("."), target, outcome];
}
