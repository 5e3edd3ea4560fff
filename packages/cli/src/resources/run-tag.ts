import { BundleService } from "@orrery/registry/bundles";
import { EXIT, usageError } from "../command-error.ts";
import { table } from "../table.ts";
import { handlerOf, type ResourceCommand } from "./resource-command.ts";
import { readAddress } from "./target.ts";
import { tellWritten } from "./written.ts";

interface Wish {
  readonly series: string;
  readonly tag: string;
  /** Empty with `--at`, which shows what it named. */
  readonly version: string;
}

/** `orrery tag` */
export const command: ResourceCommand<Wish> = {
  read: (input) => {
    const [text = "", tag = "", version = ""] = input.words;
    if ((version === "") !== input.has("at"))
      throw usageError(
        `Cannot tag "${text}": write orrery tag SERIES TAG VERSION, or SERIES TAG --at for what it named`,
      );
    return { series: readAddress(text), tag, version };
  },
  act: async (wish, context) => {
    const { server, terminal, isJson } = context;
    const bundles = server.node.client(BundleService);
    try {
      if (wish.version === "") {
        const { moves } = await bundles.listMoves(wish);
        const facts = moves.map(({ version, revision, atMs, agent }) => {
          return { version, revision: Number(revision), at: Number(atMs), agent };
        });
        const rows = facts.map(({ version, revision, at, agent }) => [
          version,
          String(revision),
          new Date(at).toISOString(),
          agent,
        ]);
        await terminal.write(
          isJson
            ? `${JSON.stringify(facts)}\n`
            : `${table([["VERSION", "REVISION", "SINCE", "BY"], ...rows]).join("\n")}\n`,
        );
        return EXIT.done;
      }
      await tellWritten(await bundles.setTag(wish), { done: `${wish.version} is now` }, context);
      return EXIT.done;
    } catch (error) {
      throw server.explain(error);
    }
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
