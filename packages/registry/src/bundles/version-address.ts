import { OrreryError } from "@orrery/core";
import { parentText } from "../address/address.ts";
import { formOf } from "../address/segment.ts";
import { localAddress } from "../write/ground.ts";

/** Where a version of a bundle is, or will be. */
export interface VersionAddress {
  /** As it is kept, such as `demo.test:site:1.0.0`. */
  readonly address: string;
  readonly series: string;
}

/** Reads the address of a version. @throws OrreryError `invalid_argument` where its last part is no semver, or it is no address */
export function parseVersionAddress(text: string): VersionAddress {
  const version = text.slice(text.lastIndexOf(":") + 1);
  if (formOf(version) !== "version")
    throw new OrreryError(
      "invalid_argument",
      `Cannot publish to "${text.slice(0, 200)}": "${version.slice(0, 80)}" is not a semver, write SERIES:VERSION, such as demo.test:site:1.0.0`,
    );
  const address = localAddress(text);
  return { address, series: parentText(address) };
}
