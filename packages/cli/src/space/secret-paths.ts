/** A secret that was taken out. */
export interface TakenSecret {
  readonly path: string;
  readonly value: unknown;
}

/** Takes what is secret out of a config: what is left, and each secret with its path. */
export function takeSecrets(
  value: unknown,
  paths: readonly string[],
): { readonly plain: unknown; readonly secrets: readonly TakenSecret[] } {
  const plain = structuredClone(value);
  const secrets = paths.map((path) => ({ path, value: takeAt(plain, namesOf(path)) }));
  return { plain, secrets };
}

/** Names in a path such as `db.host`; a backslash stands before a dot that is part of one. */
function namesOf(path: string): readonly string[] {
  return [...path.matchAll(/(?:\\.|[^.\\])+/g)].map(([name]) => name.replaceAll(/\\(.)/g, "$1"));
}

function takeAt(value: unknown, names: readonly string[]): unknown {
  const [name = "", ...rest] = names;
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  const holder = value as Record<string, unknown>;
  if (rest.length > 0) return takeAt(holder[name], rest);
  const found = holder[name];
  delete holder[name];
  return found;
}
