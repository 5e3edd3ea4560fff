/** What a name may stand for. */
export type NameMatch =
  | { readonly kind: "one"; readonly name: string }
  | { readonly kind: "none" }
  | { readonly kind: "many"; readonly names: readonly string[] };

/**
 * Finds what somebody means by a name: the whole name, else its last part, else the last part whatever its case, its "-" and "_",
 * and with or without "Service" behind. The first of these ways that finds something counts.
 */
export function matchName(said: string, names: Iterable<string>): NameMatch {
  const all = [...new Set(names)];
  const ways: readonly ((name: string) => boolean)[] = [
    (name) => name === said,
    (name) => lastPart(name) === said,
    (name) => loose(lastPart(name)) === loose(said),
    (name) => loose(lastPart(name)).replace(/service$/, "") === loose(said),
  ];
  for (const way of ways) {
    const found = all.filter(way);
    if (found.length > 1) return { kind: "many", names: found };
    if (found[0] !== undefined) return { kind: "one", name: found[0] };
  }
  return { kind: "none" };
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

function loose(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, "");
}
