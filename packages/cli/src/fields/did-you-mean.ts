import { editDistance, fold } from "../edit-distance.ts";
import type { Field } from "./shape.ts";

/** Finds the field that somebody meant who wrote `name`: the nearest within a third of its letters; undefined when none is near. */
export function nearestField(name: string, fields: readonly Field[]): Field | undefined {
  let best: Field | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const field of fields) {
    const distance = editDistance(fold(name), fold(field.key));
    const allowed = Math.max(1, Math.floor(Math.max(name.length, field.key.length) / 3));
    if (distance <= allowed && distance < least) {
      best = field;
      least = distance;
    }
  }
  return best;
}
