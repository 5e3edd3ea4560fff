import { createSystemClock } from "@orrery/core";
import type { ResourceMessage } from "@orrery/registry/service";
import { versionOf } from "../deploy/app-history.ts";
import type { FittedColumn } from "../fitted-table.ts";
import { formatTime } from "../operate/format.ts";
import { tableText } from "./app-status.ts";
import type { ResourceContext } from "./resource-command.ts";
import { moodOf, statusJson } from "./resource-form.ts";
import { pages } from "./run-ls.ts";

/** Hexadecimal digits of a commit that people are shown. */
const COMMIT_SHOWN = 7;

const COLUMNS: readonly FittedColumn<ResourceMessage>[] = [
  { heading: "APP", text: ({ address }) => address, dropped: 0 },
  { heading: "VERSION", text: (app) => factsOf(app).version, dropped: 2 },
  { heading: "SOURCE", text: (app) => factsOf(app).source, dropped: 4 },
  { heading: "STATUS", text: (app) => factsOf(app).phase, dropped: 0, mood: moodOf },
  { heading: "BUILD", text: (app) => factsOf(app).build.slice(0, COMMIT_SHOWN), dropped: 5 },
  { heading: "UPDATED", text: updatedText, dropped: 6 },
  { heading: "OWNER", text: ({ owner }) => owner, dropped: 3 },
  { heading: "REASON", text: ({ status }) => status?.reason ?? "", dropped: 1 },
];

/** Shows all apps that may be seen, or those in a space: a table, or one line where there are none. */
export async function showApps(
  space: string | undefined,
  { server, terminal, isJson }: ResourceContext,
): Promise<void> {
  const found: ResourceMessage[] = [];
  for await (const page of pages(server, `${space === undefined ? "" : `${space}:`}**<App>`)) found.push(...page);
  if (found.length === 0 && space !== undefined)
    await server.ask((registry, options) => registry.get({ address: space }, options)); // Is it there?
  if (isJson) {
    const all = found.map((one) => ({
      ...{ address: one.address, kind: one.kind, ...factsOf(one), owner: one.owner },
      ...statusJson(one),
    }));
    await terminal.write(`${JSON.stringify(all)}\n`);
  } else if (found.length > 0) await terminal.write(tableText(found, COLUMNS, terminal));
  else await terminal.write(`There are no apps${space === undefined ? "" : ` in ${space}`}\n`);
}

/** What an app is, as its columns have it. */
interface AppFacts {
  /** Of the bundle that runs, else that is to run. */
  readonly version: string;
  /** Where it came from; empty where nobody said. */
  readonly source: string;
  readonly phase: string;
  /** The commit that it was made of; empty where it came from no repository. */
  readonly build: string;
  /** Since when it is in this phase, in ms since 1970; 0 where nobody knows. */
  readonly updated: number;
}

function factsOf({ properties = {}, status }: ResourceMessage): AppFacts {
  const { config = "", source = "", commit = "" } = properties as Readonly<Record<string, string>>;
  const {
    runs = config,
    phase = status?.state ?? "",
    since = 0,
  } = (status?.details ?? {}) as Readonly<Record<string, unknown>>;
  return { version: versionOf(String(runs)), source, phase: String(phase), build: commit, updated: Number(since) };
}

function updatedText(app: ResourceMessage): string {
  const { updated } = factsOf(app);
  return updated === 0 ? "" : `${formatTime(Math.max(0, createSystemClock().now() - updated))} ago`;
}
