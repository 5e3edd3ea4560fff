import { isOrreryError, OrreryError } from "@orrery/core";
import { createOneAtATime } from "@orrery/core/internal";
import { type Address, nothingThere, parseAddress } from "@orrery/registry";
import { assertGoodPassword } from "../accounts/passwords.ts";
import { isProven, proofOf } from "../accounts/system-proof.ts";
import { drawSecret } from "../accounts/token-text.ts";
import { planOf } from "../billing/plan-of.ts";
import type { Subscription } from "../billing/subscription.ts";
import { assertAddress } from "../mail/write-mail.ts";
import { codeLetter, uninvitedLetter } from "./letters.ts";
import { CODE_COUNTED_MS, CODE_MS, CODES_MAX, SIGNUPS_MAX } from "./limits.ts";
import { runSignups, settleDueSignups } from "./run-signups.ts";
import { settleSignup } from "./settle-signup.ts";
import { beginSignup, end, type Signup, tryCode, undo, withOrder } from "./signup.ts";
import { drawCode, plainCode } from "./signup-code.ts";
import type { Signups, SignupsOptions, SignupView } from "./signups.ts";

/** Makes it; it does nothing by itself before `run`. */
export function createSignups(options: SignupsOptions): Signups {
  const { records, billing, payments, clock } = options;
  const oneAtATime = createOneAtATime();
  const settleAlone = (id: string) => oneAtATime(id, () => settleSignup(id, options));
  /** Writes, goes on as far as it can, and tells how it stands then. */
  const change = async (token: string, by: (signup: Signup, now: number) => Signup): Promise<SignupView> => {
    const id = proofOf(token);
    const written = await records.update(id, (found) => by(found, clock.now()));
    if (written === undefined) throw unknownSignup();
    const settled = await settleAlone(id);
    if (settled === undefined) throw unknownSignup();
    return view(settled, await openBill(settled, options));
  };
  const found = async (token: string): Promise<Signup> => {
    const one = await records.get(proofOf(token));
    if (one === undefined || one.until <= clock.now()) throw unknownSignup();
    return one;
  };
  return {
    begin: (email, { join } = {}) => oneAtATime(`mail ${email}`, () => begin({ email, join }, options)),
    confirm: (token, code) => confirm(token, code, options),
    order: async (token, { password, ...wish }) => {
      const one = await found(token);
      if (one.stage !== "confirmed" && one.stage !== "method") return assertOrdered(change(token, same), wish.space);
      const place = one.join === undefined ? wish : { ...wish, space: one.join };
      const order = await orderOf(one.id, { ...place, password }, options);
      return change(token, (signup, now) => withOrder(signup, order, now));
    },
    get: (token) => change(token, lookNow),
    methodPage: async (token, returnTo) => {
      const { order, account } = await found(token);
      if (order === undefined || account === undefined) throw notOrdered();
      return (await payments.methodPage({ space: order.space, account }, { returnTo })) ?? "";
    },
    pay: async (token) => {
      const { stage, order } = await found(token);
      if (stage === "paying" && order !== undefined) await billing.pay(order.space).catch(nothingThere);
      return change(token, lookNow);
    },
    abandon: (token) => change(token, (one, now) => giveUp(one, now)),
    settle: () => settleDueSignups(options, settleAlone),
    run: (signal) => runSignups(options, settleAlone, signal),
  };
}

/** The record is there before the letter: a letter that is not sent leaves nothing that anybody could use. */
async function begin(
  { email, join }: { readonly email: string; readonly join: string | undefined },
  { mode, records, invites, mailer, clock, random }: SignupsOptions,
) {
  assertAddress(email);
  if (join !== undefined && !isAddressOf(join, ["name", "domain"], 1))
    throw new OrreryError("invalid_argument", `Cannot join "${join}": write the name of a space, such as demo.test`);
  if (mode === "closed" && join === undefined)
    throw new OrreryError("permission_denied", "Cannot sign up here: this platform takes nobody new, ask who runs it");
  const at = clock.now();
  const { all, recent, first = at } = await records.count(email, at - CODE_COUNTED_MS);
  if (recent >= CODES_MAX) {
    const retryAfterMs = Math.max(1, first + CODE_COUNTED_MS - at);
    const text = `Cannot mail another code to "${email}": ${recent} were mailed within the hour, try again in ${Math.ceil(retryAfterMs / 60_000)} minutes`;
    throw new OrreryError("resource_exhausted", text, { details: { retryAfterMs } });
  }
  if (all >= SIGNUPS_MAX)
    throw new OrreryError("resource_exhausted", `Cannot sign up: ${all} are signing up already, try again later`);
  const [token, code] = [drawSecret(random), drawCode(random)];
  const takesInvite = join !== undefined || mode === "invited";
  const invite = await invites.get(join ?? "", email);
  const isMeant = !takesInvite || (invite !== undefined && invite.until > at);
  const known = { id: proofOf(token), email, proof: codeProof(token, code), at };
  await records.add(beginSignup(join === undefined ? known : { ...known, join }));
  await mailer.send(isMeant ? codeLetter(email, code) : uninvitedLetter(email, join ?? ""));
  return { signup: token, codeUntil: at + CODE_MS };
}

