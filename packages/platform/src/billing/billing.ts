import type { Clock, Log } from "@orrery/core";
import type { SpacePlan } from "@orrery/registry";
import type { CancelAt } from "./cancel.ts";
import type { PaymentEvent, Payments } from "./payments.ts";
import type { Extra, Plan } from "./plan.ts";
import type { Order, Subscription } from "./subscription.ts";
import type { Subscriptions } from "./subscriptions.ts";

/** What bills do to spaces and people. Everything may be asked again. */
export interface BillingHands {
  /** Serves a space, or goes on serving it. */
  serve(space: string): Promise<void>;
  /** Serves it no more, and loses nothing of it. */
  stop(space: string): Promise<void>;
  /** Says at a space what its plan lets it have; undefined: as much as it takes. */
  plan(space: string, plan: SpacePlan | undefined): Promise<void>;
  /** Removes it with all content. */
  remove(space: string): Promise<void>;
  /** Tells him who pays for it. */
  tell(notice: {
    readonly space: string;
    readonly email: string;
    readonly notice: string;
    readonly text: string;
  }): Promise<void>;
}

/** What bills need. */
export interface BillingOptions {
  readonly subscriptions: Pick<Subscriptions, "get" | "update" | "due" | "nextDue">;
  readonly payments: Pick<Payments, "name" | "charge" | "withdraw" | "refund">;
  readonly hands: BillingHands;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Keeps the bills of spaces: makes invoices, charges them, and serves or stops spaces by them. Whatever fails without an answer is asked again; nothing
 * is charged twice, and nothing removed as long as somebody may have paid. One runs over the same bills.
 */
export interface Billing {
  /** Makes the bill of a space and charges its first invoice. The same again changes nothing. */
  subscribe(order: Omit<Order, "at" | "earlier">): Promise<Subscription>;
  /** @throws OrreryError `not_found` */
  get(space: string): Promise<Subscription>;
  /** Says how many of an extra there are from now on. A space without a bill is not counted. */
  count(count: { readonly space: string; readonly extra: Extra; readonly now: number }): Promise<void>;
  /** Has another plan from the next month on. @throws OrreryError `not_found` */
  choose(space: string, plan: Plan): Promise<Subscription>;
  cancel(space: string, when: CancelAt): Promise<Subscription>;
  goOn(space: string): Promise<Subscription>;
  /** Ends it because its Space goes, or is gone; removes that where it is there. @throws OrreryError `not_found` */
  close(space: string): Promise<Subscription>;
  /** Charges what is open now. */
  pay(space: string): Promise<Subscription>;
  /**
   * Ends a bill that was never paid, where `isMeant` says that it is the one: its invoice is withdrawn, or given back where it was paid after all, and then it
   * stands `removed`. Gives how it stands; nothing where there is none.
   */
  abandon(space: string, isMeant: (subscription: Subscription) => boolean): Promise<Subscription | undefined>;
  /** Takes what a provider of payments tells. One that is known already changes nothing. */
  hear(event: PaymentEvent): Promise<void>;
  /** Does all that is due now, for one space or for all. */
  settle(space?: string): Promise<void>;
  /** Does what is due when it is due, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}
