import type { OrreryError } from "@orrery/core";
import { nearestField } from "./did-you-mean.ts";
import { listed } from "./enum-leaf.ts";
import { spellSegment } from "./flag-name.ts";
import type { Refuse } from "./json.ts";
import type { RecordShape } from "./shape.ts";

/** Where a name was looked for. */
export interface UnknownFieldOptions {
  readonly shape: RecordShape;
  /** What stands before the name: `--order.` in a flag, nothing in JSON. */
  readonly before: string;
  readonly refuse: Refuse;
}

/** Makes the error for a name that no field has: it tells the nearest one, or those that there are. */
export function unknownField(name: string, { shape, before, refuse }: UnknownFieldOptions): OrreryError {
  const spell = (key: string) => `"${before}${spellSegment(key)}"`;
  const what = before === "" ? `there is no field ${spell(name)}` : "there is no such field";
  const near = nearestField(name, shape.fields);
  if (near !== undefined) return refuse(`${what}, did you mean ${spell(near.key)}?`);
  if (shape.fields.length === 0) return refuse(`${what}, ${shape.type} has none`);
  const known = listed(
    shape.fields.map(({ key }) => `${before}${spellSegment(key)}`),
    ", ",
  );
  return refuse(`${what}, there are ${known}`);
}
