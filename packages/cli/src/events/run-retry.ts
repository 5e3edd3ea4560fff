import { EXIT, usageError } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { askEvents, deadOf, type GroupWish, groupOf } from "./event-words.ts";
import { readDead } from "./read-dead.ts";

interface Wish extends GroupWish {
  /** None: all. */
  readonly offsets: readonly bigint[];
}

/** `orrery events retry` */
export const command: ResourceCommand<Wish> = {
  read: (input, terminal) => {
    const texts = input.words.slice(2);
    const wrong = texts.find((text) => !/^\d{1,15}$/.test(text));
    if (wrong !== undefined)
      throw usageError(`Cannot retry "${wrong}": it is no offset, write those that orrery events dead shows`);
    return { ...groupOf(input, terminal), offsets: texts.map(BigInt) };
  },
  act: async ({ offsets: said, ...group }, context) => {
    const dead = deadOf(group);
    const offsets = said.length > 0 ? said : (await readDead(dead, context)).map(({ offset }) => offset);
    const { offsets: published } =
      offsets.length === 0
        ? { offsets: [] }
        : await askEvents(context, (client, options) => client.republish({ ...dead, offsets: [...offsets] }, options));
    const text = `Published ${published.length} again for ${group.group}\n`;
    await context.terminal.write(context.isJson ? `${JSON.stringify(published.map(Number))}\n` : text);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
