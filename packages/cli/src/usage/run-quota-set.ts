import { EXIT } from "../command-error.ts";
import { formatBytes } from "../operate/format.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { tellWritten } from "../resources/written.ts";
import { changeQuota } from "./change-quota.ts";
import { type QuotaPlace, readQuotaPlace, readSize } from "./quota-words.ts";

interface Wish extends QuotaPlace {
  readonly bytes: number;
}

/** `orrery quota set` */
export const command: ResourceCommand<Wish> = {
  read: ({ words }) => ({ ...readQuotaPlace(words.slice(0, -1)), bytes: readSize(words.at(-1) ?? "") }),
  act: async ({ address, owner, bytes }, context) => {
    const written = await changeQuota({ address, owner }, bytes, context);
    const whose = owner === undefined ? "all" : `what ${owner} owns`;
    const done = `Set a quota of ${formatBytes(bytes)} for ${whose} in`;
    await tellWritten(written, { done, next: `quota get ${address}` }, context);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
