import { OrreryError } from "@orrery/core";

/** What an agent may do: to those in a resource (`create`, `select`, `delete`), and to the resource itself. */
export const VERBS = ["create", "select", "delete", "read", "write", "execute"] as const;

/** One of them. */
export type Verb = (typeof VERBS)[number];

/** Each verb as one letter, in the order of `VERBS`. */
const LETTERS = "csdrwx";

/**
 * Reads verbs from letters, as in `csd-rwx`; `-` means nothing and separates.
 * @throws OrreryError `invalid_argument` for another letter, or none
 */
export function parseVerbs(text: string): readonly Verb[] {
  const wrong = [...text].find((letter) => letter !== "-" && !LETTERS.includes(letter));
  const verbs = VERBS.filter((_, index) => text.includes(LETTERS[index] ?? ""));
  if (wrong === undefined && verbs.length > 0) return verbs;
  const why = wrong === undefined ? "it names none" : `"${wrong}" is none`;
  throw new OrreryError(
    "invalid_argument",
    `Cannot grant "${text}": ${why}, verbs are c(reate) s(elect) d(elete) for what is inside, r(ead) w(rite) (e)x(ecute) for the resource itself`,
  );
}

/** Writes verbs as letters. */
export function printVerbs(verbs: readonly Verb[]): string {
  return VERBS.map((verb, index) => (verbs.includes(verb) ? LETTERS[index] : "")).join("");
}
