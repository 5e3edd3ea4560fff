import type { AlertSinkMessage, IncidentMessage } from "@orrery/platform/services";
import { askAdmin } from "../admin/ask-admin.ts";
import { CommandError, EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { table } from "../table.ts";

interface Wish {
  readonly name: string;
  readonly url: string;
  readonly kinds: readonly string[];
}

const read: ResourceCommand<Wish>["read"] = (input) => {
  const [name = "", url = ""] = input.words;
  return { name, url, kinds: input.texts("kind") };
};

const add: ResourceCommand<Wish> = {
  read,
  act: async ({ name, url, kinds }, context) => {
    const wish = { name, url, kinds: [...kinds] };
    const { secret } = await askAdmin(context, (client, options) => client.addAlert(wish, options));
    const { terminal, isJson } = context;
    await terminal.write(isJson ? `${JSON.stringify({ name, url, kinds, secret })}\n` : `${secret}\n`);
    if (isJson) return EXIT.done;
    terminal.say(`Added ${name}; above is the secret that its deliveries are signed with, which is told this once`);
    terminal.say(`Next: orrery alert test ${name}`);
    return EXIT.done;
  },
};

const list: ResourceCommand<Wish> = {
  read,
  act: async (_, context) => {
    const { sinks, incidents } = await askAdmin(context, (client, options) => client.listAlerts({}, options));
    const { terminal, isJson } = context;
    if (isJson) {
      const facts = { sinks: sinks.map(sinkJson), incidents: incidents.map(incidentJson) };
      await terminal.write(`${JSON.stringify(facts)}\n`);
      return EXIT.done;
    }
    if (sinks.length === 0) terminal.say("Nobody is alerted, see orrery alert add --help");
    else {
      const rows = sinks.map((one) => [
        ...[one.name, one.kinds.join(" ") || "all", `${one.delivered}`, `${one.waiting}`, `${one.dead}`],
        ...[one.lastError, one.url],
      ]);
      const head = ["ALERT", "KINDS", "DELIVERED", "WAITING", "DEAD", "LAST ERROR", "URL"];
      await terminal.write(`${table([head, ...rows]).join("\n")}\n`);
    }
    const open = incidents.filter(({ until }) => until === 0n);
    for (const { kind, subject, text, since } of open)
      await terminal.write(`${kind} since ${timeOf(since)}${subject && ` at ${subject}`}: ${text}\n`);
    return EXIT.done;
  },
};

const remove: ResourceCommand<Wish> = {
  read,
  act: async ({ name }, context) => {
    await askAdmin(context, (client, options) => client.removeAlert({ name }, options));
    const { terminal, isJson } = context;
    await terminal.write(isJson ? `${JSON.stringify({ name, removed: true })}\n` : `Removed ${name}\n`);
    return EXIT.done;
  },
};

const test: ResourceCommand<Wish> = {
  read,
  act: async ({ name }, context) => {
    const { ok, told } = await askAdmin(context, (client, options) => client.testAlert({ name }, options));
    if (!ok) throw new CommandError(`Cannot alert "${name}": ${told}`, { tip: "orrery alert ls" });
    const { terminal, isJson } = context;
    await terminal.write(isJson ? `${JSON.stringify({ name, ok })}\n` : `${name}: ${told}\n`);
    return EXIT.done;
  },
};

/** What is done when each is typed. */
export const handlers = {
  add: handlerOf(add),
  list: handlerOf(list),
  remove: handlerOf(remove),
  test: handlerOf(test),
};

function timeOf(at: bigint): string {
  return new Date(Number(at)).toISOString();
}

function sinkJson({ name, url, kinds, waiting, delivered, dead, lastError }: AlertSinkMessage) {
  const counts = { waiting: Number(waiting), delivered: Number(delivered), dead: Number(dead) };
  return { name, url, kinds, ...counts, lastError };
}

function incidentJson({ kind, subject, text, since, until }: IncidentMessage) {
  return { kind, subject, text, since: timeOf(since), until: until === 0n ? null : timeOf(until) };
}
