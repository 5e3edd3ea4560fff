import type { Invoice } from "../billing/invoice.ts";
import { nextMoment } from "../billing/pass-time.ts";
import type { Subscription } from "../billing/subscription.ts";
import type { Subscriptions } from "../billing/subscriptions.ts";

/** Bills in memory, for many runs of the simulator; holds what it is given as a database would, as text. */
export interface MemorySubscriptions extends Subscriptions {
  /** All invoices that were filed, by id, as they are now. */
  readonly filed: ReadonlyMap<string, Invoice>;
}

/** Makes it; `onWrite` sees what was written. */
export function createMemorySubscriptions({
  onWrite = () => {},
}: {
  readonly onWrite?: (subscription: Subscription) => void;
} = {}): MemorySubscriptions {
  const texts = new Map<string, string>();
  const filed = new Map<string, Invoice>();
  const read = (space: string) => {
    const text = texts.get(space);
    return text === undefined ? undefined : (JSON.parse(text) as Subscription);
  };
  let floor = 0;
  const all = () => [...texts.keys()].flatMap((space) => read(space) ?? []);
  const dues = () => all().flatMap((one) => ({ space: one.space, at: nextMoment(one) ?? Number.POSITIVE_INFINITY }));
  return {
    filed,
    get: async (space) => read(space),
    update: async (space, change) => {
      const before = read(space);
      const after = change(before, floor);
      if (after === before || after === undefined) return before;
      for (const invoice of after.news) filed.set(invoice.id, invoice);
      const kept: Subscription = { ...after, news: [] };
      texts.set(space, JSON.stringify(kept));
      onWrite(kept);
      return kept;
    },
    due: async (until, limit) =>
      dues()
        .filter(({ at }) => at <= until)
        .sort((a, b) => a.at - b.at)
        .slice(0, limit)
        .map(({ space }) => space),
    list: async ({ after, limit }) =>
      all()
        .filter(({ space }) => space > after)
        .sort((a, b) => (a.space < b.space ? -1 : 1))
        .slice(0, limit),
    nextDue: async () => {
      const at = Math.min(...dues().map((one) => one.at));
      return Number.isFinite(at) ? at : undefined;
    },
    forget: async (space) => {
      const one = read(space);
      if (one?.standing !== "removed" || one.open !== undefined || one.effects.length > 0) return;
      floor = Math.max(floor, one.invoices);
      texts.delete(space);
      for (const [id, invoice] of filed) if (invoice.space === space) filed.delete(id);
    },
    invoices: async ({ space, below = Number.POSITIVE_INFINITY, limit }) =>
      [...filed.values()]
        .filter((invoice) => invoice.space === space && invoice.number < below)
        .sort((a, b) => b.number - a.number)
        .slice(0, limit),
  };
}
