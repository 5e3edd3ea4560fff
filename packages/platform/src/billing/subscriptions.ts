import type { Invoice } from "./invoice.ts";
import type { Subscription } from "./subscription.ts";

/** Where bills are kept. A rejected write may have been done. */
export interface Subscriptions {
  get(space: string): Promise<Subscription | undefined>;
  /**
   * Changes one, or makes it, and files its news; alone, and whole or not at all. Where `change` gives what it was given, nothing is written.
   * Gives what is there then. `change` may be called several times; it is told the highest number of an invoice that was forgotten.
   */
  update(
    space: string,
    change: (subscription: Subscription | undefined, floor: number) => Subscription | undefined,
  ): Promise<Subscription | undefined>;
  /** Spaces for which something is due up to a moment, the longest due first. */
  due(until: number, limit: number): Promise<readonly string[]>;
  /** All, in the order of their Spaces, from after one on. */
  list(page: { readonly after: string; readonly limit: number }): Promise<readonly Subscription[]>;
  /** The earliest moment at which something is due. */
  nextDue(): Promise<number | undefined>;
  /** Forgets the bill of a Space that stands `removed`, with nothing to be done any more, and its invoices; their numbers never come again. */
  forget(space: string): Promise<void>;
  /** Invoices of a space, the newest first, from below a number on. */
  invoices(page: {
    readonly space: string;
    readonly below?: number;
    readonly limit: number;
  }): Promise<readonly Invoice[]>;
}
