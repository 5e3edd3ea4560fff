import type { Mail } from "../mail/mailer.ts";
import type { Invite } from "./invites.ts";
import { CODE_MS } from "./limits.ts";
import type { SignupOrder } from "./signup.ts";

/** By which somebody proves that an address is his. */
export function codeLetter(email: string, code: string): Mail {
  return {
    to: email,
    subject: "Your code",
    text: `Your code is ${code}\n\nIt is good for ${CODE_MS / 60_000} minutes, for one signup. Did you ask for none? Then forget this letter: without the code nothing happens.\n`,
  };
}

/** To whom somebody wrote his address who is not invited. */
export function uninvitedLetter(email: string, space: string): Mail {
  const what =
    space === "" ? "for a space of your own, and that takes an invite here" : `to ${space}, and that takes an invite`;
  return {
    to: email,
    subject: "No invite",
    text: `Somebody asked to sign you up ${what}. This address has none: ask who runs it. Was it not you? Then forget this letter.\n`,
  };
}

/** By which somebody learns that he may come. */
export function inviteLetter({ space, email, by, until }: Invite): Mail {
  const what = space === "" ? "sign up for a space of your own" : `come to the space ${space}`;
  const how = space === "" ? `orrery signup ${email}` : `orrery join ${space} ${email}`;
  return {
    to: email,
    subject: space === "" ? "You are invited" : `You are invited to ${space}`,
    text: `${by} invites you to ${what}, until ${new Date(until).toISOString().slice(0, 10)}:\n\n  ${how}\n`,
  };
}

/** What somebody needs later on. */
export function welcomeLetter(
  email: string,
  { space, user }: Pick<SignupOrder, "space" | "user">,
  isJoined: boolean,
): Mail {
  return {
    to: email,
    subject: `Your space ${space}`,
    text: `${isJoined ? `You have an account in the space ${space}` : `The space ${space} is yours`}. You log in as ${space}:users:${user}.\n\nKeep this letter: it says which space and which account you have.\n`,
  };
}
