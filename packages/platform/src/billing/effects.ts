import { REMOVAL_NOTICE_MS } from "./limits.ts";
import { retryAt } from "./retry-at.ts";
import type { Effect, Subscription } from "./subscription.ts";

/** The first thing that shall be done outside was done; the next is due. */
export function done(subscription: Subscription, effect: Effect, now: number): Subscription {
  const rest: Subscription = {
    ...subscription,
    effects: subscription.effects.slice(1),
    effectsNext: now,
    effectsFailed: 0,
  };
  const isTold = effect.kind === "tell" && effect.notice === "removal";
  const isLeaving = rest.standing === "suspended" || rest.standing === "ended";
  return isTold && isLeaving ? { ...rest, removalAt: now + REMOVAL_NOTICE_MS } : rest;
}

/** It was not done, or nobody knows: it is done again, ever more seldom. */
export function undone(subscription: Subscription, now: number): Subscription {
  const effectsFailed = subscription.effectsFailed + 1;
  return { ...subscription, effectsFailed, effectsNext: retryAt(now, effectsFailed) };
}
