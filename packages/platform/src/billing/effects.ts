import { BILLING_RETRY_MS, REMOVAL_NOTICE_MS } from "./limits.ts";
import type { Effect, Subscription } from "./subscription.ts";

/** The first thing that shall be done outside was done; the next is due. */
export function done(subscription: Subscription, effect: Effect, now: number): Subscription {
  const rest: Subscription = { ...subscription, todo: subscription.todo.slice(1), todoNext: now, todoFailed: 0 };
  const isTold = effect.kind === "tell" && effect.notice === "removal";
  const isLeaving = rest.standing === "suspended" || rest.standing === "ended";
  return isTold && isLeaving ? { ...rest, removalAt: now + REMOVAL_NOTICE_MS } : rest;
}

/** It was not done, or nobody knows: it is done again, ever more seldom. */
export function undone(subscription: Subscription, now: number): Subscription {
  const { first, most } = BILLING_RETRY_MS;
  const todoFailed = subscription.todoFailed + 1;
  return { ...subscription, todoFailed, todoNext: now + Math.min(most, first * 2 ** Math.min(todoFailed - 1, 20)) };
}
