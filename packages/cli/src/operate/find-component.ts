import { matchName } from "@orrery/mesh";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import { shortName } from "../short-name.ts";
import { didYouMean, suggest } from "../suggest.ts";

/** The component of a flag, or a pattern as it is; empty where it was not given. @throws CommandError as `findComponent`. */
export function componentFlag(said: string | undefined, names: readonly string[]): string {
  return said === undefined || said.includes("*") ? (said ?? "") : findComponent(said, names);
}

/** Finds a component by what somebody calls it. @throws CommandError when there is none, or several. */
export function findComponent(said: string, names: readonly string[]): string {
  const match = matchName(said, names);
  if (match.kind === "one") return match.name;
  if (match.kind === "many")
    throw usageError(
      `Cannot tell which component "${said}" is: it may be ${match.names.join(" or ")}, write the whole name`,
    );
  const byPart = new Map(names.flatMap((name) => [name, shortName(name)].map((part) => [part, name] as const)));
  const near = didYouMean([...new Set(suggest(said, byPart.keys()).map((part) => byPart.get(part) ?? part))]);
  const known = names.length === 0 ? "no node runs any" : `there are ${names.join(", ")}`;
  throw new CommandError(`Cannot find component "${said}": ${near === "" ? known : near}`, {
    exit: EXIT.notFound,
    tip: "orrery nodes",
  });
}
