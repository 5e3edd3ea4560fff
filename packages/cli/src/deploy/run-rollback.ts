import { createSystemClock } from "@orrery/core";
import type { ResourceMessage } from "@orrery/registry/service";
import { CommandError, EXIT, type ExitCode } from "../command-error.ts";
import type { FittedColumn } from "../fitted-table.ts";
import { formatTime } from "../operate/format.ts";
import { tableText } from "../resources/app-status.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "../resources/resource-command.ts";
import { bundleOf, historyOf, type RanRelease, runningOf, versionOf } from "./app-history.ts";
import { appAddress } from "./app-names.ts";
import { awaitApp } from "./await-app.ts";
import { waitOf } from "./run-deploy.ts";

interface Wish {
  readonly address: string;
  /** Empty for what ran before. */
  readonly version: string;
  readonly isList: boolean;
  readonly waitMs: number | undefined;
}

/** `orrery rollback` */
export const command: ResourceCommand<Wish> = {
  read: (input) => ({
    address: appAddress(input, input.words[0] ?? ""),
    version: input.text("version") ?? "",
    isList: input.has("list"),
    waitMs: waitOf(input),
  }),
  act: async (wish, context) => {
    const { server } = context;
    const { resource } = await server.ask((registry, options) => registry.get({ address: wish.address }, options));
    if (resource?.kind !== "App")
      throw new CommandError(`Cannot roll "${wish.address}" back: it is a ${resource?.kind}, no App`);
    return wish.isList ? await list(resource, context) : await goBack(wish, resource, context);
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

async function goBack(
  { address, version, waitMs }: Wish,
  app: ResourceMessage,
  context: ResourceContext,
): Promise<ExitCode> {
  const { server, terminal, isJson } = context;
  const config = version === "" ? before(app) : await ofVersion(version, app, context);
  const bundle = bundleOf(config);
  const { resources } = await server.ask((registry, options) => registry.list({ selector: bundle }, options));
  if (resources.length === 0)
    throw new CommandError(`Cannot roll "${address}" back: ${bundle} is not there any more, it was removed`, {
      exit: EXIT.notFound,
      tip: `orrery rollback ${address} --list`,
    });
  const from = runningOf(app);
  const { check = "" } = (app.properties ?? {}) as Readonly<Record<string, string>>;
  await server.ask((registry, options) => registry.change({ address, properties: { config } }, options));
  const onPhase = (phase: string) => void (!isJson && terminal.say(`${address} is ${phase}`));
  const onBuild = (line: string) => void (!isJson && terminal.say(line));
  if (waitMs !== undefined) await awaitApp({ address, config, check, waitMs, onPhase, onBuild }, context);
  const facts = { address, from, config, version: versionOf(config), changed: from !== config };
  await terminal.write(
    isJson ? `${JSON.stringify(facts)}\n` : `Rolled ${address} back to ${versionOf(config)}, from ${versionOf(from)}\n`,
  );
  if (!isJson && waitMs === undefined) terminal.say(`Next: orrery status ${address}`);
  return EXIT.done;
}

/** What ran before what runs; or what runs, where something else is wanted that did not come. @throws CommandError for none */
function before(app: ResourceMessage): string {
  const { config: wanted = "" } = (app.properties ?? {}) as Readonly<Record<string, string>>;
  const runs = runningOf(app);
  const history = historyOf(app);
  const isBad = String((app.status?.details as Readonly<Record<string, unknown>> | undefined)?.["phase"]) === "error";
  if (isBad && runs !== "" && wanted !== runs) return runs;
  const found = history.find(({ config }) => config !== runs);
  if (found !== undefined) return found.config;
  throw new CommandError(
    `Cannot roll "${app.address}" back: nothing else of it ran before, name a version with --version`,
    {
      exit: EXIT.notFound,
      tip: `orrery ls ${bundleOf(wanted).split(":").slice(0, -1).join(":")}`,
    },
  );
}

/** The file of a version: one that ran, else one of the same series. */
async function ofVersion(version: string, app: ResourceMessage, { server }: ResourceContext): Promise<string> {
  const ran = historyOf(app).find(({ config }) => versionOf(config) === version);
  if (ran !== undefined) return ran.config;
  const { config: wanted = "" } = (app.properties ?? {}) as Readonly<Record<string, string>>;
  const bundle = bundleOf(wanted);
  const series = bundle.split(":").slice(0, -1).join(":");
  const other = `${series}:${version}`;
  const { resources } = await server.ask((registry, options) => registry.list({ selector: `${series}:*` }, options));
  if (resources.some(({ address }) => address === other)) return `${other}${wanted.slice(bundle.length)}`;
  throw new CommandError(`Cannot roll "${app.address}" back to ${version}: ${series} has no such version`, {
    exit: EXIT.notFound,
    tip: `orrery rollback ${app.address} --list`,
  });
}

type ShownRelease = RanRelease & { readonly runs: boolean };

const COLUMNS: readonly FittedColumn<ShownRelease>[] = [
  { heading: "VERSION", text: ({ config }) => versionOf(config), dropped: 0 },
  {
    heading: "CAME",
    text: ({ atMs }) => `${formatTime(Math.max(0, createSystemClock().now() - atMs))} ago`,
    dropped: 0,
  },
  { heading: "", text: ({ runs }) => (runs ? "runs" : ""), dropped: 0 },
  { heading: "FROM", text: ({ config }) => config, dropped: 1 },
];

async function list(app: ResourceMessage, { terminal, isJson }: ResourceContext): Promise<ExitCode> {
  const runs = runningOf(app);
  const all = historyOf(app).map(({ config, atMs }) => ({ config, atMs, runs: config === runs }));
  const facts = all.map((one) => ({
    version: versionOf(one.config),
    config: one.config,
    at: one.atMs,
    runs: one.runs,
  }));
  if (isJson) await terminal.write(`${JSON.stringify(facts)}\n`);
  else
    await terminal.write(all.length === 0 ? `Nothing of ${app.address} ran yet\n` : tableText(all, COLUMNS, terminal));
  return EXIT.done;
}
