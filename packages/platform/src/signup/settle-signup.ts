import { isOrreryError, OrreryError } from "@orrery/core";
import type { Subscription } from "../billing/subscription.ts";
import { isServed } from "../billing/subscription.ts";
import { welcomeLetter } from "./letters.ts";
import { SIGNUP_KEPT_MS, SIGNUP_LOOK_MS, SIGNUP_MAKING_MS, SIGNUP_STEPS_MAX } from "./limits.ts";
import { end, enter, made, passTime, refuse, type Signup, type SignupOrder, undo, unknown, waiting } from "./signup.ts";
import type { SignupsOptions } from "./signups.ts";

/** Does one thing after the other for a signup, each written down before the next; gives what is left, or nothing where it is forgotten. */
export async function settleSignup(id: string, options: SignupsOptions): Promise<Signup | undefined> {
  const { records, clock, log } = options;
  for (let steps = 0; steps < SIGNUP_STEPS_MAX; steps++) {
    const one = await records.update(id, (found) => passTime(found, clock.now()));
    if (one === undefined || one.next === null || one.next > clock.now()) return one;
    const change = await step(one, options).catch((error: unknown) => {
      log.warn("a signup waits for something to be done", { stage: one.stage, error: String(error) });
      return (found: Signup) => unknown(found, clock.now());
    });
    await records.update(id, (found) => (isSame(found, one) ? change(found) : found));
  }
  throw new OrreryError(
    "internal",
    `Cannot settle a signup: after ${SIGNUP_STEPS_MAX} steps there is still more to do`,
  );
}

/** What becomes of a signup by what was done. */
type Change = (signup: Signup) => Signup;

/** Does what is next, and says what becomes of it; rejects where nobody knows what became of it. */
async function step(one: Signup, options: SignupsOptions): Promise<Change> {
  const { order } = one;
  const now = () => options.clock.now();
  if (order === undefined) return (found) => waiting(found, { next: null });
  if (one.stage === "method") return askMethod(one, order, options);
  if (one.stage === "making") return make(one, order, options);
  if (one.stage === "paying") return pay(one, order, options);
  if (one.stage === "undoing") return unmake(one, order, options);
  if (one.stage !== "telling") return (found) => waiting(found, { next: null });
  await options.mailer.send(welcomeLetter(one.email, order, one.join !== undefined));
  return (found) => end(found, "done", now());
}

/** The way to pay is named first: else a Space would be made and taken away. */
async function askMethod(
  { email, join }: Signup,
  { space, plan }: SignupOrder,
  options: SignupsOptions,
): Promise<Change> {
  const { payments, clock } = options;
  if (join !== undefined) return (found) => enter(found, "making", { now: clock.now(), lastsMs: SIGNUP_MAKING_MS });
  const account = await payments.open({ space, email });
  const isReady = plan.price === 0 || (await payments.hasMethod({ space, account }));
  if (!isReady) return (found) => ({ ...waiting(found, { next: null, why: "no way to pay is named" }), account });
  return (found) => enter({ ...found, account }, "making", { now: clock.now(), lastsMs: SIGNUP_MAKING_MS });
}

async function make(
  { id, email, join }: Signup,
  { space, user, hash }: SignupOrder,
  options: SignupsOptions,
): Promise<Change> {
  const { hands, secrets, clock, invites } = options;
  try {
    const wish = { signup: id, space, user, hash: secrets.open(hash, id) };
    const number = join === undefined ? await hands.make(wish) : await hands.join(wish);
    await invites.drop(join ?? "", email); // It was good for this once.
    return (found) => made(found, number, clock.now());
  } catch (error) {
    if (!isOrreryError(error) || !IMPOSSIBLE.has(error.code)) throw error;
    return (found) => refuse(found, error.message, clock.now());
  }
}

/** What can never be made, so that nothing was. */
const IMPOSSIBLE: ReadonlySet<string> = new Set(["already_exists", "invalid_argument", "data_loss", "not_found"]);

/** Its bill is made here alone, when Space and account are there. */
async function pay(one: Signup, order: SignupOrder, options: SignupsOptions): Promise<Change> {
  const { billing, clock } = options;
  const { space, plan } = order;
  const bill = await billing.subscribe({ space, plan, email: one.email, account: one.account ?? "" });
  if (!isOwn(bill, one)) return (found) => undo(found, `an earlier space "${space}" has a bill still`, clock.now());
  if (wasPaid(bill)) return (found) => enter(found, "telling", { now: clock.now(), lastsMs: SIGNUP_KEPT_MS });
  if (bill.standing !== "starting") return (found) => undo(found, "it was ended", clock.now());
  const { open } = bill;
  const why = open !== undefined && open.declined > 0 ? { why: "the payment was declined" } : {};
  return (found) => waiting(found, { next: clock.now() + SIGNUP_LOOK_MS, ...why });
}

/** Withdraws what was asked for first: as long as nobody knows whether it was paid, nothing is taken away. */
async function unmake(one: Signup, { space, user }: SignupOrder, options: SignupsOptions): Promise<Change> {
  const { billing, hands, clock } = options;
  const bill =
    one.made === undefined || one.join !== undefined
      ? undefined
      : await billing.abandon(space, (bill) => isOwn(bill, one));
  if (bill !== undefined && isOwn(bill, one)) {
    if (wasPaid(bill)) return (found) => enter(found, "telling", { now: clock.now(), lastsMs: SIGNUP_KEPT_MS });
    if (bill.standing !== "removed")
      return ({ why, ...found }) =>
        waiting(found, { next: clock.now() + SIGNUP_LOOK_MS, ...(why !== undefined && { why }) });
  }
  if (one.join === undefined) await hands.unmake({ signup: one.id, space });
  else await hands.part({ signup: one.id, space, user });
  return (found) => end(found, "undone", clock.now());
}

function isOwn({ account, email }: Subscription, one: Signup): boolean {
  return account === one.account && email === one.email;
}

function wasPaid({ paid, standing }: Subscription): boolean {
  return paid !== undefined || isServed(standing);
}

/** Whether nobody wrote in between what a step knows nothing of. */
function isSame(found: Signup, one: Signup): boolean {
  return found.stage === one.stage && JSON.stringify(found.order) === JSON.stringify(one.order);
}
