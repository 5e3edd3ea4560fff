import type { ResourceMessage } from "@orrery/registry/service";
import { CommandError, EXIT } from "../command-error.ts";
import type { FittedColumn } from "../fitted-table.ts";
import { appJson, appText, askApp, tableText } from "./app-status.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "./resource-command.ts";
import { moodOf, removalWaits, statusJson, statusText } from "./resource-form.ts";
import { pages } from "./run-ls.ts";
import { readAddress } from "./target.ts";

/** `orrery status` */
export const command: ResourceCommand<{ readonly address: string | undefined }> = {
  read: ({ words: [text] }) => ({ address: text === undefined ? undefined : readAddress(text) }),
  act: async ({ address }, context) => {
    if (address === undefined) await showApps(context);
    else await showOne(address, context);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

async function showOne(address: string, context: ResourceContext): Promise<void> {
  const { server, terminal, isJson } = context;
  const { resource } = await server.ask((registry, options) => registry.get({ address }, options));
  if (resource === undefined) throw new CommandError(`Cannot read "${address}": the server told nothing of it`);
  const app = resource.kind === "App" ? await askApp(address, server) : undefined;
  if (isJson) {
    const facts = { address, kind: resource.kind, ...statusJson(resource), ...(app && appJson(app)) };
    await terminal.write(`${JSON.stringify(facts)}\n`);
    return;
  }
  const waits = removalWaits(resource);
  const going = waits.length === 0 ? "" : `, waits for ${waits.join(", ")}`;
  await terminal.write(`${statusText(resource, terminal)}${going}\n${app === undefined ? "" : appText(app, terminal)}`);
}

const COLUMNS: readonly FittedColumn<ResourceMessage>[] = [
  { heading: "APP", text: ({ address }) => address, dropped: 0 },
  { heading: "STATE", text: ({ status }) => status?.state ?? "", dropped: 0, mood: moodOf },
  { heading: "RUNS", text: runsOf, dropped: 2 },
  { heading: "REASON", text: ({ status }) => status?.reason ?? "", dropped: 1 },
];

async function showApps({ server, terminal, isJson }: ResourceContext): Promise<void> {
  const found: ResourceMessage[] = [];
  for await (const page of pages(server, "**<App>")) found.push(...page);
  if (isJson) {
    const all = found.map((one) => ({ address: one.address, kind: one.kind, ...statusJson(one) }));
    await terminal.write(`${JSON.stringify(all)}\n`);
  } else await terminal.write(tableText(found, COLUMNS, terminal));
}

/** The file of what runs of an app. */
function runsOf({ status }: ResourceMessage): string {
  const details = status?.details as { readonly runs?: unknown } | undefined;
  return typeof details?.runs === "string" ? details.runs : "";
}
