import { CommandError, EXIT, usageError } from "../command-error.ts";
import { appJson, appText, askApp } from "./app-status.ts";
import { showApps } from "./app-table.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "./resource-command.ts";
import { removalWaits, statusJson, statusText } from "./resource-form.ts";
import { readAddress } from "./target.ts";

interface Wish {
  /** Undefined for all apps. */
  readonly address: string | undefined;
  /** In which all of them are meant; undefined for everywhere. */
  readonly space: string | undefined;
}

/** `orrery status` */
export const command: ResourceCommand<Wish> = {
  read: (input) => {
    const [text] = input.words;
    const space = input.text("space");
    if (text !== undefined && space !== undefined)
      throw usageError(`Cannot show "${text}" with --space: that is for all apps, leave one of them out`);
    return {
      address: text === undefined ? undefined : readAddress(text),
      space: space === undefined ? undefined : readAddress(space),
    };
  },
  act: async ({ address, space }, context) => {
    if (address === undefined) await showApps(space, context);
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
