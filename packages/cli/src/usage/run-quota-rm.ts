import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { tellWritten } from "../resources/written.ts";
import { changeQuota } from "./change-quota.ts";
import { type QuotaPlace, readQuotaPlace } from "./quota-words.ts";

/** `orrery quota rm` */
export const command: ResourceCommand<QuotaPlace> = {
  read: ({ words }) => readQuotaPlace(words),
  act: async (place, context) => {
    const written = await changeQuota(place, undefined, context);
    const whose = place.owner === undefined ? "all" : `what ${place.owner} owns`;
    await tellWritten(written, { done: `Took away the quota of ${whose} in` }, context);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
