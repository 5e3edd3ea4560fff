import { editDistance, fold } from "@orrery/core/edit-distance";

/** The name that somebody most likely meant, of those within a third of its letters. */
export function nearestName(said: string, names: readonly string[]): string | undefined {
  const scored = names.map((name) => ({ name, distance: editDistance(fold(said), fold(name)) }));
  const near = scored.filter(
    ({ name, distance }) => distance <= Math.max(1, Math.floor(Math.max(said.length, name.length) / 3)),
  );
  return near.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))[0]?.name;
}
