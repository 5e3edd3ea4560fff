import { OrreryError } from "./orrery-error.ts";

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9._-]*$/;
/** Characters of a network's name. */
const NAME_MAX = 64;

/** Refuses what cannot name a network; `action` begins the error's text. @throws OrreryError `invalid_argument`. */
export function assertNetworkName(action: string, network: string): void {
  if (network.length <= NAME_MAX && NAME.test(network)) return;
  const text = `${action} network "${network.slice(0, NAME_MAX)}": a name is up to ${NAME_MAX} letters, digits, ".", "_" and "-", and begins with a letter or digit`;
  throw new OrreryError("invalid_argument", text);
}

/** The name by which a component of another network is known: `component@network`. */
export function nameIn(network: string, component: string): string {
  return `${component}@${network}`;
}

/** Takes a name such as `component@network` apart; the network is empty where it has none. */
export function splitName(name: string): { readonly component: string; readonly network: string } {
  const at = name.lastIndexOf("@");
  return at < 0 ? { component: name, network: "" } : { component: name.slice(0, at), network: name.slice(at + 1) };
}
