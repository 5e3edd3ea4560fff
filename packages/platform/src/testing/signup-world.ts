import assert from "node:assert/strict";
import { createLog, isOrreryError } from "@orrery/core";
import { DAY_MS, DEVELOPER_PLAN } from "../billing/plan.ts";
import type { Mail } from "../mail/mailer.ts";
import { createSignups } from "../signup/create-signups.ts";
import type { Signups, SignupView } from "../signup/signups.ts";
import type { BillingWorld } from "./billing-world.ts";
import { createMemorySignups } from "./memory-signups.ts";

const EMAIL = "ann@a.test";
const PASSWORD = "correct horse battery";
const MINUTE_MS = 60_000;
/** From so many attempts on, somebody wants nothing but to get in. */
const WHIMS_MAX = 4;

/** What came of the attempts of one person. */
export interface SignupRun {
  /** How they ended, in order. */
  readonly ends: string[];
  /** Codes that were refused as they must be. */
  refused: number;
  /** Signups that stand somewhere on their way, at the end of the run. */
  left(): readonly string[];
}

/** Where somebody signs up. */
interface Person {
  readonly world: BillingWorld;
  readonly signups: () => Signups;
  readonly letters: readonly Mail[];
  readonly run: SignupRun;
}

/**
 * Has somebody sign up for a space, again and again until it is there: with codes that are mistyped, too old, or used twice, cards that come late or never,
 * a change of mind, and everything that may go wrong in a world of bills at each step. Gives what brings a run's bill about.
 */
export function createSignupBeginning(): {
  readonly run: SignupRun;
  readonly begin: (world: BillingWorld) => Promise<string>;
} {
  const run: SignupRun = { ends: [], refused: 0, left: () => [] };
  const begin = async (world: BillingWorld) => {
    const { signups, letters, records } = openSignups(world);
    const person: Person = { world, signups, letters, run };
    run.left = () =>
      records
        .all()
        .map(({ stage }) => stage)
        .filter((stage) => stage !== "done" && stage !== "undone");
    for (let attempt = 1; ; attempt++) {
      // A name comes again, or is another: what was undone stands in nobody's way.
      const space = world.chance(0.5) ? "demo.test" : `s${attempt}.test`;
      world.watch(space);
      const end = await attemptOne(person, { space, isWhimsical: attempt < WHIMS_MAX });
      run.ends.push(end);
      if (end === "done" || end === "telling") return space;
      await world.goTo(world.clock.now() + 61 * MINUTE_MS);
    }
  };
  return { run, begin };
}

/** Nobody is invited, and nobody has to be. */
const NOBODY = { get: async () => undefined, drop: async () => false, sweep: async () => {} };

function openSignups(world: BillingWorld) {
  const { clock, random, fault, act, mortal, provider, model, isHarmed } = world;
  const records = createMemorySignups({ fault });
  const letters: Mail[] = [];
  const mailer = { send: (mail: Mail) => act(() => void letters.push(mail)) };
  const payments = {
    ...provider,
    open: ({ space }: { readonly space: string }) => act(() => `payer of ${space}`),
    hasMethod: () => act(() => !isHarmed(0.2)),
  };
  const open = () =>
    createSignups({
      ...{ records: mortal.wrap(records), hands: mortal.wrap(model.hands), mailer: mortal.wrap(mailer), clock, random },
      ...{
        payments: mortal.wrap(payments),
        billing: lentBilling(world),
        plans: [DEVELOPER_PLAN],
        mode: "open",
        invites: NOBODY,
      },
      hasher: { hash: async (password) => `hash of ${password.length}` },
      secrets: { seal: (value) => value, open: (value) => value },
      log: createLog({ sink: () => {}, now: clock.now, fields: {} }),
    });
  let signups = open();
  world.join({
    due: async () => (await records.nextDue()) ?? Number.POSITIVE_INFINITY,
    settle: () => signups.settle(),
    restart: () => {
      signups = open();
    },
  });
  return { signups: () => signups, letters, records };
}

/** Whatever bills there are now: they begin anew with the process. */
function lentBilling(world: BillingWorld): Parameters<typeof createSignups>[0]["billing"] {
  return {
    subscribe: (order) => world.billing.subscribe(order),
    get: (space) => world.billing.get(space),
    pay: (space) => world.billing.pay(space),
    abandon: (space, isMeant) => world.billing.abandon(space, isMeant),
  };
}

/** One signup, up to its end. */
async function attemptOne(
  person: Person,
  { space, isWhimsical }: { readonly space: string; readonly isWhimsical: boolean },
): Promise<string> {
  const { world, signups } = person;
  const { again, random, clock } = world;
  const { signup } = await asked(person, () => signups().begin(EMAIL));
  if (!(await proved(person, signup, isWhimsical))) return "unproven";
  const wish = { space, user: "ann", password: PASSWORD, plan: "" };
  let seen = await again(() => signups().order(signup, wish));
  for (let round = 0; ; round++) {
    if (seen.stage === "done" || seen.stage === "undone" || seen.stage === "telling") return seen.stage;
    assert.ok(round < 1_000, `a signup stands at ${seen.stage}: ${seen.why}`);
    const wish = isWhimsical && world.chance(0.1) ? "abandon" : random.integer(3) > 0 ? "pay" : "get";
    await world.goTo(clock.now() + random.integer(isWhimsical ? 2 * DAY_MS : DAY_MS / 24));
    const next = await looked(person, signup, wish);
    if (next === undefined) return world.model.spaces.has(space) ? "done" : "forgotten"; // Which its letter says.
    seen = next;
  }
}

/** Mails are limited: whoever is told so waits. */
async function asked<T>({ world }: Person, wish: () => Promise<T>): Promise<T> {
  for (;;)
    try {
      return await world.again(wish);
    } catch (error) {
      if (!isOrreryError(error) || error.code !== "resource_exhausted") throw error;
      await world.goTo(world.clock.now() + 61 * MINUTE_MS);
    }
}

/** Sends the code back, sometimes a wrong one first, or too late, or again. */
async function proved(person: Person, signup: string, isWhimsical: boolean): Promise<boolean> {
  const { world, signups, letters, run } = person;
  const code = /Your code is (\S+)/.exec(
    letters.filter(({ subject }) => subject === "Your code").at(-1)?.text ?? "",
  )?.[1];
  assert.ok(code);
  const send = (text: string) => world.again(() => signups().confirm(signup, text));
  const isRefused = async (text: string) => {
    await assert.rejects(send(text), (error) => isOrreryError(error) && error.code === "unauthenticated");
    run.refused++;
  };
  const wrongs = isWhimsical && world.chance(0.3) ? 1 + world.random.integer(6) : 0;
  for (let count = 0; count < wrongs; count++) await isRefused("2222-2222");
  if (isWhimsical && world.chance(0.1)) await world.goTo(world.clock.now() + 16 * MINUTE_MS);
  const seen = await send(code).catch(async (error: unknown) => {
    if (!isOrreryError(error)) throw error;
    return looked(person, signup, "get"); // It may have been taken, and nobody was told.
  });
  if (seen?.stage !== "confirmed") return false;
  if (world.chance(0.2)) await isRefused(code);
  return true;
}

/** Asks; one that is forgotten is nothing. */
async function looked(
  { world, signups }: Person,
  signup: string,
  wish: "get" | "pay" | "abandon",
): Promise<SignupView | undefined> {
  try {
    return await world.again(() => signups()[wish](signup));
  } catch (error) {
    if (isOrreryError(error) && error.code === "not_found") return undefined;
    throw error;
  }
}
