import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The page that shows the last full run. */
export const PAGE = join(import.meta.dirname, "..", "..", "docs", "reference", "benchmarks.md");

const BEGIN = "<!-- benchmarks: begin, written by npm run bench -->";
const END = "<!-- benchmarks: end -->";

/** Puts a text between the markers of a page. @throws Error when a marker is missing. */
export function replaceBetweenMarkers(page: string, text: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin)
    throw new Error(`Cannot write the table: the page lacks "${BEGIN}" or "${END}" after it`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${text}\n\n${page.slice(end)}`;
}

/** Writes a report into a page. */
export function writePage(text: string, file: string = PAGE): void {
  writeFileSync(file, replaceBetweenMarkers(readFileSync(file, "utf8"), text));
}
