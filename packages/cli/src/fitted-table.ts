/** A state that a cell tells by its colour. */
export type Mood = "good" | "bad" | "busy";

/** A column of a table that is made to fit a screen. */
export interface FittedColumn<Row> {
  readonly heading: string;
  readonly text: (row: Row) => string;
  /** Numbers stand at the right. */
  readonly right?: true;
  /** Where a screen is too narrow, the column with the largest goes first; one with 0 stays. */
  readonly dropped: number;
  readonly mood?: (row: Row) => Mood | undefined;
}

/** The screen that a table is made to fit. */
export interface FittedOptions {
  readonly columns: number;
  /** Puts text in a colour that tells a state. */
  readonly paint: (state: Mood, text: string) => string;
}

/** Lays out rows below their headings, no line wider than the screen: columns are left out, then names are cut. */
export function fittedTable<Row>(
  rows: readonly Row[],
  table: readonly FittedColumn<Row>[],
  { columns, paint }: FittedOptions,
): readonly string[] {
  const sized = table.map((column) => {
    const texts = rows.map(column.text);
    return { column, texts, width: Math.max(column.heading.length, ...texts.map((text) => text.length)) };
  });
  const total = (list: typeof sized) => list.reduce((sum, { width }) => sum + width + 2, -2);
  let shown = sized;
  while (total(shown) > columns) {
    const least = Math.max(...shown.map(({ column }) => column.dropped));
    if (least === 0) break;
    shown = shown.filter(({ column }) => column.dropped !== least);
  }
  const fitted = narrowed(shown, columns);
  const line = (read: (at: (typeof fitted)[number]) => string) => fitted.map(read).join("  ").trimEnd();
  const heading = line(({ column, width }) => pad(column.heading, width, column.right));
  const body = rows.map((row, at) =>
    line(({ column, texts, width }) => {
      const text = pad(texts[at] ?? "", width, column.right);
      const mood = column.mood?.(row);
      return mood === undefined ? text : paint(mood, text);
    }),
  );
  return [heading, ...body];
}

/** Cuts a text that is too wide; what was cut shows as `~`. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}~`;
}

/** Where even the columns that must stay are too wide, names are cut. */
function narrowed<Column extends { readonly column: { readonly right?: true }; readonly width: number }>(
  shown: readonly Column[],
  columns: number,
): readonly Column[] {
  const over = shown.reduce((sum, { width }) => sum + width + 2, -2) - columns;
  if (over <= 0) return shown;
  const names = shown.filter(({ column }) => column.right === undefined);
  const room = names.reduce((sum, { width }) => sum + width, 0) - over;
  const each = Math.max(NAME_LEAST, Math.floor(room / names.length));
  return shown.map((one) => (one.column.right === undefined ? { ...one, width: Math.min(one.width, each) } : one));
}

/** Columns that a name has at least, on the narrowest screen. */
const NAME_LEAST = 4;

function pad(text: string, width: number, right: true | undefined): string {
  const short = cut(text, width);
  return right === true ? short.padStart(width) : short.padEnd(width);
}
