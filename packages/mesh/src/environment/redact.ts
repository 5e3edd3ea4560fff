import { SECRET_LETTERS_MIN } from "./limits.ts";

/** Makes what takes secrets out of a text. Those of fewer than four letters are left: they stand in every text by chance. */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const parts = secrets
    .flatMap((secret) => secret.split("\n"))
    .filter((part) => part.length >= SECRET_LETTERS_MIN)
    .sort((a, b) => b.length - a.length);
  return (text) => parts.reduce((rest, part) => rest.replaceAll(part, "***"), text);
}
