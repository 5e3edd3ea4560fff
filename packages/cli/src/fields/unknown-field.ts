import type { OrreryError } from "@orrery/core";
import { suggest } from "../suggest.ts";
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
  const keys = shape.fields.map(({ key }) => key);
  const [near] = suggest(name, keys);
  if (near !== undefined) return refuse(`${what}, did you mean ${spell(near)}?`);
  if (shape.fields.length === 0) return refuse(`${what}, ${shape.type} has none`);
  const known = listed(
    keys.map((key) => `${before}${spellSegment(key)}`),
    ", ",
  );
  return refuse(`${what}, there are ${known}`);
}
