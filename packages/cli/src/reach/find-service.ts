import { matchName } from "@orrery/mesh";
import { UnknownService, usageError } from "../command-error.ts";
import { suggest } from "../suggest.ts";

/** Makes what finds the whole name of a service by what somebody calls it. @throws CommandError when there is none, or several */
export function createFinder(names: readonly string[], where = ""): (said: string) => string {
  return (said) => {
    const match = matchName(said, names);
    if (match.kind === "one") return match.name;
    if (match.kind === "many")
      throw usageError(
        `Cannot tell which service "${said}" is: it may be ${match.names.join(" or ")}, write the whole name`,
      );
    throw new UnknownService(said, { near: suggestService(said, names), names, where });
  };
}

/** Services that somebody may have meant, by any part of their names. */
function suggestService(said: string, names: readonly string[]): readonly string[] {
  const byPart = new Map(
    names.flatMap((name) => [name, name.slice(name.lastIndexOf(".") + 1)].map((part) => [part, name])),
  );
  return [...new Set(suggest(said, byPart.keys()).map((part) => byPart.get(part) ?? part))];
}
