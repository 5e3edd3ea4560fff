import { type Client, isOrreryError } from "@orrery/core";
import { createHttpClient } from "@orrery/http";
import { printMoney, SignupService, type SignupStateMessage } from "@orrery/platform/services";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode, usageError } from "../command-error.ts";
import { readPassword } from "../login/read-password.ts";
import { timeoutOf } from "../login/run-login.ts";
import { assertPrivate, type LoginPlace, loginError, loginPlace, signIn } from "../login/sign-in.ts";
import type { Terminal } from "../terminal.ts";
import { dropPending, readPending, writePending } from "./pending-file.ts";

/** A signup of which this command is one step or several. */
interface Step {
  readonly input: CommandInput;
  readonly terminal: Terminal;
  readonly place: LoginPlace;
  readonly email: string;
  /** The space to which an invite leads; empty: he wants one of his own. */
  readonly join: string;
  readonly signups: Client<typeof SignupService>;
  readonly options: { readonly timeoutMs: number };
}

/** `orrery signup`: goes on as far as it can; the same again goes on from there. */
export function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  return come(input, terminal, { join: "", email: input.words[0] ?? "" });
}

/** `orrery join`: the same for a space that is there. */
export function join(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [space = "", email = ""] = input.words;
  return come(input, terminal, { join: space, email });
}

async function come(
  input: CommandInput,
  terminal: Terminal,
  wish: { readonly join: string; readonly email: string },
): Promise<ExitCode> {
  const place = loginPlace(input, terminal);
  assertPrivate(place.url, { isInsecure: input.has("insecure") });
  const client = createHttpClient({ url: place.url });
  const options = { timeoutMs: timeoutOf(input) };
  const step: Step = { ...wish, input, terminal, place, signups: client.client(SignupService), options };
  try {
    return await goOn(step);
  } catch (error) {
    throw loginError(error, place);
  } finally {
    client.close();
  }
}

async function goOn(step: Step): Promise<ExitCode> {
  const { input, terminal, place, email, signups, options } = step;
  const { signup, state } = await begun(step);
  if (input.has("abandon")) {
    const left = await signups.abandon({ signup }, options);
    if (left.stage === "undone") dropPending(place.environment, terminal);
    return show(left, step);
  }
  const known = state.stage === "code" ? await confirmed(step, signup) : state;
  if (known === undefined) return show(state, step);
  const isOpen = known.stage === "confirmed" || known.stage === "method";
  if (known.stage === "method") {
    const page = await signups.paymentPage(
      { signup, returnTo: input.text("return-to") ?? "https://localhost/" },
      options,
    );
    const now = await signups.get({ signup }, options);
    if (now.stage === "method") return show(now, step, page.url);
    return finish(now, step);
  }
  if (known.stage === "paying") return finish(await signups.pay({ signup }, options), step);
  if (!isOpen) return finish(known, step);
  const space = step.join === "" ? (input.text("space") ?? "") : step.join;
  if (space === "") throw usageError("Cannot sign up: no space is named", `orrery signup ${email} --space=demo.test`);
  const user = input.text("user") ?? nameOf(email);
  const prompt = `New password of ${space}:users:${user}`;
  const password = await readPassword(terminal, { input, flag: "password-file", prompt, isNew: true });
  const plan = input.text("plan") ?? "";
  const ordered = await signups.order({ signup, space, user, password, plan }, options);
  if (ordered.stage === "confirmed") throw new CommandError(ordered.why, { exit: EXIT.failed });
  if (ordered.stage !== "method") return finish(ordered, step, password);
  const { url } = await signups.paymentPage(
    { signup, returnTo: input.text("return-to") ?? "https://localhost/" },
    options,
  );
  return show(ordered, step, url);
}

const NONE: Pick<SignupStateMessage, "space" | "user" | "why"> = { space: "", user: "", why: "" };

/** What is shown of a signup. */
type Shown = Pick<SignupStateMessage, "stage" | "email" | "space" | "user" | "why" | "open">;

