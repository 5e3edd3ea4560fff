import type { ResourceMessage } from "@orrery/registry/service";
import { EXIT } from "../command-error.ts";
import { insideOf } from "../resources/inside-of.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { resourceJson } from "../resources/resource-form.ts";
import { pages } from "../resources/run-ls.ts";
import { readAddress } from "../resources/target.ts";
import { table } from "../table.ts";

/** `orrery auth ls` */
export const command: ResourceCommand<{ readonly inside: string }> = {
  read: ({ words: [text] }) => ({ inside: text === undefined ? "**" : insideOf(readAddress(text), "**") }),
  act: async ({ inside }, { server, terminal, isJson }) => {
    const found: ResourceMessage[] = [];
    for (const kind of ["Grant", "Role"])
      for await (const page of pages(server, `${inside}<${kind}>`)) found.push(...page);
    await terminal.write(isJson ? `${JSON.stringify(found.map(resourceJson))}\n` : text(found));
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

function text(found: readonly ResourceMessage[]): string {
  const rows = found.map(({ address, kind, properties: { verbs = "", on = "", to = "", members = [] } = {} }) =>
    kind === "Grant"
      ? ["grant", String(verbs), `on ${String(on)}`, `to ${String(to)}`, address]
      : ["role", "", `has ${(members as readonly string[]).join(", ") || "nobody"}`, "", address],
  );
  return rows.length === 0 ? "" : `${table(rows).join("\n")}\n`;
}
