import { SIGNUP_BATCH, SIGNUP_SLEEP_MAX_MS } from "./limits.ts";
import type { SignupsOptions } from "./signups.ts";

/** Does what is due for one signup, when nobody else does. */
type SettleAlone = (id: string) => Promise<unknown>;

/** Does what is due when it is due, until the signal aborts. */
export async function runSignups(
  options: Pick<SignupsOptions, "records" | "invites" | "clock" | "log">,
  settleAlone: SettleAlone,
  signal: AbortSignal,
): Promise<void> {
  const { records, clock, log } = options;
  while (!signal.aborted) {
    let wait = SIGNUP_SLEEP_MAX_MS;
    try {
      await settleDueSignups(options, settleAlone);
      await options.invites.sweep(clock.now());
      wait = Math.min(wait, ((await records.nextDue()) ?? Number.POSITIVE_INFINITY) - clock.now());
    } catch (error) {
      log.warn("signups wait", { error: String(error) });
    }
    await clock.sleep(Math.max(1, wait), signal).catch(() => {});
  }
}

/** Does what is due for all; what fails for one is told, and leaves the others alone. */
export async function settleDueSignups(
  { records, clock, log }: Pick<SignupsOptions, "records" | "clock" | "log">,
  settleAlone: SettleAlone,
): Promise<void> {
  const failed = new Set<string>();
  for (;;) {
    const ids = await records.due(clock.now(), SIGNUP_BATCH + failed.size);
    const left = ids.filter((id) => !failed.has(id));
    if (left.length === 0) return;
    for (const id of left)
      await settleAlone(id).catch((error: unknown) => {
        failed.add(id);
        log.error("a signup is not settled", { error: String(error) });
      });
  }
}
