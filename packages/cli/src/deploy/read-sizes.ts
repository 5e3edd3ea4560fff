import { usageError } from "../command-error.ts";
import { APP_INSTANCES_MAX } from "./limits.ts";

/** How many processes a component is to have: a number, `MIN..MAX`, or `default`, what the app's file says. */
export type Size = number | string;

/** Reads `COMPONENT=N` again and again. @throws CommandError for anything else */
export function readSizes(words: readonly string[]): ReadonlyMap<string, Size> {
  const sizes = new Map<string, Size>();
  for (const word of words) {
    const [, name = "", text = ""] = /^([^=]+)=(.*)$/.exec(word) ?? [];
    if (name === "" || sizes.has(name))
      throw usageError(
        `Cannot scale "${word}": ${name === "" ? "write COMPONENT=N, such as greeter=3" : "it is there twice"}`,
      );
    sizes.set(name, sizeOf(word, text));
  }
  return sizes;
}

function sizeOf(word: string, text: string): Size {
  if (text === "default") return text;
  const [, least = "", most] = /^(\d{1,3})(?:\.\.(\d{1,3}))?$/.exec(text) ?? [];
  const all = [least, most ?? least].map(Number);
  const [min = 0, max = 0] = all;
  if (least !== "" && all.every((one) => one >= 1 && one <= APP_INSTANCES_MAX) && min <= max)
    return most === undefined || min === max ? min : `${min}..${max}`;
  throw usageError(
    `Cannot scale "${word}": "${text}" is no number from 1 to ${APP_INSTANCES_MAX}, nor two such as 1..4, nor default; orrery kill ends an app`,
  );
}