/** Of code and secret: whoever reads what is kept cannot find the code out. */
function codeProof(token: string, code: string): string {
  return proofOf(`${token} ${plainCode(code)}`);
}

async function confirm(token: string, code: string, { records, clock }: SignupsOptions): Promise<SignupView> {
  let isRight = false;
  const isMeant = (proof: string) => {
    isRight = isProven(`${token} ${plainCode(code)}`, proof);
    return isRight;
  };
  const written = await records.update(proofOf(token), (found) => {
    isRight = false;
    return tryCode(found, isMeant, clock.now());
  });
  if (written !== undefined && isRight) return view(written);
  const left = written?.stage === "code" ? (written.code?.left ?? 0) : 0;
  const isOver = left === 0 || (written?.code?.until ?? 0) <= clock.now();
  const why = isOver
    ? "it is too old, was used, or was tried too often, begin anew"
    : `it is another, ${left} tries are left`;
  throw new OrreryError("unauthenticated", `Cannot take the code: ${why}`);
}

async function orderOf(
  id: string,
  { space, user, password, plan }: Parameters<Signups["order"]>[1],
  { plans, hasher, secrets }: SignupsOptions,
) {
  if (!isAddressOf(space, ["name", "domain"], 1))
    throw new OrreryError(
      "invalid_argument",
      `Cannot make the space "${space}": write a name or a domain, such as demo.test`,
    );
  if (!isAddressOf(`${space}:users:${user}`, ["name"], 3))
    throw new OrreryError(
      "invalid_argument",
      `Cannot make the user "${user}": write small letters, digits and "-", such as ann`,
    );
  const chosen = planOf(plan, plans);
  assertGoodPassword(password, `${space}:users:${user}`);
  return { space, user, plan: chosen, hash: secrets.seal(await hasher.hash(password), id) };
}

/** Whether a text is an address of so many segments, of which the last has one of these forms. */
function isAddressOf(text: string, forms: readonly string[], length: number): boolean {
  const parsed = tryParse(text);
  const { segments = [], path, authority } = parsed ?? {};
  return (
    segments.length === length &&
    path === undefined &&
    authority === undefined &&
    forms.includes(segments.at(-1)?.form ?? "")
  );
}

function tryParse(text: string): Address | undefined {
  try {
    return parseAddress(text);
  } catch (error) {
    if (isOrreryError(error) && error.code === "invalid_argument") return undefined;
    throw error;
  }
}

/** Somebody asks again whose answer was lost. */
async function assertOrdered(viewing: Promise<SignupView>, space: string): Promise<SignupView> {
  const shown = await viewing;
  if (shown.space === space) return shown;
  const why = shown.stage === "code" ? "its code has not come back yet" : `it is for "${shown.space}" already`;
  throw new OrreryError("failed_precondition", `Cannot sign up for "${space}": ${why}`);
}

function same(signup: Signup): Signup {
  return signup;
}

/** What waits for somebody outside is looked at now. */
function lookNow(signup: Signup, now: number): Signup {
  return signup.stage === "method" || signup.stage === "paying" ? { ...signup, next: now } : signup;
}

/** What is paid, or undone already, stays. */
function giveUp(signup: Signup, now: number): Signup {
  const { stage } = signup;
  if (stage === "making" || stage === "paying") return undo(signup, "as was wished", now);
  return stage === "code" || stage === "confirmed" || stage === "method" ? end(signup, "undone", now) : signup;
}

/** The bill of a signup; none for a moment, as it is made after the Space. */
async function openBill({ stage, order }: Signup, { billing }: SignupsOptions): Promise<Subscription | undefined> {
  return stage === "paying" && order !== undefined ? billing.get(order.space).catch(nothingThere) : undefined;
}

function view({ stage, email, order, why = "" }: Signup, bill?: Subscription): SignupView {
  const [space = "", user] = [order?.space, order?.user];
  const open = bill?.open?.invoice;
  return {
    ...{ stage, email, space, user: user === undefined ? "" : `${space}:users:${user}`, why },
    ...(open && { open: { id: open.id, amount: open.amount, currency: open.currency } }),
  };
}

/** One text for all, so that nobody learns which. */
function unknownSignup(): OrreryError {
  return new OrreryError("not_found", "Cannot go on with the signup: it is none, or has ended, begin anew");
}

function notOrdered(): OrreryError {
  return new OrreryError("failed_precondition", "Cannot name a way to pay: say first which space is wanted");
}
