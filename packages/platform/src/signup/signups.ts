import type { Clock, Log, Random } from "@orrery/core";
import type { SecretBox } from "@orrery/registry";
import type { PasswordHasher } from "../accounts/password-hasher.ts";
import type { Billing } from "../billing/billing.ts";
import type { Invoice } from "../billing/invoice.ts";
import type { Payments } from "../billing/payments.ts";
import type { Plan } from "../billing/plan.ts";
import type { Mailer } from "../mail/mailer.ts";
import type { Invites } from "./invites.ts";
import type { SignupStage } from "./signup.ts";
import type { SignupRecords } from "./signup-records.ts";

/** Who may sign up for a Space of his own: whoever has a mail address, whom an operator invited, or nobody. */
export type SignupMode = "open" | "invited" | "closed";

/** What is made of an order, all of it at once or nothing. */
export interface NewSpace {
  /** By which it is known whose it is. */
  readonly signup: string;
  readonly space: string;
  readonly user: string;
  /** The hash of the password. */
  readonly hash: string;
}

/** What signups do to Spaces. Everything may be asked again. */
export interface SignupHands {
  /**
   * Makes a Space that is not served, and in it the account that owns it; where that was done for this signup, nothing more. Gives its number.
   * @throws OrreryError definitely, where it cannot be: `already_exists`, `invalid_argument`
   */
  make(wish: NewSpace): Promise<number>;
  /** Makes an account in a Space that is there; as `make`. @throws OrreryError definitely, where it cannot be */
  join(wish: NewSpace): Promise<number>;
  /** Takes away the account that was made for this signup. */
  part(wish: Pick<NewSpace, "signup" | "space" | "user">): Promise<void>;
  /** Takes away what was made for this signup; harmless where nothing is, or somebody else's. */
  unmake(wish: Pick<NewSpace, "signup" | "space">): Promise<void>;
}

/** How a signup stands, as whoever began it sees it. */
export interface SignupView {
  readonly stage: SignupStage;
  readonly email: string;
  /** Empty before something is ordered. */
  readonly space: string;
  /** Address of the account. */
  readonly user: string;
  /** Why it does not go on, or was undone; empty: it goes on. */
  readonly why: string;
  /** What is to be paid before the Space is served. */
  readonly open?: Pick<Invoice, "id" | "amount" | "currency">;
}

/** Options of `createSignups`. */
export interface SignupsOptions {
  readonly records: SignupRecords;
  readonly invites: Pick<Invites, "get" | "drop" | "sweep">;
  readonly mode: SignupMode;
  readonly hands: SignupHands;
  readonly billing: Pick<Billing, "subscribe" | "get" | "pay" | "abandon">;
  readonly payments: Pick<Payments, "open" | "hasMethod" | "methodPage">;
  /** The first is what a Space gets that names none. */
  readonly plans: readonly Plan[];
  readonly mailer: Mailer;
  readonly hasher: Pick<PasswordHasher, "hash">;
  /** Closes hashes of passwords as long as they wait. */
  readonly secrets: Pick<SecretBox, "seal" | "open">;
  readonly clock: Clock;
  /** Must be fit for secrets. */
  readonly random: Random;
  readonly log: Log;
}

/**
 * Lets strangers in: their address is proven by a mailed code, then a Space is made with an account and a bill. Each step is written down before the next,
 * and is done again or undone whatever fails and whenever the process dies.
 *
 * I1 Nothing is charged before the Space and its account are there; nothing is served before it is paid. I2 What is undone is withdrawn from the provider of
 * payments first, and what was paid for it after all goes back. I3 A code counts as tried before it is looked at. I4 Whether an address is known here changes
 * no answer.
 */
export interface Signups {
  /** Mails a code; or, where it takes an invite that he has not, a letter that says so. Gives the secret by which whoever has it goes on. @throws OrreryError `resource_exhausted`, `invalid_argument`, `permission_denied` */
  begin(
    email: string,
    options?: { readonly join?: string },
  ): Promise<{ readonly signup: string; readonly codeUntil: number }>;
  /** @throws OrreryError `unauthenticated` for a code that is wrong, too old, tried too often, or used */
  confirm(signup: string, code: string): Promise<SignupView>;
  /** Says what is wanted, and goes on as far as it can. @throws OrreryError `invalid_argument`, `not_found` for the plan, `failed_precondition` */
  order(
    signup: string,
    wish: { readonly space: string; readonly user: string; readonly password: string; readonly plan: string },
  ): Promise<SignupView>;
  /** How it stands, after it went on as far as it can. */
  get(signup: string): Promise<SignupView>;
  /** Where a way to pay is named; empty where none is needed. */
  methodPage(signup: string, returnTo: string): Promise<string>;
  /** Charges what is open now, such as after another way to pay was named. */
  pay(signup: string): Promise<SignupView>;
  /** Undoes it, unless it is paid already. */
  abandon(signup: string): Promise<SignupView>;
  /** Does all that is due now. */
  settle(): Promise<void>;
  /** Does what is due when it is due, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}
