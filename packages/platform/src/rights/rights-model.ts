import type { Random } from "@orrery/core";
import type { Verb } from "@orrery/registry";

/** Who owns what in one space, and who is granted what. */
export interface RightsWorld {
  readonly space: string;
  readonly resources: readonly { readonly address: string; readonly kind: string; readonly owner: string }[];
  readonly roles: readonly { readonly address: string; readonly members: readonly string[] }[];
  readonly grants: readonly {
    readonly address: string;
    readonly to: string;
    readonly verbs: string;
    readonly on: string;
  }[];
}

/** All who ask. The last may do everything; the one before is what HTTP calls whoever does not say who he is. */
export const AGENTS = ["ann", "bob", "cid", "anonymous", "operator"] as const;

/** Who may do what, said again as shortly as it can be: no index, no order, every rule tried on everything. */
export function mayByTheBook(world: RightsWorld, agent: string, verb: Verb, address: string): boolean {
  if (agent === "operator") return true;
  const above = [address, ...aboveOf(address)];
  if (world.resources.some((one) => one.owner === agent && above.includes(one.address))) return true;
  const isOf = (to: string) =>
    to === agent || to === "anyone" || world.roles.some((one) => one.address === to && one.members.includes(agent));
  return world.grants.some(({ to, verbs, on }) => {
    if (!isOf(to) || !verbs.includes(LETTERS[verb])) return false;
    const root = on.replace(/(:\/|:)?\*+$/, "");
    if (on.endsWith("**")) return aboveOf(address).includes(root);
    return on.endsWith("*") ? aboveOf(address)[0] === root : address === on;
  });
}

const LETTERS: Readonly<Record<Verb, string>> = {
  create: "c",
  select: "s",
  delete: "d",
  read: "r",
  write: "w",
  execute: "x",
};

/** What an address lies in, the nearest first. */
export function aboveOf(address: string): readonly string[] {
  const at = address.lastIndexOf(address.includes("/") ? "/" : ":", address.length - 2);
  if (at === -1) return [];
  const parent =
    address[at] === ":"
      ? address.slice(0, at)
      : address[at - 1] === ":"
        ? address.slice(0, at - 1)
        : address.slice(0, at + 1);
  return [parent, ...aboveOf(parent)];
}

/** What lies in each space, beside its roles and grants: names of which one begins as another does, and files at three depths. */
const CONTENT: readonly (readonly [address: string, kind: string])[] = [
  ["", "Space"],
  [":a", "Base"],
  [":a:b", "Base"],
  [":a:f", "FileSystem"],
  [":a:f:/x.txt", "File"],
  [":a:f:/d/", "Directory"],
  [":a:f:/d/y.txt", "File"],
  [":ab", "Base"],
  [":ab:c", "Base"],
  [":f", "FileSystem"],
  [":f:/x.txt", "File"],
  [":f:/d/", "Directory"],
  [":f:/d/e/", "Directory"],
  [":f:/d/e/z.txt", "File"],
];

/** Makes a world by chance. */
export function makeRightsWorld(space: string, random: Random): RightsWorld {
  const pick = <T>(from: readonly T[]) => from[random.integer(from.length)] as T;
  const some = <T>(max: number, make: (n: number) => T) =>
    Array.from({ length: random.integer(max + 1) }, (_, n) => make(n));
  const people = AGENTS.slice(0, 3);
  const resources = CONTENT.map(([rest, kind]) => {
    return { address: `${space}${rest}`, kind, owner: random.integer(7) === 0 ? pick(people) : "operator" };
  });
  const roles = some(3, (n) => {
    return { address: `${space}:role${n}`, members: AGENTS.slice(0, 4).filter(() => random.integer(3) === 0) };
  });
  const selectors = (address: string, kind: string) => {
    if (kind === "FileSystem") return [address, `${address}:/*`, `${address}:**`];
    if (kind === "Directory") return [address, `${address}*`, `${address}**`];
    return kind === "File" ? [address] : [address, `${address}:*`, `${address}:**`];
  };
  const grants = some(6, (n) => {
    const { address, kind } = pick(resources);
    return {
      address: `${space}:grant${n}`,
      to: pick([...people, "anyone", ...roles.map((role) => role.address)]),
      verbs: [..."csdrwx"].filter(() => random.integer(2) === 0).join("") || "r",
      on: pick(selectors(address, kind)),
    };
  });
  return { space, resources, roles, grants };
}
