import type { Registry } from "@orrery/registry";
import { nothingThere } from "@orrery/registry";
import type { Mailer } from "../mail/mailer.ts";
import type { BillingHands } from "./billing.ts";

/** Options of `createBillingHands`. */
export interface BillingHandsOptions {
  readonly registry: Pick<Registry, "get" | "change" | "remove">;
  readonly mailer: Mailer;
  /** As whom Spaces are changed, an operator. */
  readonly agent: string;
}

/** What a Space says that is stopped for its bill. An operator's own reason is another, and stays. */
export const NOT_SERVED = "its bill says so, see orrery billing";

/** Makes what bills do to the Spaces of a registry. A Space that is gone needs nothing more. */
export function createBillingHands({ registry, mailer, agent }: BillingHandsOptions): BillingHands {
  const suspend = async (space: string, from: string | undefined, to: string | undefined) => {
    const found = await registry.get(space, { agent }).catch(nothingThere);
    if (found === undefined || found.properties["suspended"] !== from) return;
    const change = { address: space, properties: { suspended: to }, ifRevision: found.revision };
    await registry.change(change, { agent }).catch(nothingThere);
  };
  return {
    serve: (space) => suspend(space, NOT_SERVED, undefined),
    stop: (space) => suspend(space, undefined, NOT_SERVED),
    plan: async (space, plan) => {
      const change = { address: space, properties: { plan: plan && { ...plan } } };
      await registry.change(change, { agent }).catch(nothingThere);
    },
    remove: async (space) =>
      void (await registry.remove({ address: space, recursive: true }, { agent }).catch(nothingThere)),
    tell: ({ email, space, text }) =>
      mailer.send({
        to: email,
        subject: `Your space ${space}`,
        text: `${text}.\n\nSee: orrery billing get ${space}\n`,
      }),
  };
}
