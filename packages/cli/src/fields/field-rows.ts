import { spellSegment } from "./flag-name.ts";
import { ROWS_DEPTH_MAX, ROWS_MAX } from "./limits.ts";
import { type MethodJsonSchema, type MethodOf, requestForm } from "./request-form.ts";
import type { Field, RecordShape, Shape } from "./shape.ts";

/** One flag of a method, for `--help`. */
export interface FieldRow {
  /** Such as `--place`, `--lines.N.sku` or `--labels.KEY`. */
  readonly flag: string;
  /** Such as `string`, `repeated int64`, `Line` or `red | green`. */
  readonly type: string;
  /** What else there is to say; may be empty. */
  readonly text: string;
}

/**
 * Lists the flags of a method in the contract's order, messages within messages down to the third level; at most 200. Empty where a
 * contract of schemas tells nothing of its request: then every flag is taken.
 */
export function fieldRows(of: MethodOf, schema?: MethodJsonSchema): readonly FieldRow[] {
  const { shape } = requestForm(of, schema);
  const rows: FieldRow[] = [];
  if (shape.kind === "record") addRows(shape, { before: "--", above: [], rows });
  return rows.slice(0, ROWS_MAX);
}

interface Level {
  /** Such as `--order.`. */
  readonly before: string;
  /** Records that this one is in: one that holds itself is listed once. */
  readonly above: readonly RecordShape[];
  readonly rows: FieldRow[];
}

function addRows(record: RecordShape, { before, above, rows }: Level): void {
  for (const field of record.fields) {
    if (rows.length >= ROWS_MAX) return;
    const flag = `${before}${spellSegment(field.key)}`;
    const { shape } = field;
    rows.push({ flag: shape.kind === "map" ? `${flag}.KEY` : flag, type: shape.type, text: textOf(field) });
    const { inner, path } = innerOf(shape);
    const within = [...above, record];
    if (inner.kind === "record" && within.length < ROWS_DEPTH_MAX && !within.includes(inner)) {
      addRows(inner, { before: `${flag}${path}.`, above: within, rows });
    }
  }
}

function innerOf(shape: Shape): { inner: Shape; path: string } {
  if (shape.kind === "list") return { inner: shape.item, path: ".N" };
  if (shape.kind === "map") return { inner: shape.value, path: ".KEY" };
  return { inner: shape, path: "" };
}

function textOf({ note, choice, shape }: Field): string {
  const { inner } = innerOf(shape);
  const notes = [
    note,
    choice === undefined ? "" : `one of ${choice.name}: ${choice.keys.join(", ")}`,
    inner.kind === "leaf" ? inner.note : "",
  ];
  return notes.filter((text) => text !== "").join("; ");
}
