import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { spaceOf } from "./run-space-delete.ts";

/** `orrery space rename` */
export const command: ResourceCommand<{ readonly space: string; readonly title: string }> = {
  read: (input) => ({ space: spaceOf(input), title: input.words[1] ?? "" }),
  act: async ({ space, title }, { server, terminal, isJson }) => {
    const { written } = await server.ask((registry, options) =>
      registry.change({ address: space, properties: { title } }, options),
    );
    const { changed = false } = written ?? {};
    if (isJson) await terminal.write(`${JSON.stringify({ space, title, changed })}\n`);
    else await terminal.write(`${space} is shown as ${title}\n`);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