/** The signup that was begun here, where it has not ended; else a new one. */
async function begun({
  terminal,
  place,
  email,
  join,
  signups,
  options,
}: Step): Promise<{ readonly signup: string; readonly state: Shown }> {
  const kept = readPending(place.environment, { email, join }, terminal);
  const state = kept && (await signups.get({ signup: kept.signup }, options).catch(unlessEnded));
  if (kept !== undefined && state !== undefined && state.stage !== "undone") return { signup: kept.signup, state };
  const { signup } = await signups.begin({ email, join }, options);
  const fresh = { ...NONE, stage: "code", email };
  writePending(place.environment, { email, join, signup }, terminal);
  terminal.say(`A code was mailed to ${email}, which is good for 15 minutes`);
  return { signup, state: fresh };
}

/** Brings the code back, where there is one; one that is good no more makes place for another. */
async function confirmed({ input, terminal, place, signups, options }: Step, signup: string) {
  const code = input.text("code") ?? (await terminal.readSecret("Code: "));
  if (code === undefined) return undefined;
  try {
    return await signups.confirm({ signup, code }, options);
  } catch (error) {
    if (isOrreryError(error) && error.message.includes("begin anew")) dropPending(place.environment, terminal);
    throw error;
  }
}

/** Shows how it stands; where it is done, logs in with the password that was just said. */
async function finish(state: Shown, step: Step, password?: string): Promise<ExitCode> {
  const { terminal, place, options } = step;
  const isThere = state.stage === "done" || state.stage === "telling" || state.stage === "paying";
  if (isThere && password !== undefined) await signIn(place, { user: state.user, password, ...options }, terminal);
  if (state.stage === "done" || state.stage === "telling" || state.stage === "undone")
    dropPending(place.environment, terminal);
  return show(state, step);
}

async function show(state: Shown, { input, terminal, email, join }: Step, page = ""): Promise<ExitCode> {
  const { stage, space, user, why, open } = state;
  if (input.text("output") === "json") {
    const invoice = open && { id: open.id, amount: Number(open.amount), currency: open.currency };
    const facts = {
      stage,
      email: state.email,
      space,
      user,
      why,
      ...(open && { open: invoice }),
      ...(page && { page }),
    };
    await terminal.write(`${JSON.stringify(facts)}\n`);
    return EXIT.done;
  }
  const isJoined = join !== "" && (stage === "done" || stage === "telling");
  await terminal.write(`${isJoined ? `Joined ${space} as ${user}` : textOf(state, page)}\n`);
  const next = nextOf(stage, { email, join });
  if (next !== "") terminal.say(`Next: ${next}`);
  return EXIT.done;
}

function textOf({ stage, email, space, user, why, open }: Shown, page: string): string {
  if (stage === "code") return `Waiting for the code that was mailed to ${email}`;
  if (stage === "confirmed") return `${email} is proven`;
  if (stage === "method")
    return page === "" ? `Name a way to pay for ${space}` : `Name a way to pay for ${space}: ${page}`;
  if (stage === "paying") {
    const sum = open && printMoney({ amount: Number(open.amount), currency: open.currency });
    return `Made ${space} with ${user}, to be served once ${open?.id ?? "it"} is paid${sum ? `, ${sum}` : ""}${why && `: ${why}`}`;
  }
  if (stage === "done" || stage === "telling") return `Made ${space} with ${user}, and it is served`;
  if (stage === "undone") return `Undone: ${why || "nothing is left"}`;
  return `${stage === "undoing" ? "Undoing" : "Making"} ${space}${why && `: ${why}`}`;
}

function nextOf(stage: string, { email, join }: Pick<Step, "email" | "join">): string {
  const command = join === "" ? `orrery signup ${email}` : `orrery join ${join} ${email}`;
  if (stage === "code") return `${command} --code=CODE${join === "" ? " --space=SPACE" : ""}`;
  if (stage === "confirmed") return join === "" ? `${command} --space=SPACE` : command;
  if (stage === "done" || stage === "telling") return "orrery whoami";
  return stage === "undone" ? "" : command;
}

/** A name of an account, out of an address: what is before the @, as far as it may stand in a name. */
function nameOf(email: string): string {
  const name =
    email
      .split("@", 1)[0]
      ?.toLowerCase()
      .replace(/[^a-z0-9]+/g, "-") ?? "";
  return name.replace(/^-+|-+$/g, "").slice(0, 63) || "owner";
}

function unlessEnded(error: unknown): undefined {
  if (isOrreryError(error) && error.code === "not_found") return undefined;
  throw error;
}
