/** A row of a terminal: one entry for each column; a wide character is followed by an empty entry. */
export type Cells = string[];

/** Makes a row of blanks. */
export function blankCells(width: number): Cells {
  return Array.from({ length: width }, () => " ");
}

/** Cuts a text into what fills one column each; what has no width joins the one before. */
export function cellsOf(text: string): Cells {
  const cells: Cells = [];
  for (const unit of text) {
    if (/\p{M}|\p{Cf}/u.test(unit)) cells.push((cells.pop() ?? "") + unit);
    else if (/\p{Cc}/u.test(unit)) cells.push(" ");
    else if (isWide(unit)) cells.push(unit, "");
    else cells.push(unit);
  }
  return cells;
}

/** Writes a text into a row from a column on, as much as there is room for before `end`; what is cut off ends with an ellipsis. */
export function putText(row: Cells, at: number, text: string, end: number = row.length): void {
  const cells = cellsOf(text);
  const room = Math.min(end, row.length) - at;
  if (room <= 0) return;
  const shown = cells.length <= room ? cells : [...cells.slice(0, room - 1), "…"];
  if (shown.at(-2) !== undefined && cells.length > room && cells[room - 1] === "") shown[room - 2] = " "; // Half of a wide one.
  for (const [index, cell] of shown.entries()) row[at + index] = cell;
}

/** Columns that a text takes. */
export function widthOf(text: string): number {
  return cellsOf(text).length;
}

/** East Asian wide characters and pictures, as terminals show them. */
function isWide(unit: string): boolean {
  const code = unit.codePointAt(0) ?? 0;
  if (code < 0x1100) return false;
  return (
    /\p{Emoji_Presentation}|\p{scx=Han}|\p{scx=Hangul}|\p{scx=Hira}|\p{scx=Kana}/u.test(unit) ||
    (code >= 0xff01 && code <= 0xff60)
  );
}
