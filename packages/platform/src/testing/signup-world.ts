import assert from "node:assert/strict";
import { createLog, isOrreryError } from "@orrery/core";
import { DAY_MS, DEVELOPER_PLAN } from "../billing/plan.ts";
import type { Mail } from "../mail/mailer.ts";
import { createSignups } from "../signup/create-signups.ts";
import type { Signup } from "../signup/signup.ts";
import type { Signups, SignupsOptions, SignupView } from "../signup/signups.ts";
import type { BillingWorld } from "./billing-world.ts";
import { createMemorySignups, type MemorySignups } from "./memory-signups.ts";
import { written } from "./outside.ts";

const EMAIL = "ann@a.test";
/** Who comes into her Space by invite. */
const GUESTS = ["bea", "cem", "dai"];
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
  /** How the invited ended, in order. */
  readonly joins: string[];
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
  const run: SignupRun = { ends: [], refused: 0, joins: [], left: () => [] };
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
      const whims = attempt < WHIMS_MAX;
      const end = await attemptOne(person, { email: EMAIL, space, user: "ann", whims: whims ? 0.25 : 0 });
      run.ends.push(end);
      if (end === "done" || end === "telling") {
        for (const user of GUESTS) run.joins.push(await joinOne(person, { space, user }));
        return space;
      }
      await world.goTo(world.clock.now() + 61 * MINUTE_MS);
    }
  };
  return { run, begin };
}

function openSignups(world: BillingWorld) {
  const { clock, random } = world;
  const records = createMemorySignups();
  const letters: Mail[] = [];
  const open = () =>
    createSignups({
      ...{ ...harmed(world, { records, letters }), clock, random },
      ...{ billing: lentBilling(world), plans: [DEVELOPER_PLAN], mode: "open" },
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

/** All that signups do outside, each of which may fail. */
function harmed(
  { outside, model, isHarmed, clock }: BillingWorld,
  { records, letters }: { readonly records: MemorySignups; readonly letters: Mail[] },
): Pick<SignupsOptions, "records" | "hands" | "mailer" | "payments" | "invites"> {
  const { get, add, update, due, nextDue, count } = records;
  const { make, join, part, unmake } = model.hands;
  const write = written(records, ({ stage }) => stage);
  const invite = (space: string, email: string) => ({ space, email, by: EMAIL, at: 0, until: clock.now() + DAY_MS });
  const kinds = {
    update: async (id: string, change: (one: Signup) => Signup | null) =>
      (await get(id)) === undefined ? "nothing" : write(id, (one) => one && change(one)),
  };
  return {
    records: { ...outside.harm("signups", { get, add, update, due, count }, { kinds }), nextDue },
    hands: outside.harm("spaces", { make, join, part, unmake }, { often: { join: 6, part: 6, unmake: 8 } }),
    mailer: outside.harm(
      "mail",
      { send: async (mail: Mail) => void letters.push(mail) },
      { kinds: { send: ({ subject }: Mail) => subject.replace(/space .*/, "space") } },
    ),
    payments: outside.harm(
      "payments",
      {
        open: async ({ space }: { readonly space: string }) => `payer of ${space}`,
        hasMethod: async () => !isHarmed(0.2),
        methodPage: async () => "https://pay.test/",
      } satisfies SignupsOptions["payments"],
      { often: { methodPage: 4 } },
    ),
    invites: {
      ...outside.harm("invites", {
        get: async (space: string, email: string) => (space === "" ? undefined : invite(space, email)),
        drop: async () => true,
      }),
      sweep: async () => {},
    },
  };
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

/** Somebody who signs up, and for what. */
interface Attempt {
  readonly email: string;
  readonly space: string;
  readonly user: string;
  /** Whether the Space is somebody else's. Default: it is to be made. */
  readonly isJoin?: boolean;
  /** How likely he changes his mind each time that he looks; 0: he wants nothing but to get in. */
  readonly whims: number;
}

/** Somebody comes into a Space by invite; gives whether he is in it in the end. */
async function joinOne(person: Person, attempt: Pick<Attempt, "space" | "user">): Promise<string> {
  const end = await attemptOne(person, { ...attempt, email: `${attempt.user}@a.test`, isJoin: true, whims: 0.5 });
  const isIn = person.world.model.members.has(`${attempt.space}:users:${attempt.user}`);
  assert.equal(isIn, end === "done" || end === "telling", `${attempt.user} came to ${end}`);
  return end;
}

/** One signup, up to its end. */
async function attemptOne(person: Person, { email, whims, isJoin = false, ...order }: Attempt): Promise<string> {
  const { world, signups } = person;
  const { outside, random, clock } = world;
  const [isWhimsical, { space }] = [whims > 0, order];
  const { signup } = await asked(person, () => signups().begin(email, isJoin ? { join: space } : {}));
  if (!(await proved(person, signup, isWhimsical))) return "unproven";
  const wish = { ...order, password: PASSWORD, plan: "" };
  let seen = await outside.again(() => signups().order(signup, wish));
  for (let round = 0; ; round++) {
    if (seen.stage === "done" || seen.stage === "undone" || seen.stage === "telling") return seen.stage;
    assert.ok(round < 1_000, `a signup stands at ${seen.stage}: ${seen.why}`);
    if (seen.stage === "method")
      await outside.again(() => signups().methodPage(signup, "https://a.test/")).catch(notYet);
    const wish = world.chance(whims) ? "abandon" : random.integer(3) > 0 ? "pay" : "get";
    // Guests look at once, since what is not there then is tried again within seconds.
    const isHasty = isJoin && seen.stage === "making";
    await world.goTo(clock.now() + random.integer(isHasty ? 1_000 : isWhimsical ? 2 * DAY_MS : DAY_MS / 24));
    const next = await looked(person, signup, wish);
    if (next === undefined) return isThere(person, { isJoin, ...order }) ? "done" : "forgotten"; // Which its letter says.
    seen = next;
  }
}

function isThere({ world: { model } }: Person, { isJoin, space, user }: Omit<Attempt, "email" | "whims">): boolean {
  return isJoin === true ? model.members.has(`${space}:users:${user}`) : model.spaces.has(space);
}

/** Mails are limited: whoever is told so waits. */
async function asked<T>({ world }: Person, wish: () => Promise<T>): Promise<T> {
  for (;;)
    try {
      return await world.outside.again(wish);
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
  const send = (text: string) => world.outside.again(() => signups().confirm(signup, text));
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
  return world.outside.again(() => signups()[wish](signup)).catch(gone);
}

/** Who pays is not known yet, or it is gone. */
function notYet(error: unknown): undefined {
  if (!isOrreryError(error) || error.code !== "failed_precondition") gone(error);
}

/** What is forgotten is nothing. */
function gone(error: unknown): undefined {
  if (isOrreryError(error) && error.code === "not_found") return undefined;
  throw error;
}
