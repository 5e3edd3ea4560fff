import { EXIT, usageError } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { readSpace } from "../spaces/space-place.ts";
import { askBilling } from "./bill-command.ts";
import { refusalJson } from "./bill-json.ts";
import { refusalsText } from "./bill-text.ts";

interface Wish {
  readonly space: string;
  readonly all: boolean;
}

/** `orrery billing refusals` */
export const command: ResourceCommand<Wish> = {
  read: (input, terminal) => {
    const all = input.has("all");
    if (all && input.text("space") !== undefined)
      throw usageError("Cannot read flags: --all and --space say different things, write one of them");
    return { space: all ? "" : readSpace(input, terminal), all };
  },
  act: async (wish, context) => {
    const { terminal, isJson } = context;
    const { refusals } = await askBilling(context, (client, options) => client.listRefusals(wish, options));
    if (isJson) await terminal.write(`${JSON.stringify(refusals.map(refusalJson))}\n`);
    else if (refusals.length > 0) await terminal.write(refusalsText(refusals));
    else terminal.say("No plan refused anything in the last 30 days");
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
