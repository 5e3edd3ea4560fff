import { OrreryError } from "@orrery/core";
import { matchName } from "./match-name.ts";

/** What is chosen from: a component by name, with the copies that it asks for. */
export interface Choosable {
  readonly name: string;
  readonly instances: number;
}

/**
 * Tells how many copies of each component run: what was ordered by name, else what the component asks for.
 * @throws OrreryError `invalid_argument` when an order names no component, or several.
 */
export function chooseInstances(
  components: readonly Choosable[],
  ordered: ReadonlyMap<string, number> = new Map(),
): ReadonlyMap<string, number> {
  const chosen = new Map(components.map(({ name, instances }) => [name, instances]));
  const names = [...chosen.keys()];
  for (const [said, count] of ordered) {
    const match = matchName(said, names);
    const known = names.map((name) => `"${name}"`).join(", ");
    if (match.kind === "none")
      throw refused(said, `there is no such component here, the components are ${known === "" ? "none" : known}`);
    if (match.kind === "many")
      throw refused(said, `it may be ${match.names.map((name) => `"${name}"`).join(" or ")}, write the whole name`);
    chosen.set(match.name, count);
  }
  return chosen;
}

function refused(said: string, why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot set the instances of "${said}": ${why}`);
}
