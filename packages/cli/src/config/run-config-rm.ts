import { CommandError, EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { type ConfigPlaceWish, readConfigPlace } from "./config-words.ts";
import { setConfig } from "./set-config.ts";

interface Wish extends ConfigPlaceWish {
  readonly paths: readonly string[];
}

/** `orrery config rm` */
export const command: ResourceCommand<Wish> = {
  read: (input, terminal) => ({ ...readConfigPlace(input, terminal), paths: input.words }),
  act: async ({ space, scope, paths }, context) => {
    const steps = paths.map((path) => ({ path, remove: true }));
    const what = paths.length === 1 ? `"${paths[0]}"` : `${paths.length} paths`;
    const changed = await setConfig({ space, scope, steps }, { done: `Removed ${what}`, next: "config get" }, context);
    if (changed) return EXIT.done;
    throw new CommandError(`Cannot remove ${what}: nothing is set there`, {
      exit: EXIT.notFound,
      tip: "orrery config get",
    });
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
