import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const REFERENCE = join(import.meta.dirname, "..", "..", "docs", "reference");

/** The page that shows the last full run of `npm run bench`. */
export const PAGE = join(REFERENCE, "benchmarks.md");

/** The same of `npm run bench:sim`. */
export const SIM_PAGE = join(REFERENCE, "sim-benchmarks.md");

/** The same of `npm run bench:discovery`. */
export const DISCOVERY_PAGE = join(REFERENCE, "discovery.md");

/** The same of `npm run bench:elasticity`. */
export const ELASTICITY_PAGE = join(REFERENCE, "elasticity.md");

/** The same of `npm run bench:registry`. */
export const REGISTRY_PAGE = join(REFERENCE, "registry.md");

/** The same of `npm run bench:web`. */
export const WEB_PAGE = join(REFERENCE, "web.md");

/** The same of `npm run bench:mechtron`. */
export const MECHTRON_PAGE = join(REFERENCE, "mechtrons.md");

/** The same of `npm run bench:hosting`. */
export const HOSTING_PAGE = join(REFERENCE, "hosting.md");

/** The same of `npm run bench:market`. */
export const MARKET_PAGE = join(REFERENCE, "market.md");

/** Behind it the marker says by which command the text is written. */
const BEGIN = "<!-- benchmarks: begin, written by npm run bench";
const BEGIN_END = " -->";
const END = "<!-- benchmarks: end -->";

/** Puts a text between the markers of a page. @throws Error when a marker is missing. */
export function replaceBetweenMarkers(page: string, text: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin)
    throw new Error(`Cannot write the table: the page lacks "${BEGIN}${BEGIN_END}" or "${END}" after it`);
  return `${page.slice(0, page.indexOf(BEGIN_END, begin) + BEGIN_END.length)}\n\n${text}\n\n${page.slice(end)}`;
}

/** Writes a report into a page. */
export function writePage(text: string, file: string = PAGE): void {
  writeFileSync(file, replaceBetweenMarkers(readFileSync(file, "utf8"), text));
}
