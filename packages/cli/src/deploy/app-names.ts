import { basename } from "node:path";
import { parentText, parseAddress, printAddress } from "@orrery/registry/service";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, usageError } from "../command-error.ts";

/** Longest segment of an address. */
const NAME_LENGTH_MAX = 63;

/** Makes a name of an address of any text: `My Shop` is `my-shop`; empty where nothing is left. */
export function nameOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, NAME_LENGTH_MAX)
    .replace(/^-+|-+$/g, "");
}

/** Name of an app that runs what a ref of something is, beside that of others: `shop` of `main` is `shop-main`. */
export function nameAtRef(name: string, ref: string): string {
  if (ref === "") return nameOf(name);
  const short = /^[0-9a-f]{40}$/.test(ref) ? ref.slice(0, 12) : ref;
  return nameOf(`${name}-${short}`);
}

/** Divides `NAME@REF`; the ref is empty where there is none. */
export function splitRef(text: string): { readonly base: string; readonly ref: string } {
  const at = text.lastIndexOf("@");
  const ref = text.slice(at + 1);
  // What is before a host, as in git@github.com:ann/shop, is no ref's.
  if (at < 1 || ref.includes(":") || !/^[\w][\w./-]{0,200}$/.test(ref) || /\/\/[^/]*$/.test(text.slice(0, at)))
    return { base: text, ref: "" };
  return { base: text.slice(0, at), ref };
}

/** The address that --space names. @throws CommandError where it is missing */
export function spaceOf(input: CommandInput, what: string): string {
  const said = input.text("space");
  if (said === undefined || said === "")
    throw usageError(
      `Cannot ${input.command.name} "${what}": it is not said in which space, write --space=demo.test, or its address, such as demo.test:shop`,
    );
  return printAddress(parseAddress(said));
}

/** The address of the app that a word means, or --name: an address, a name, `NAME@REF`, or a folder or repository that was run. */
export function appAddress(input: CommandInput, word: string): string {
  const named = input.text("name");
  const { base, ref } = splitRef(word);
  if (named === undefined && ref === "" && isAddress(word)) return printAddress(parseAddress(word));
  const name = named ?? nameAtRef(lastName(base), ref);
  if (nameOf(name) !== name || name === "")
    throw usageError(
      `Cannot call an app "${name}": a name has small letters, digits and -, choose another with --name`,
    );
  return `${spaceOf(input, word)}:${name}`;
}

/** The last part of a path or a URL, by which what it holds is known. */
export function lastName(base: string): string {
  return basename(base.replace(/[/\\]+$/, "").replace(/(\/)?\.git$/, "")).replace(/^.*:/, "");
}

/** Where an app of a space lies, or the error of one that is said to be somewhere else. */
export function assertInSpace(address: string): string {
  if (!address.includes(":"))
    throw new CommandError(`Cannot run an app as "${address}": it is a space, name the app`, { exit: EXIT.usage });
  return parentText(address);
}

function isAddress(word: string): boolean {
  if (!word.includes(":") || word.includes("/")) return false;
  try {
    parseAddress(word);
    return true;
  } catch {
    return false;
  }
}
