import { nameIn } from "@orrery/core/internal";

/**
 * The name of a node or instance of one network, as it is known in another: two networks may use the same names. One that comes home loses
 * what it was given on its way out, so that a chain of calls that comes back to an instance is known for what it is.
 */
export function qualify(name: string, from: string, to: string): string {
  if (name === "" || from === to) return name;
  const home = nameIn(to, "");
  if (name.endsWith(home)) return name.slice(0, -home.length);
  return name.includes("@") ? name : nameIn(from, name);
}
