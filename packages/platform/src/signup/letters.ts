import type { Mail } from "../mail/mailer.ts";
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

/** What somebody needs later on. */
export function welcomeLetter(email: string, { space, user }: Pick<SignupOrder, "space" | "user">): Mail {
  return {
    to: email,
    subject: `Your space ${space}`,
    text: `The space ${space} is yours. You log in as ${space}:users:${user}.\n\nKeep this letter: it says which space and which account you have.\n`,
  };
}
