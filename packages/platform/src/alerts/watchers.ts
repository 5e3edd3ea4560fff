import type { Clock, Log } from "@orrery/core";
import type { Registry } from "@orrery/registry";
import type { Payments } from "../billing/payments.ts";
import type { Mailer } from "../mail/mailer.ts";
import type { AlertKind, Alerts } from "./alerts.ts";
import { DISK_FREE_SHARE_MIN, DISK_LOOK_MS } from "./limits.ts";

type Told = Pick<Alerts, "raise" | "clear">;

/** Has failures of some work alert, and its success end that. What cannot be told is logged: the work itself is never harmed. */
export function createTeller(alerts: Told, log: Log) {
  const quiet = (telling: Promise<void>) =>
    telling.catch((error: unknown) => log.error("an alert could not be written", { error: String(error) }));
  return {
    raise: (kind: AlertKind, text: string, subject = "") => quiet(alerts.raise({ kind, subject, text })),
    clear: (kind: AlertKind, subject = "") => quiet(alerts.clear({ kind, subject })),
  };
}

/** What alerts are told by. */
export type Teller = ReturnType<typeof createTeller>;

/** The same mailer, which alerts when letters are not taken, until one is. */
export function alertingMailer(mailer: Mailer, teller: Teller): Mailer {
  return {
    send: async (mail) => {
      try {
        await mailer.send(mail);
      } catch (error) {
        await teller.raise("mail", `Letters are not taken: ${messageOf(error)}`);
        throw error;
      }
      await teller.clear("mail");
    },
  };
}

/** The same payments, which alert when their provider gives no answer, until it does. A card that is declined is no fault of a platform. */
export function alertingPayments(payments: Payments, teller: Teller): Payments {
  const told =
    <A extends readonly unknown[], T>(ask: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      try {
        const answer = await ask(...args);
        await teller.clear("payment");
        return answer;
      } catch (error) {
        await teller.raise("payment", `The provider of payments gives no answer: ${messageOf(error)}`);
        throw error;
      }
    };
  return {
    ...payments,
    charge: told(payments.charge.bind(payments)),
    withdraw: told(payments.withdraw.bind(payments)),
    refund: told(payments.refund.bind(payments)),
  };
}

/** Looks at the room on a disk now and every minute, until the signal aborts. */
export async function watchDisk(
  free: () => Promise<{ readonly free: number; readonly all: number }>,
  { teller, clock, signal }: { readonly teller: Teller; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    const { free: left, all } = await free().catch(() => ({ free: 1, all: 1 })); // Nobody knows: that is no alert.
    if (left < all * DISK_FREE_SHARE_MIN)
      await teller.raise("disk", `Of the disk ${Math.floor((100 * left) / all)} % are free`);
    else await teller.clear("disk");
    await clock.sleep(DISK_LOOK_MS, signal).catch(() => undefined);
  }
}

/** Alerts for each app whose code ends by itself again and again, or does not start, until it runs or is gone; until the signal aborts. */
export async function watchPanics(
  registry: Pick<Registry, "watch">,
  { teller, agent, signal }: { readonly teller: Teller; readonly agent: string; readonly signal: AbortSignal },
): Promise<void> {
  const by = { agent, signal };
  for await (const { parts, resource } of registry.watch({ selector: "**<App>" }, by)) {
    const { address, status } = resource;
    if (parts.includes("removed") || status.state === "Ready") await teller.clear("panic", address);
    else if (status.state === "Panic") await teller.raise("panic", status.reason ?? "", address);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
