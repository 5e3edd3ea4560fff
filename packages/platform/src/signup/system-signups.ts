import type { Clock, Component, Log, Random } from "@orrery/core";
import type { Database, Registry, SecretBox } from "@orrery/registry";
import { createArgon2Hasher } from "../accounts/system-argon2.ts";
import type { Payments } from "../billing/payments.ts";
import type { Plan } from "../billing/plan.ts";
import type { Bills } from "../billing/system-bills.ts";
import type { Mailer } from "../mail/mailer.ts";
import { createSpaces } from "../spaces/spaces.ts";
import { createSignups } from "./create-signups.ts";
import { createMembers } from "./members.ts";
import { createMembersComponent } from "./members-component.ts";
import { createSignupComponent } from "./signup-component.ts";
import { createSignupHands } from "./signup-hands.ts";
import type { SignupMode } from "./signups.ts";
import { openInvites } from "./sql-invites.ts";
import { openSignupRecords } from "./sql-signups.ts";

/** Options of `openSignups`. */
export interface OpenSignupsOptions {
  /** Has the Spaces. */
  readonly registry: Registry;
  /** The registry's. */
  readonly database: Database;
  /** Who may sign up. */
  readonly mode: SignupMode;
  /** The bills of the Spaces that are made. */
  readonly bills: Pick<Bills, "billing">;
  /** Takes the money. */
  readonly payments: Payments;
  /** The first is what a Space gets that names none. */
  readonly plans: readonly Plan[];
  /** Sends codes. */
  readonly mailer: Mailer;
  /** Closes hashes of passwords as long as they wait. */
  readonly secrets: SecretBox;
  /** Says when codes end. */
  readonly clock: Clock;
  /** Must be fit for secrets. */
  readonly random: Random;
  /** Is told what failed, and is tried again. */
  readonly log: Log;
  /** As whom Spaces are made, an operator. Default: `operator`. */
  readonly agent?: string;
}

/** How strangers come in. */
export interface OpenedSignups extends AsyncDisposable {
  /** Serve `orrery.signup.v1`: signups, and members of Spaces. */
  readonly components: readonly Component[];
}

/** Opens signups over the database of a registry: those that were under way go on from now on. */
export async function openSignups(options: OpenSignupsOptions): Promise<OpenedSignups> {
  const { registry, database, bills, mailer, clock, random, agent = "operator" } = options;
  const records = await openSignupRecords(database);
  const hands = createSignupHands({ registry, agent });
  const hasher = createArgon2Hasher({ random });
  const invites = await openInvites(database);
  const spaces = createSpaces({ registry, agent });
  const now = () => clock.now();
  const members = createMembers({ invites, spaces, registry, mailer, now, operator: agent });
  const signups = createSignups({ ...options, records, invites, hands, hasher, billing: bills.billing });
  const ended = new AbortController();
  const running = signups.run(ended.signal);
  return {
    components: [createSignupComponent(signups), createMembersComponent(members)],
    [Symbol.asyncDispose]: async () => {
      ended.abort();
      await running;
    },
  };
}
