import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { askAdmin } from "./ask-admin.ts";

/** `orrery admin rotate-key` */
export const command: ResourceCommand<{ readonly now: boolean }> = {
  read: (input) => ({ now: input.has("now") }),
  act: async ({ now }, context) => {
    const { terminal, isJson } = context;
    const request = { now };
    const { key, beforeUntil } = await askAdmin(context, (client, options) => client.rotateAccessKey(request, options));
    const until = beforeUntil === 0n ? null : new Date(Number(beforeUntil)).toISOString();
    const before = until === null ? "those of before are refused" : `those of before are good until ${until}`;
    const text = `Access tokens are signed by the key ${key} from now on; ${before}\n`;
    await terminal.write(isJson ? `${JSON.stringify({ key, beforeUntil: until })}\n` : text);
    if (!isJson && until === null) terminal.say("Sessions go on: who is logged in gets a new token by itself");
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
