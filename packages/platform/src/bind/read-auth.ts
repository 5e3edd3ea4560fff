import { isOrreryError } from "@orrery/core";
import { type Address, parseAddress, printAddress } from "@orrery/registry/service";

/** Reads of whose users one must be logged in; undefined where nobody needs to be. */
export function readAuth(said: string | undefined, base: Address | undefined): string | undefined {
  return said === undefined || said === "none" ? undefined : printAddress(parse(said, base));
}

/** Why it is no list of users; undefined where it is one. */
export function whyNoAuth(said: string | undefined, base: Address | undefined): string | undefined {
  if (said === undefined || said === "none") return undefined;
  try {
    const { authority, segments, path } = parse(said, base);
    const isOther = authority !== undefined || (base !== undefined && segments[0]?.text !== base.segments[0]?.text);
    if (isOther) return "is of another space: users log in to their own, write one such as .:users";
    return path === undefined && segments.length > 1 ? undefined : "is no list of users, write one such as .:users";
  } catch (error) {
    if (isOrreryError(error)) return `is no address: ${error.message.split("\n")[0]}`;
    throw error;
  }
}

function parse(said: string, base: Address | undefined): Address {
  return parseAddress(said, base === undefined ? {} : { base });
}
