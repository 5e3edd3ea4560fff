import type { Invoice } from "./invoice.ts";

/** What became of the wish to charge somebody. */
export type ChargeOutcome =
  | { readonly kind: "paid" }
  /** He who pays said no, or his bank did. `reason`: what people read. */
  | { readonly kind: "declined"; readonly reason: string }
  /** He who pays has to do something first; it will be told by an event. */
  | { readonly kind: "waiting" };

/** What a provider of payments tells of its own accord. */
export interface PaymentEvent {
  /** The invoice that it is about. */
  readonly invoice: string;
  readonly outcome: ChargeOutcome;
}

/** Somebody who pays for a space, as the provider of payments knows him. */
export interface Payer {
  readonly space: string;
  /** The provider's own name for him. */
  readonly account: string;
}

/** What is given back of a paid invoice. */
export interface Refund {
  readonly invoice: string;
  readonly amount: number;
  readonly key: string;
}

/**
 * Who takes money. Every operation may be asked again: for one invoice it takes money once at most, however often and however late it is asked. A
 * rejection says nothing of what became of it, and the same is asked again.
 */
export interface Payments {
  /** One word. */
  readonly name: string;
  /** Makes somebody known who will pay for a space, and gives the provider's own name for him. Again: the same. */
  open(payer: { readonly space: string; readonly email: string }): Promise<string>;
  /** Whether he has named a way to pay. */
  hasMethod(payer: Payer): Promise<boolean>;
  /** A page of the provider on which he names one; `undefined`: none is needed. */
  methodPage(payer: Payer, way: { readonly returnTo: string }): Promise<string | undefined>;
  charge(invoice: Invoice, payer: Payer): Promise<ChargeOutcome>;
  /** Takes back the wish to charge it. `paid`: too late. */
  withdraw(invoice: Invoice, payer: Payer): Promise<"withdrawn" | "paid">;
  /** Gives back part of what was paid for it; once for each `key`. */
  refund(refund: Refund, payer: Payer): Promise<void>;
}
