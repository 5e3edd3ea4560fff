import { end } from "./end.ts";
import { countFrom, countUntil } from "./extra-count.ts";
import { extraLines, planLine } from "./invoice.ts";
import { REMOVAL_NOTICE_MS } from "./limits.ts";
import { monthAfter, type Subscription, withEffects, withInvoice, withPlan } from "./subscription.ts";

/** Does what is due at a moment by time alone: a month ends, grace ends, its removal is near, it is removed. The same moment again changes nothing. */
export function passTime(subscription: Subscription, now: number): Subscription {
  let at = subscription;
  for (;;) {
    const next = oneDue(at, now);
    if (next === at) return at;
    at = next;
  }
}

/** The next moment at which something is to be done for it; `null`: none. */
export function nextMoment(subscription: Subscription): number | null {
  const { open, effects, effectsNext } = subscription;
  const moments = [timeLimit(subscription), open?.next ?? null, effects.length > 0 ? effectsNext : null];
  const known = moments.filter((moment) => moment !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** When time alone changes it next. */
function timeLimit(subscription: Subscription): number | null {
  const { standing, plan, open, stoppedAt = 0, removalAt } = subscription;
  if (standing === "active") return subscription.month.until;
  if (standing === "grace" && open !== undefined) return open.invoice.at + plan.graceMs;
  if (standing !== "suspended" && standing !== "ended") return null;
  if (subscription.isClosed === true) return closedLimit(subscription);
  if (removalAt === undefined) return isTelling(subscription) ? null : stoppedAt + plan.keepMs - REMOVAL_NOTICE_MS;
  return open?.instead !== undefined ? null : removalAt;
}

/** When a bill whose Space is gone is removed: when nothing is open, or, of what nobody pays, when its content would have gone. */
function closedLimit({ open, effects, plan, stoppedAt = 0 }: Subscription): number | null {
  if (open === undefined) return effects.length === 0 ? stoppedAt : null;
  return open.instead === undefined ? stoppedAt + plan.keepMs : null;
}

function oneDue(subscription: Subscription, now: number): Subscription {
  const limit = timeLimit(subscription);
  if (limit === null || limit > now) return subscription;
  if (subscription.standing === "active")
    return subscription.isCancelled ? end(subscription, now) : renew(subscription, now);
  if (subscription.standing === "grace") return suspend(subscription, now);
  if (subscription.isClosed === true) return closed(subscription, now);
  return subscription.removalAt === undefined ? announce(subscription) : remove(subscription, now);
}

/** The next month begins where the last ended; its invoice is of now, so that nobody loses grace by our lateness. */
function renew(subscription: Subscription, now: number): Subscription {
  const { plan, nextPlan, counts, month: ended } = subscription;
  const extras = extraLines(plan, countUntil(counts, plan, ended.until), ended);
  const { nextPlan: _, ...rest } = subscription;
  const next: Subscription = {
    ...rest,
    ...{ plan: nextPlan ?? plan, ...monthAfter(subscription), standing: "grace" },
    counts: countFrom(counts, ended.until),
  };
  return withInvoice(withPlan(next, plan), [planLine(next.plan, next.month), ...extras], now);
}

function suspend(subscription: Subscription, now: number): Subscription {
  const { plan, counts, open } = subscription;
  const text = `Invoice ${open?.invoice.id} is not paid: nothing is served until it is, and nothing is lost`;
  const asked = open && (open.unknown > 0 ? open : { ...open, next: null }); // From now on its owner says when it is charged.
  return withEffects(
    {
      ...subscription,
      ...{ standing: "suspended", stoppedAt: now, counts: countUntil(counts, plan, now) },
      ...(asked && { open: asked }),
    },
    { kind: "stop" },
    { kind: "tell", notice: "suspended", text },
  );
}

function announce(subscription: Subscription): Subscription {
  const text = `All content of ${subscription.space} will be removed in ${REMOVAL_NOTICE_MS / 86_400_000} days: export it, or pay what is open`;
  return withEffects(subscription, { kind: "tell", notice: "removal", text });
}

/** What is open is withdrawn first: as long as nobody knows whether it is paid, nothing is removed. */
function remove(subscription: Subscription, now: number): Subscription {
  const { open } = subscription;
  if (open !== undefined) return { ...subscription, open: { ...open, instead: [], next: now } };
  return withEffects(
    { ...subscription, standing: "removed" },
    { kind: "remove" },
    { kind: "tell", notice: "removed", text: `All content of ${subscription.space} was removed` },
  );
}

function closed(subscription: Subscription, now: number): Subscription {
  const { open } = subscription;
  if (open !== undefined) return { ...subscription, open: { ...open, instead: [], next: now } };
  return { ...subscription, standing: "removed" };
}

function isTelling({ effects }: Subscription): boolean {
  return effects.some((effect) => effect.kind === "tell" && effect.notice === "removal");
}
