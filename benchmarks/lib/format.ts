/** Writes calls per second: `458 k`, `1.15 M`. */
export function formatRate(rate: number): string {
  if (rate >= 1e6) return `${(rate / 1e6).toFixed(2)} M`;
  if (rate >= 1e4) return `${(rate / 1e3).toFixed(0)} k`;
  return rate >= 1e3 ? `${(rate / 1e3).toFixed(1)} k` : rate.toFixed(0);
}

/** Writes a ratio: two digits behind the point, three when it is small, one when it is large. */
export function formatRatio(ratio: number): string {
  if (Number.isNaN(ratio)) return "–";
  return ratio.toFixed(ratio < 0.1 ? 3 : ratio < 10 ? 2 : 1);
}

/** Writes a number with as many digits as it is worth: `78`, `4.2`, `0.31`. */
export function formatNumber(value: number): string {
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

/** Writes bytes as MiB. */
export function formatMib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}

/** Writes a share as per cent. */
export function formatPercent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

/** Writes a Markdown table, its columns padded as the formatter pads them. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(3, title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

/** Writes a cell's name for people: `64 B, 1,024 in flight`. */
export function formatCell(cell: string): string {
  const [work = "", count = ""] = cell.split("/");
  const what = work.replace(/(\d)(\D)/, "$1 $2");
  return count === "1" ? `${what}, sequential` : `${what}, ${Number(count).toLocaleString("en")}`;
}
