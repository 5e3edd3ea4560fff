import { MembersService } from "@orrery/platform/services";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { readAddress } from "../resources/target.ts";
import { asked } from "../spaces/space-place.ts";
import type { Terminal } from "../terminal.ts";

interface Wish {
  readonly space: string;
  readonly confirmed: string | undefined;
}

/** `orrery space delete` */
export const command: ResourceCommand<Wish> = {
  read: (input) => ({ space: spaceOf(input), confirmed: input.text("confirm") }),
  act: async ({ space, confirmed }, context) => {
    const { server, terminal, isJson } = context;
    const { resource } = await server.ask((registry, options) => registry.get({ address: space }, options));
    if (resource?.kind !== "Space") throw new CommandError(`Cannot delete "${space}": it is no space`);
    await assertMeant(space, confirmed, terminal);
    const { timeoutMs } = server;
    const { revision } = await asked(server, () =>
      server.node.client(MembersService).deleteSpace({ space, confirm: space }, { timeoutMs }),
    );
    if (isJson) await terminal.write(`${JSON.stringify({ space, revision: Number(revision) })}\n`);
    else await terminal.write(`Deleted ${space} with all that it had; its bill ends now\n`);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

/** The space that a command names. @throws CommandError for what lies in one */
export function spaceOf(input: CommandInput): string {
  const address = readAddress(input.words[0] ?? "");
  if (!address.includes(":")) return address;
  throw usageError(`Cannot ${input.command.name.split(" ")[1]} "${address}": it lies in a space, name that alone`);
}

/** It is gone for good, so that its name is typed once more. @throws CommandError where it is another */
async function assertMeant(space: string, confirmed: string | undefined, terminal: Terminal): Promise<void> {
  const said = confirmed ?? (await askName(space, terminal));
  if (said === undefined)
    throw usageError(
      `Cannot delete "${space}": nobody types here who could confirm it`,
      `orrery space delete ${space} --confirm=${space}; orrery space export ${space} FILE keeps a copy`,
    );
  if (said !== space) throw usageError(`Cannot delete "${space}": "${said}" was typed to confirm it, type its name`);
}

async function askName(space: string, terminal: Terminal): Promise<string | undefined> {
  if (!terminal.isInteractive) return undefined;
  terminal.say(`All that ${space} has goes for good: resources, files, config, stores and events`);
  const options = { prompt: () => `Type ${space} to delete it: `, complete: () => [], onInterrupt: () => undefined };
  for await (const line of terminal.readLines(options)) return line.trim();
  return undefined;
}
