import { resolve } from "node:path";
import { CommandError, EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { appAddress } from "./app-names.ts";
import { awaitGone } from "./await-app.ts";
import { waitOf } from "./run-deploy.ts";

interface Wish {
  readonly address: string;
  readonly waitMs: number | undefined;
}

/** `orrery kill` */
export const command: ResourceCommand<Wish> = {
  read: (input, { cwd }) => {
    const [word = ""] = input.words;
    const path = /^\.{0,2}\//.test(word) || word === "." || word === ".." ? resolve(cwd, word) : word;
    return { address: appAddress(input, path), waitMs: waitOf(input) };
  },
  act: async ({ address, waitMs }, context) => {
    const { server, terminal, isJson } = context;
    const { resources } = await server.ask((registry, options) => registry.list({ selector: address }, options));
    const [app] = resources;
    if (app?.kind !== "App") {
      const why = app === undefined ? "it is not running" : `it is a ${app.kind}, orrery rm removes it`;
      throw new CommandError(`Cannot kill "${address}": ${why}`, { exit: EXIT.notFound, tip: "orrery status" });
    }
    if (app.status?.state === "Destroying")
      throw new CommandError(
        `Cannot kill "${address}": it is not running any more, what it accepted is being finished`,
      );
    const { written } = await server.ask((registry, options) => registry.remove({ address }, options));
    if (waitMs !== undefined) await awaitGone(address, waitMs, context);
    const facts = { address, revision: Number(written?.revision ?? 0), changed: true };
    await terminal.write(isJson ? `${JSON.stringify(facts)}\n` : `Killed ${address}\n`);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
