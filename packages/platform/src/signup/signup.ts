import type { Plan } from "../billing/plan.ts";
import { CODE_COUNTED_MS, CODE_MS, CODE_TRIES_MAX, SIGNUP_KEPT_MS, SIGNUP_OPEN_MS, SIGNUP_RETRY_MS } from "./limits.ts";

/**
 * How far a signup has come. `code`: a code was mailed. `confirmed`: it came back; nothing is made. `method`: a way to pay is to be named. `making`: the
 * Space is being made with its account, and may be there. `paying`: it is there, its first invoice is open, and it is not served. `telling`: it is paid for, or
 * joined, and its owner is told. `done`. `undoing`: what was made is being taken away. `undone`: nothing is left of it.
 */
export type SignupStage =
  | "code"
  | "confirmed"
  | "method"
  | "making"
  | "paying"
  | "telling"
  | "done"
  | "undoing"
  | "undone";

/** What somebody wants whose address is proven. */
export interface SignupOrder {
  readonly space: string;
  /** Name of the account in it. */
  readonly user: string;
  /** The hash of its password, closed; gone once the account is there. */
  readonly hash: string;
  readonly plan: Plan;
}

/** Somebody who signs up, whole. Moments are in ms since 1970. */
export interface Signup {
  /** What is kept of the secret of whoever began it; nobody else goes on with it. */
  readonly id: string;
  readonly email: string;
  readonly at: number;
  /** The Space to which he comes by invite; absent: he wants one of his own. */
  readonly join?: string;
  readonly stage: SignupStage;
  /** What is kept of the code, how often it may still be tried, and until when. */
  readonly code?: { readonly proof: string; readonly left: number; readonly until: number };
  readonly order?: SignupOrder;
  /** As whom the provider of payments knows who pays. */
  readonly account?: string;
  /** The number of the Space that was made. */
  readonly made?: number;
  /** Why it does not go on, or was undone. */
  readonly why?: string;
  /** When it goes on by itself; `null`: not before somebody asks. */
  readonly next: number | null;
  /** How often in a row nobody knew what became of the step. */
  readonly failed: number;
  /** When it ends as it is: it is forgotten, or undone. */
  readonly until: number;
}

/** Begins one, whose code was mailed. */
export function beginSignup({
  id,
  email,
  proof,
  at,
  join,
}: Pick<Signup, "id" | "email" | "at" | "join"> & { readonly proof: string }): Signup {
  const code = { proof, left: CODE_TRIES_MAX, until: at + CODE_MS };
  const place = join === undefined ? {} : { join };
  return { id, email, at, ...place, stage: "code", code, next: null, failed: 0, until: at + CODE_COUNTED_MS };
}

/** Takes a try at its code: right, and good no more; or wrong, and one try less. */
export function tryCode(signup: Signup, isRight: (proof: string) => boolean, now: number): Signup {
  const { code, ...rest } = signup;
  if (signup.stage !== "code" || code === undefined || code.left <= 0 || code.until <= now) return signup;
  if (isRight(code.proof)) return { ...rest, stage: "confirmed", until: now + SIGNUP_OPEN_MS };
  return { ...signup, code: { ...code, left: code.left - 1 } };
}

/** Takes what somebody wants whose address is proven; what is being made already stays as it was wanted. */
export function withOrder(signup: Signup, order: SignupOrder, now: number): Signup {
  if (signup.stage !== "confirmed" && signup.stage !== "method") return signup;
  const { why: _, ...rest } = signup;
  return { ...rest, order, stage: "method", next: now, failed: 0 };
}

/** It comes to a stage that lasts so long at most; what is to be done then is due. */
export function enter(signup: Signup, stage: SignupStage, { now, lastsMs }: { now: number; lastsMs: number }): Signup {
  const { why: _, ...rest } = signup;
  return { ...rest, stage, next: now, failed: 0, until: now + lastsMs };
}

/** The order cannot be: nothing of it was made, and another may come. */
export function refuse(signup: Signup, why: string, now: number): Signup {
  const { order: _, account: __, ...rest } = signup;
  return { ...rest, stage: "confirmed", why, next: null, failed: 0, until: now + SIGNUP_OPEN_MS };
}

/** The Space is there with its account; the password is forgotten here. */
export function made(signup: Signup, number: number, now: number): Signup {
  const { order } = signup;
  if (order === undefined) return signup;
  const known: Signup = { ...signup, made: number, order: { ...order, hash: "" } };
  if (signup.join !== undefined) return enter(known, "telling", { now, lastsMs: SIGNUP_KEPT_MS });
  return enter(known, "paying", { now, lastsMs: order.plan.graceMs });
}

/** What was made is taken away. It lasts until that is done. */
export function undo(signup: Signup, why: string, now: number): Signup {
  return { ...signup, stage: "undoing", why, next: now, failed: 0, until: Number.MAX_SAFE_INTEGER };
}

/** It came to an end, which is known for a while. */
export function end(signup: Signup, stage: "done" | "undone", now: number): Signup {
  const { order, ...rest } = signup;
  const kept = order && { order: { ...order, hash: "" } };
  return { ...rest, ...kept, stage, next: null, failed: 0, until: now + SIGNUP_KEPT_MS };
}

/** It waits for something outside, and is looked at again. */
export function waiting(
  signup: Signup,
  { next, why }: { readonly next: number | null; readonly why?: string },
): Signup {
  const { why: _, ...rest } = signup;
  return { ...rest, ...(why !== undefined && { why }), next, failed: 0 };
}

/** Nobody knows what became of its step: the same is done again, ever more seldom. */
export function unknown(signup: Signup, now: number): Signup {
  const { first, most } = SIGNUP_RETRY_MS;
  const failed = signup.failed + 1;
  return { ...signup, failed, next: now + Math.min(most, first * 2 ** Math.min(failed - 1, 20)) };
}

/** Does what is due by time alone; `null`: it is forgotten. The same moment again changes nothing. */
export function passTime(signup: Signup, now: number): Signup | null {
  const { stage, until } = signup;
  if (until > now) return signup;
  if (stage === "making") return undo(signup, "it could not be made in time", now);
  if (stage === "paying") return undo(signup, "it was not paid", now);
  if (stage === "telling") return end(signup, "done", now);
  return stage === "undoing" ? signup : null;
}

/** When something is to be done for it. */
export function nextMoment({ next, until }: Signup): number {
  return Math.min(until, next ?? until);
}
