import { BILLS_PAGE_MAX } from "../billing/limits.ts";
import type { Subscriptions } from "../billing/subscriptions.ts";

/** Somebody who pays, and what for. */
export interface Customer {
  readonly email: string;
  readonly spaces: readonly { readonly space: string; readonly plan: string; readonly standing: string }[];
}

/** Lists who pays for Spaces, in the order of their addresses, from after one on. */
export async function listCustomers(
  subscriptions: Pick<Subscriptions, "list">,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<{ readonly customers: readonly Customer[]; readonly next: string }> {
  const found = new Map<string, Customer["spaces"][number][]>();
  for (let from: string | undefined = ""; from !== undefined; ) {
    const bills: Awaited<ReturnType<Subscriptions["list"]>> = await subscriptions.list({
      after: from,
      limit: BILLS_PAGE_MAX,
    });
    for (const { space, email, plan, standing } of bills) {
      if (email <= after) continue;
      const own = found.get(email) ?? [];
      own.push({ space, plan: plan.name, standing });
      found.set(email, own);
    }
    from = bills.length < BILLS_PAGE_MAX ? undefined : bills.at(-1)?.space;
  }
  const emails = [...found.keys()].sort();
  const customers = emails.slice(0, limit).map((email) => ({ email, spaces: found.get(email) ?? [] }));
  return { customers, next: emails.length > limit ? (emails[limit - 1] ?? "") : "" };
}
