/** Lays out rows in columns, two blanks apart, without blanks at a line's end. A heading is just the first row. */
export function table(rows: readonly (readonly string[])[], indent = 0): readonly string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ""))),
  );
  return rows.map((row) => {
    const cells = row.map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - widthOf(cell)));
    return (" ".repeat(indent) + cells.join("  ")).trimEnd();
  });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a colour begins with one, and takes no room.
const COLOUR = /\u001b\[\d+m/g;

function widthOf(cell: string): number {
  return cell.replace(COLOUR, "").length;
}
